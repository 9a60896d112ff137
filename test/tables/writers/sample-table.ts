import { Texts } from '../../../src/tables/texts.ts'
import type { OutputColumn, OutputTable } from '../../../src/tables/writers/output-table.ts'

const ROWS = 5
const nulls = (...rows: number[]) => Uint8Array.from({ length: ROWS }, (_, row) => Number(rows.includes(row)))

/** A column of each type, with nulls, extremes and texts that need care. */
export const SAMPLE_COLUMNS: readonly OutputColumn[] = [
  {
    name: 'objectId',
    type: 'int64',
    values: BigInt64Array.of(2305843019946942123n, -9223372036854775808n, 9223372036854775807n, 0n, -1n),
    ucd: 'meta.id;meta.main',
    description: 'Unique identifier, beyond 2^53 <&">',
  },
  {
    name: 'ra',
    type: 'float64',
    values: Float64Array.of(0.1, 359.99999999999994, 1e-7, -0, Number.NaN),
    unit: 'deg',
    ucd: 'pos.eq.ra;meta.main',
  },
  {
    name: 'mag',
    type: 'float32',
    values: Float32Array.of(23.4567, Number.NaN, -99, 1e30, 16777217),
    unit: 'mag',
    nulls: nulls(2),
  },
  { name: 'name', type: 'string', values: ['NGC 224', null, 'a,b "c"', 'São <&> Ω', 'x'], description: 'A name' },
  { name: 'ascii', type: 'string', values: ['one', 'two', null, 'three four', 'line\nbreak'] },
  { name: 'flag', type: 'bool', values: Uint8Array.of(1, 0, 1, 0, 1) },
  { name: 'maybe', type: 'bool', values: Uint8Array.of(1, 0, 1, 0, 1), nulls: nulls(0, 3) },
  { name: 'tie_result', type: 'int8', values: Int8Array.of(-128, 127, 0, 1, 2) },
  { name: 'i16', type: 'int16', values: Int16Array.of(-32768, 32767, 0, 1, 2), nulls: nulls(2) },
  { name: 'i32', type: 'int32', values: Int32Array.of(-2147483648, 2147483647, 7, 1, 2), nulls: nulls(4) },
  { name: 'u8', type: 'uint8', values: Uint8Array.of(0, 255, 7, 1, 2), nulls: nulls(4) },
  { name: 'u16', type: 'uint16', values: Uint16Array.of(0, 65535, 7, 1, 2) },
  { name: 'u32', type: 'uint32', values: Uint32Array.of(0, 4294967295, 7, 1, 2) },
  { name: 'u64', type: 'uint64', values: BigUint64Array.of(0n, 18446744073709551615n, 7n, 1n, 2n) },
  { name: 'bigOrNull', type: 'int64', values: BigInt64Array.of(2305843019946942123n, 5n, 3n, 4n, 6n), nulls: nulls(1) },
  {
    name: 'smallOrNull',
    type: 'int64',
    values: BigInt64Array.of(-(2n ** 53n), 5n, 2n ** 53n, 4n, 6n),
    nulls: nulls(1),
  },
  { name: 'u16OrNull', type: 'uint16', values: Uint16Array.of(0, 65535, 7, 1, 2), nulls: nulls(3) },
  { name: 'u32OrNull', type: 'uint32', values: Uint32Array.of(0, 4294967295, 7, 1, 2), nulls: nulls(3) },
  { name: 'u64OrNull', type: 'uint64', values: BigUint64Array.of(0n, 2n ** 53n - 1n, 7n, 1n, 2n), nulls: nulls(3) },
  { name: 'hashOrNull', type: 'uint64', values: BigUint64Array.of(0n, 2n ** 64n - 1n, 7n, 1n, 2n), nulls: nulls(3) },
  { name: 'nothing', type: 'float64', values: new Float64Array(ROWS).fill(Number.NaN), description: 'Always empty' },
]

export const SAMPLE_TABLE: OutputTable = {
  rows: ROWS,
  columns: SAMPLE_COLUMNS,
  metadata: {
    title: 'A sample',
    description: 'All kinds of columns, é included',
    dataOrigin: { publisher: 'LIneA', citation: `doi:10.5281/zenodo.1234567 ${'and a long reference '.repeat(6)}` },
  },
}

/** What a column holds: null for NaN and for nulls, text for 64-bit integers. */
export function cellsOf({ type, values, nulls: mask }: OutputColumn): unknown[] {
  if ('offsets' in values || values instanceof Texts) throw new Error('Not of this sample.')
  return [...values].map((value: string | number | bigint | null, row) => {
    if (mask?.[row] || (typeof value === 'number' && Number.isNaN(value))) return null
    if (typeof value === 'bigint') return value.toString()
    return type === 'bool' ? value === 1 : value
  })
}
