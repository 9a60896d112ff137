/** Something that both sides have, or one of them; null is "nothing". */
export interface Compared {
  /** What it is called: `name`, or the way to it, as in `inputs[0].columns.z`. */
  readonly field: string
  readonly left: unknown
  readonly right: unknown
  readonly same: boolean
}

export const compared = (field: string, left: unknown, right: unknown): Compared => ({
  field,
  left: left ?? null,
  right: right ?? null,
  same: isSame(left ?? null, right ?? null),
})

/** The same members with the same values, whatever their order. */
export const isSame = (a: unknown, b: unknown): boolean => a === b || canonical(a) === canonical(b)

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) => (isRecord(each) ? Object.fromEntries(sorted(each)) : each)) ?? 'undefined'

const sorted = (record: Readonly<Record<string, unknown>>): [string, unknown][] =>
  Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1))

/** Two trees of JSON, leaf by leaf, in the order of the left one; what only the right one has comes last. */
export function comparedTrees(left: unknown, right: unknown): Compared[] {
  const [before, after] = [new Map(leaves('', left)), new Map(leaves('', right))]
  const ways = new Set([...before.keys(), ...after.keys()])
  return [...ways].map((way) => compared(way, before.get(way), after.get(way)))
}

function* leaves(way: string, value: unknown): Generator<[string, unknown]> {
  if (isRecord(value) && Object.keys(value).length > 0) {
    for (const [name, member] of Object.entries(value)) yield* leaves(way === '' ? name : `${way}.${name}`, member)
  } else if (Array.isArray(value) && value.some((each) => typeof each === 'object' && each !== null)) {
    for (const [place, member] of value.entries()) yield* leaves(`${way}[${place}]`, member)
  } else if (way !== '') yield [way, value]
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Members of both sides by a key, in the order of the left one; of several with one key, the first goes with the first. */
export function pairs<Item>(
  left: readonly Item[],
  right: readonly Item[],
  keyOf: (item: Item) => string,
): { readonly left: Item | null; readonly right: Item | null }[] {
  const others = new Map<string, Item[]>()
  for (const item of right) {
    const key = keyOf(item)
    const same = others.get(key)
    if (same === undefined) others.set(key, [item])
    else same.push(item)
  }
  const matched = left.map((item) => ({ left: item, right: others.get(keyOf(item))?.shift() ?? null }))
  return [...matched, ...[...others.values()].flat().map((item) => ({ left: null, right: item }))]
}
