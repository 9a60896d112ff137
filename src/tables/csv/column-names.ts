/**
 * Names that are there and differ: an unnamed first column becomes `index`, any other `column_<n>`; the second `ra`
 * becomes `ra_2`. Each change is noted.
 */
export function tidyNames(names: readonly string[]): { names: string[]; notes: string[] } {
  const taken = new Set(names)
  const used = new Set<string>()
  const notes: string[] = []
  const tidy = names.map((name, position) => {
    if (name === '') {
      const given = free(position === 0 ? 'index' : `column_${position + 1}`, (n) => taken.has(n) || used.has(n))
      notes.push(`Column ${position + 1} has no name in the file; it is named ${given}.`)
      used.add(given)
      return given
    }
    if (!used.has(name)) {
      used.add(name)
      return name
    }
    const given = free(name, (n) => taken.has(n) || used.has(n))
    notes.push(`Two columns are named ${name}; the one at position ${position + 1} is named ${given}.`)
    used.add(given)
    return given
  })
  return {
    names: tidy,
    notes: notes.length > 20 ? [...notes.slice(0, 20), `… and ${notes.length - 20} more names.`] : notes,
  }
}

function free(name: string, isTaken: (name: string) => boolean): string {
  if (!isTaken(name)) return name
  for (let n = 2; ; n++) if (!isTaken(`${name}_${n}`)) return `${name}_${n}`
}
