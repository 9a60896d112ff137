import { types as pglite } from '@electric-sql/pglite'
import { UnstorableText } from './errors.ts'

/**
 * How values cross the border, the same for both drivers. Out: `int8` and `numeric` as strings, `json` parsed, `bytea` as
 * Uint8Array, `timestamptz` as `2026-11-22T12:44:51.130Z` (cut to milliseconds), `timestamp` the same without `Z`,
 * `date`, `time` and `interval` as PostgreSQL writes them. In: what JavaScript has; for a `json` parameter a string is
 * taken as JSON text and anything else is serialised.
 */
const OID = {
  bool: [16, 1000],
  bytea: [17, 1001],
  name: [19, 1003],
  int8: [20, 1016],
  int2: [21, 1005],
  int4: [23, 1007],
  text: [25, 1009],
  oid: [26, 1028],
  json: [114, 199],
  float4: [700, 1021],
  float8: [701, 1022],
  varchar: [1043, 1015],
  date: [1082, 1182],
  time: [1083, 1183],
  timestamp: [1114, 1115],
  timestamptz: [1184, 1185],
  interval: [1186, 1187],
  numeric: [1700, 1231],
  uuid: [2950, 2951],
  jsonb: [3802, 3807],
} as const satisfies Record<string, readonly [type: number, array: number]>

type TypeName = keyof typeof OID

const unchanged = (text: string): string => text

/** `2026-11-22 12:44:51.13+00` as ISO 8601 with milliseconds. `infinity` and years outside 0001-9999 stay as they are. */
function isoTimestamp(text: string): string {
  const parts = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?(\+00)?$/.exec(text)
  if (!parts) return text
  const [, day, time, fraction = '', utc] = parts
  return `${day}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}${utc ? 'Z' : ''}`
}

const parse: Record<TypeName, (text: string) => unknown> = {
  bool: (text) => text === 't',
  bytea: (text) => Uint8Array.from(Buffer.from(text.slice(2), 'hex')),
  name: unchanged,
  int8: unchanged,
  int2: Number,
  int4: Number,
  text: unchanged,
  oid: Number,
  json: (text) => JSON.parse(text),
  float4: Number,
  float8: Number,
  varchar: unchanged,
  date: unchanged,
  time: unchanged,
  timestamp: isoTimestamp,
  timestamptz: isoTimestamp,
  interval: unchanged,
  numeric: unchanged,
  uuid: unchanged,
  jsonb: (text) => JSON.parse(text),
}

function encodeText(value: unknown): string {
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

const encodeJson = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const serialize = (name: TypeName): ((value: unknown) => string) =>
  name === 'json' || name === 'jsonb' ? encodeJson : encodeText

type Codec<F> = Record<number, F>

/** Parsers by type id, of elements; arrays are parsed by `arrayParsers`. */
export const parsers: Codec<(text: string) => unknown> = {}
export const serializers: Codec<(value: unknown) => string> = {}
export const arrayParsers: Codec<(text: string) => unknown> = {}
export const arraySerializers: Codec<(value: unknown) => string> = {}

for (const [name, [type, array]] of Object.entries(OID) as [TypeName, readonly [number, number]][]) {
  const toText = serialize(name)
  parsers[type] = parse[name]
  serializers[type] = toText
  arrayParsers[array] = (text) => pglite.arrayParser(text, parse[name], array)
  arraySerializers[array] = (value) =>
    Array.isArray(value) ? pglite.arraySerializer(value, toText, array) : encodeText(value)
}

const isJsonType = (type: number): boolean => type === OID.json[0] || type === OID.jsonb[0]

/**
 * Drizzle parses a `json` column once more when it sees a string. So in its rows a JSON string is put back into JSON text.
 */
export function forDrizzle(rows: unknown[][], columnTypes: readonly number[]): unknown[][] {
  const json = columnTypes.flatMap((type, index) => (isJsonType(type) ? [index] : []))
  if (json.length > 0)
    for (const row of rows)
      for (const index of json) if (typeof row[index] === 'string') row[index] = JSON.stringify(row[index])
  return rows
}

function refuseZero(value: unknown, place: number): void {
  if (typeof value === 'string' && value.includes('\0'))
    throw new UnstorableText(`Parameter $${place} contains the character U+0000, which the database cannot store`)
  if (Array.isArray(value)) for (const item of value) refuseZero(item, place)
}

/** Parameters as both drivers take them. @throws UnstorableText, TypeError for undefined. */
export function checkedParameters(parameters: readonly unknown[]): unknown[] {
  return parameters.map((value, index) => {
    if (value === undefined) throw new TypeError(`Parameter $${index + 1} is undefined; pass null to store nothing`)
    refuseZero(value, index + 1)
    return value
  })
}
