import { invalidField } from './error.ts'

/** A place in the history: a time, or a position in the log (20 digits). */
export type Moment =
  | { readonly kind: 'time'; readonly at: string }
  | { readonly kind: 'position'; readonly position: string }

const ISO = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/

/**
 * Reads `as_of`: an ISO 8601 time (UTC when no zone is given), a date (the end of that day, UTC), or a position in the log (not
 * of four digits without zeros before it, which are taken for a year).
 * @throws DomainError `invalid` when it is none of these, or lies in the future.
 */
export function parseMoment(text: string, now: Date): Moment {
  if (/^(\d{1,3}|\d{5,20})$/.test(text)) return { kind: 'position', position: text.padStart(20, '0') }
  const match = ISO.exec(text.trim())
  if (match === null) {
    throw invalidField(
      'as_of',
      `"${text.slice(0, 64)}" is not a time like 2026-03-14T09:58:00Z, a date, or a position in the log.`,
    )
  }
  const [, date, time, zone] = match
  // A "+" in a query string arrives as a space unless it was escaped; the pattern above takes "Z" and offsets only.
  const at = new Date(time === undefined ? `${date}T23:59:59.999Z` : `${date}T${time}${zone ?? 'Z'}`)
  // JavaScript takes 30 February for 2 March.
  const day = new Date(`${date}T00:00:00Z`)
  if (Number.isNaN(at.getTime()) || Number.isNaN(day.getTime()) || !day.toISOString().startsWith(`${date}T`)) {
    throw invalidField('as_of', `"${text}" is not a time of the calendar.`)
  }
  if (time !== undefined && at.getTime() > now.getTime() + 1000)
    throw invalidField('as_of', 'That time lies in the future.')
  if (time === undefined && day > now) {
    throw invalidField('as_of', 'That day lies in the future.')
  }
  return { kind: 'time', at: at.toISOString() }
}

/** Whether something recorded then had happened by the moment. Times are compared as ISO 8601 UTC strings. */
export const happenedBy = (moment: Moment, recorded: { readonly at: string; readonly position: string }): boolean =>
  moment.kind === 'time' ? recorded.at <= moment.at : recorded.position <= moment.position
