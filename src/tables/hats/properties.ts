/**
 * Reads a `.properties` file as Java does (java.util.Properties.load): `#` and `!` begin comments, a key ends at `=`, `:` or a
 * space, a backslash escapes the next character (`T18\:47`), makes `\u00e9`, or joins lines. A repeated key counts as
 * its last.
 */
export function parseProperties(text: string): Map<string, string> {
  const found = new Map<string, string>()
  const lines = text.split(/\r\n|\r|\n/)
  for (let i = 0; i < lines.length; i++) {
    let line = lines[i]!.replace(/^[ \t\f]+/, '')
    if (line === '' || line.startsWith('#') || line.startsWith('!')) continue
    while (/(?:^|[^\\])(?:\\\\)*\\$/.test(line) && i + 1 < lines.length) {
      line = line.slice(0, -1) + lines[++i]!.replace(/^[ \t\f]+/, '')
    }
    const [, key = '', value = ''] = /^((?:\\.|[^\\=: \t\f])*)[ \t\f]*[=:]?[ \t\f]*(.*)$/su.exec(line) ?? []
    if (key !== '') found.set(unescaped(key), unescaped(value).trimEnd())
  }
  return found
}

const LETTERS: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }

function unescaped(text: string): string {
  return text.replace(/\\(?:u([\da-fA-F]{4})|(.)|$)/gsu, (_, hex?: string, character?: string) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
    return character === undefined ? '' : (LETTERS[character] ?? character)
  })
}

/** Writes properties in the order given. HATS readers take `=` in values as it is; line ends are escaped. */
export function formatProperties(comment: string, properties: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries(properties).map(([key, value]) => `${key}=${escaped(String(value))}`)
  return `#${comment}\n${lines.join('\n')}\n`
}

function escaped(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/\r?\n|\r/g, '\\n')
}
