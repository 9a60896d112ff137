/** How values are written on the pages: the one place. Everything here is pure, in English, and in UTC. */

export const DASH = '—'
const THIN = '\u202f' // narrow no-break space between a number and its unit

const integers = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 })
const dates = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
const days = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' })
const moments = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
  timeZone: 'UTC',
})

/** A number of things: `14302` becomes `14,302`; null becomes an em dash. */
export const count = (value: number | null): string => (value === null ? DASH : integers.format(value))

/** `3 rows`, `1 row`, `0 rows`. */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`

/** A size in bytes, in decimal units as disks and the upload limit are: `2.1 MB`. */
export function bytes(value: number | null): string {
  if (value === null) return DASH
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']
  let size = value
  let unit = 0
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000
    unit += 1
  }
  const digits = unit === 0 || size >= 99.5 ? 0 : 1
  return `${size.toFixed(digits)}${THIN}${units[unit]}`
}

/**
 * A measured number, shortened to `digits` significant ones (6 unless told): plain between 1e-4 and 1e7, else in powers
 * of ten. Integers are never shortened.
 */
export function number(value: number | null, digits = 6): string {
  if (value === null || Number.isNaN(value)) return DASH
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-∞'
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value)
  const size = Math.abs(value)
  const text = size >= 1e-4 && size < 1e7 ? trimmed(value.toPrecision(digits)) : value.toExponential(digits - 2)
  return text.includes('e') ? text.replace(/\.?0+e/, 'e').replace('e+', 'e') : text
}

/** A share between 0 and 1: `93 %`, `0.4 %`, `< 0.1 %`. */
export function share(value: number | null): string {
  if (value === null || Number.isNaN(value)) return DASH
  const percent = value * 100
  if (percent > 0 && percent < 0.1) return `<${THIN}0.1${THIN}%`
  if (percent > 99.9 && percent < 100) return `>${THIN}99.9${THIN}%`
  return `${percent < 10 && percent !== 0 ? trimmed(percent.toFixed(1)) : percent.toFixed(0)}${THIN}%`
}

/** `14 March 2026`, from an ISO timestamp; what is not a timestamp is shown as it is. */
export const date = (iso: string | null): string => formatted(iso, (value) => dates.format(value))

/** `14 Mar 2026`, where there is little room. */
export const day = (iso: string | null): string => formatted(iso, (value) => days.format(value))

/** `14 Mar 2026, 10:02` in UTC. */
export const moment = (iso: string | null): string => formatted(iso, (value) => moments.format(value))

/** `14 Mar 2026, 10:02 UTC`: where nothing around it names the zone. */
export const instant = (iso: string | null): string => formatted(iso, (value) => `${moments.format(value)} UTC`)

/** `10:02:31` in UTC: for logs of one day. */
export const clock = (iso: string | null): string => formatted(iso, (value) => value.toISOString().slice(11, 19))

/** A duration: `840 ms`, `12.4 s`, `3 min 05 s`, `2 h 10 min`, `4 d 3 h`. @param milliseconds its length */
export function duration(milliseconds: number | null): string {
  if (milliseconds === null) return DASH
  if (milliseconds < 1000) return `${Math.round(milliseconds)}${THIN}ms`
  const seconds = milliseconds / 1000
  if (seconds < 59.95) return `${trimmed(seconds.toFixed(1))}${THIN}s`
  const whole = Math.round(seconds)
  const two = (value: number) => String(value).padStart(2, '0')
  if (whole < 3600) return `${Math.floor(whole / 60)}${THIN}min ${two(whole % 60)}${THIN}s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 1440) return `${Math.floor(minutes / 60)}${THIN}h ${two(minutes % 60)}${THIN}min`
  return `${Math.floor(minutes / 1440)}${THIN}d ${Math.floor((minutes % 1440) / 60)}${THIN}h`
}

/** How long ago, said roughly: `just now`, `3 min ago`, `2 days ago`. */
export function ago(iso: string | null, now: string): string {
  if (iso === null) return 'never'
  const minutes = Math.floor((Date.parse(now) - Date.parse(iso)) / 60_000)
  if (Number.isNaN(minutes)) return iso
  if (minutes < 1) return 'just now'
  if (minutes < 60) return `${minutes} min ago`
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ago`
  return `${counted(Math.floor(minutes / 1440), 'day')} ago`
}

/** A SHA-256 for the eye: its first and last characters. The whole one belongs in the markup beside it. */
export const digest = (sha256: string): string =>
  sha256.length > 16 ? `${sha256.slice(0, 8)}…${sha256.slice(-4)}` : sha256

/** Cuts a long text at a word, with an ellipsis. @param length most characters */
export function excerpt(text: string, length: number): string {
  if (text.length <= length) return text
  const cut = text.slice(0, length - 1)
  const space = cut.lastIndexOf(' ')
  return `${cut.slice(0, space > length / 2 ? space : length - 1).trimEnd()}…`
}

/** The cell of a table, as JSON shows it. Null is an em dash; 64-bit integers stay the exact decimal strings they are. */
export function cell(value: unknown): string {
  if (value === null || value === undefined) return DASH
  if (typeof value === 'number') return cellNumber(value)
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  return JSON.stringify(value)
}

/** A cell's number keeps its digits (it is data, and is copied from here); only binary noise beyond 10 digits goes. */
const cellNumber = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(10)))

function formatted(iso: string | null, write: (value: Date) => string): string {
  if (iso === null) return DASH
  const value = new Date(iso)
  return Number.isNaN(value.getTime()) ? iso : write(value)
}

const trimmed = (text: string): string =>
  text.includes('.') && !text.includes('e') ? text.replace(/\.?0+$/, '') : text

/** A number as an axis has it: with a true minus sign. Not for data, which people copy. */
export const tick = (value: number): string => number(Number(value.toPrecision(10))).replace(/^-/, '−')
