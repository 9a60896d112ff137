/** Where a page is: its path and its query. Filters, sorting, page and tab live here, so Back and sharing work. */
export interface Place {
  readonly path: string
  /** Without the question mark. */
  readonly query: string
}

type Change = string | number | readonly string[] | null

/** The address of the same page with some of its query changed: null or '' drops a parameter, a list repeats it. */
export function hrefAt(place: Place, changes: Readonly<Record<string, Change>>): string {
  const query = new URLSearchParams(place.query)
  for (const [name, value] of Object.entries(changes)) {
    query.delete(name)
    for (const one of typeof value === 'object' ? (value ?? []) : [value]) {
      if (one !== '') query.append(name, String(one))
    }
  }
  const text = query.toString()
  return text === '' ? place.path : `${place.path}?${text}`
}

/** The address with `value` added to, or taken from, a parameter that may repeat; it begins at the first page again. */
export function toggledHref(place: Place, name: string, value: string): string {
  const values = new URLSearchParams(place.query).getAll(name)
  const next = values.includes(value) ? values.filter((one) => one !== value) : [...values, value]
  return hrefAt(place, { [name]: next, page: null })
}

/** The address that sorts by `key`: ascending first, descending when it is so already (`ordering=-key`). */
export function sortHref(place: Place, key: string, ordering: string): string {
  return hrefAt(place, { ordering: ordering === key ? `-${key}` : key, page: null })
}

/** What a form that repeats the page's query must carry in hidden fields, without the parameters that it sets itself. */
export function carried(place: Place, except: readonly string[]): readonly (readonly [string, string])[] {
  return [...new URLSearchParams(place.query)].filter(([name]) => !except.includes(name))
}
