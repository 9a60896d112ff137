import type { TObject, TSchema } from '@sinclair/typebox'

/** Parameters of lists that narrow nothing. */
const NO_FILTERS: ReadonlySet<string> = new Set(['page', 'page_size', 'ordering', 'search', 'as_of'])

/** The parameters by which a list is narrowed; none of what is no list. */
export const filtersOf = ({ properties }: TObject): [string, TSchema][] =>
  properties.page === undefined ? [] : Object.entries(properties).filter(([name]) => !NO_FILTERS.has(name))

/** A query as it is checked: an empty filter is none, as in the reference server. */
export function givenIn(schema: TObject, query: ReadonlyMap<string, string>): Record<string, string> {
  const given = new Map(query)
  for (const [name] of filtersOf(schema)) if (given.get(name) === '') given.delete(name)
  return Object.fromEntries(given)
}
