import type { NumericValues } from '../arrow-columns.ts'
import { type EncodedColumn, numbersOf } from './encoded.ts'
import type { ColumnFacts } from './facts.ts'
import { datasetHeader, groupHeader, type Hdf5Type, SUPERBLOCK_BYTES, superblock } from './hdf5-objects.ts'
import type { KnownTable } from './known-table.ts'
import type { OutputFile } from './output-file.ts'
import { type ColumnSpec, type TableMetadata, TableWriteError } from './output-table.ts'
import { boolTexts, integerTexts, packTexts } from './text-cells.ts'

/** Where a column lies in the file and how its values become bytes. */
interface Dataset {
  readonly name: string
  readonly type: Hdf5Type
  readonly header: number
  readonly data: number | null
  bytes(column: EncodedColumn): Uint8Array
}

/**
 * Writes one dataset per column, as `tables_io` and RAIL read them: numbers as they are (int8 as int16); integers with nulls as
 * float64, or, when they are too large to be exact there, as text; truth values as h5py has them, with nulls as texts (`true`,
 * `false`); texts as UTF-8 of fixed width; no value as NaN or an empty text. Units, UCDs and descriptions are attributes of the datasets.
 * @param group of the datasets, e.g. `photometry`; null for the root
 */
export async function writeHdf5(table: KnownTable, file: OutputFile, group: string | null = null): Promise<void> {
  for (const { name } of table.columns) checkName(name)
  if (group !== null) checkName(group)
  const { datasets, headers, end } = layOut(table, group)
  await file.append(headers)
  let start = 0
  for await (const chunk of table.chunks()) {
    for (const [i, dataset] of datasets.entries()) {
      if (dataset.data === null) continue
      await file.writeAt(dataset.bytes(chunk.columns[i]!), dataset.data + start * dataset.type.bytes)
    }
    start += chunk.rows
  }
  // The last dataset may end before the end that the superblock tells.
  const padding = datasets.at(-1)
  const written =
    padding === undefined || padding.data === null ? headers.length : padding.data + table.rows * padding.type.bytes
  await file.writeAt(new Uint8Array(end - written), written)
}

function checkName(name: string): void {
  const reason = name.includes('/') ? 'a slash separates groups' : name === '.' ? 'a point is the group itself' : null
  if (reason !== null)
    throw new TableWriteError('bad_table', `HDF5 cannot hold a column "${name}": ${reason}. Rename it.`)
}

/** Headers first, then the values of one column after the other; all begin at multiples of eight bytes. */
function layOut(
  table: KnownTable,
  group: string | null,
): { readonly datasets: Dataset[]; readonly headers: Uint8Array; readonly end: number } {
  const { rows, columns, metadata } = table
  const forms = columns.map((column, i) => ({ column, ...formOf(column, table.facts[i]!) }))
  const words = attributesOf(metadata)
  const members = (addresses: readonly number[]) => columns.map(({ name }, i) => ({ name, address: addresses[i]! }))
  // The size of a header does not depend on the addresses in it.
  const unknown = new Array<number>(columns.length).fill(0)
  const sizes = [
    ...(group === null ? [] : [groupHeader([{ name: group, address: 0 }], words).length]),
    groupHeader(members(unknown), group === null ? words : {}).length,
    ...forms.map(({ column, type }) => datasetHeader(type, rows, 0, wordsOf(column, type)).length),
  ]
  const addresses: number[] = []
  let at = SUPERBLOCK_BYTES
  for (const size of sizes) {
    addresses.push(at)
    at = aligned(at + size)
  }
  const headersEnd = at
  const first = group === null ? 1 : 2
  const datasets = forms.map(({ column, type, bytes }, i): Dataset => {
    const data = rows === 0 ? null : at
    at = aligned(at + rows * type.bytes)
    return { name: column.name, type, header: addresses[first + i]!, data, bytes }
  })
  const headers = new Uint8Array(headersEnd)
  headers.set(superblock(at, addresses[0]!))
  const table_ = groupHeader(members(datasets.map(({ header }) => header)), group === null ? words : {})
  headers.set(table_, addresses[first - 1]!)
  if (group !== null) headers.set(groupHeader([{ name: group, address: addresses[1]! }], words), addresses[0]!)
  datasets.forEach(({ type, header, data }, i) => {
    headers.set(datasetHeader(type, rows, data, wordsOf(columns[i]!, type)), header)
  })
  return { datasets, headers, end: at }
}

const aligned = (position: number) => Math.ceil(position / 8) * 8

function attributesOf({ title, description, dataOrigin }: TableMetadata): Record<string, string> {
  return { ...(title ? { title } : {}), ...(description ? { description } : {}), ...dataOrigin }
}

function wordsOf({ type, unit, ucd, description }: ColumnSpec, stored: Hdf5Type): Record<string, string> {
  return {
    ...(unit ? { unit } : {}),
    ...(ucd ? { ucd } : {}),
    ...(description ? { description } : {}),
    ...(stored.kind === 'text' && type !== 'string' ? { original_type: type } : {}),
  }
}

const INTEGERS = {
  int8: { bytes: 2, signed: true },
  uint8: { bytes: 1, signed: false },
  int16: { bytes: 2, signed: true },
  uint16: { bytes: 2, signed: false },
  int32: { bytes: 4, signed: true },
  uint32: { bytes: 4, signed: false },
  int64: { bytes: 8, signed: true },
  uint64: { bytes: 8, signed: false },
} as const

const EXACT = 2n ** 53n

type Form = Pick<Dataset, 'type' | 'bytes'>

function formOf({ type }: ColumnSpec, facts: ColumnFacts): Form {
  if (type === 'string') return textForm(facts.maxBytes, (column) => column)
  if (type === 'bool') {
    if (facts.hasNulls) return textForm(5, (column) => boolTexts(numbersOf(column)))
    return { type: { kind: 'truth', bytes: 1 }, bytes: (column) => truths(numbersOf(column).values) }
  }
  if (type === 'float64' || type === 'float32') {
    return {
      type: { kind: 'float', bytes: type === 'float64' ? 8 : 4 },
      bytes: (column) => bytesOf(numbersOf(column).values),
    }
  }
  if (!facts.hasNulls) return integerForm(type)
  const [low, high] = facts.range ?? [0n, 0n]
  if (low >= -EXACT && high <= EXACT) return { type: { kind: 'float', bytes: 8 }, bytes: floatsWithNaN }
  const width = Math.max(String(low).length, String(high).length)
  return textForm(width, (column) => integerTexts(numbersOf(column)))
}

function integerForm(type: keyof typeof INTEGERS): Form {
  return {
    type: { kind: 'integer', ...INTEGERS[type] },
    bytes(column) {
      const { values } = numbersOf(column)
      return bytesOf(values instanceof Int8Array ? Int16Array.from(values) : values)
    },
  }
}

function textForm(maxBytes: number, textsOf: (column: EncodedColumn) => EncodedColumn): Form {
  const width = Math.max(1, maxBytes)
  return {
    type: { kind: 'text', bytes: width },
    bytes(column) {
      const texts = textsOf(column)
      const rows = 'offsets' in texts ? texts.offsets.length - 1 : texts.values.length
      const bytes = new Uint8Array(rows * width)
      packTexts(texts, width)(bytes, 0, width)
      return bytes
    },
  }
}

function floatsWithNaN(column: EncodedColumn): Uint8Array {
  const { values, nulls } = numbersOf(column)
  const floats = new Float64Array(values.length)
  for (let row = 0; row < floats.length; row++)
    floats[row] = nulls !== null && nulls[row] !== 0 ? Number.NaN : Number(values[row])
  return bytesOf(floats)
}

function truths(values: NumericValues): Uint8Array {
  return Uint8Array.from(values, (value: number | bigint) => Number(Boolean(value)))
}

/** The bytes of numbers. The machine is little-endian, as HDF5 files of ours are. */
function bytesOf(values: NumericValues): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}
