/** Names joined as in a list: 'a', 'b'. */
export const quoted = (names: Iterable<string>): string => [...names].map((name) => `'${name}'`).join(', ')

/** The (at most three) names most like the given one: what a person may have meant. */
export function closestNames(name: string, names: Iterable<string>): string[] {
  const wanted = plain(name)
  return [...names]
    .map((candidate) => ({ candidate, likeness: likeness(wanted, plain(candidate)) }))
    .filter(({ likeness }) => likeness >= 0.5)
    .sort((a, b) => b.likeness - a.likeness || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 3)
    .map(({ candidate }) => candidate)
}

const plain = (name: string): string =>
  name
    .slice(0, 100)
    .toLowerCase()
    .replace(/[\s_-]/g, '')

/** 1 for equal names, down to 0: one minus the edit distance over the longer length. */
function likeness(a: string, b: string): number {
  if (a.length === 0 || b.length === 0) return 0
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      current.push(Math.min(substitution, previous[j]! + 1, current[j - 1]! + 1))
    }
    previous = current
  }
  return 1 - previous[b.length]! / Math.max(a.length, b.length)
}
