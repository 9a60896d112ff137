/** What of a period that a person typed cannot be understood, by field. */
export type PeriodErrors = Readonly<Partial<Record<'since' | 'until', string>>>

/** A span of whole days (UTC), both included, as ISO 8601 moments; what is not given has no limit. */
export interface Period {
  readonly since?: string
  readonly until?: string
}

/** Reads `since` and `until`, days like 2026-03-14, of a query. */
export function periodOf(query: ReadonlyMap<string, string>): {
  readonly period: Period
  readonly errors: PeriodErrors
} {
  const errors: { since?: string; until?: string } = {}
  const day = (name: 'since' | 'until', time: string): string | undefined => {
    const text = query.get(name)?.trim() ?? ''
    if (text === '') return undefined
    const moment = new Date(`${text}T${time}Z`)
    if (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(moment.getTime())) return moment.toISOString()
    errors[name] = `“${text.slice(0, 40)}” is not a day, like 2026-03-14.`
    return undefined
  }
  const since = day('since', '00:00:00.000')
  const until = day('until', '23:59:59.999')
  return { period: { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) }, errors }
}
