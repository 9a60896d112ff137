import type { Data, RecordBatch } from 'apache-arrow'
import type { NumericValues } from '../../tables/arrow-columns.ts'
import { isValid, textAt } from '../../tables/cell.ts'
import type { ColumnDescription, ColumnType } from '../../tables/table.ts'
import { type Column, floatColumn, textColumn } from '../combine/columns.ts'
import type { Matches } from './candidates.ts'
import type { ObjectPart } from './object-source.ts'

/** Rows of an object catalog in any order, each by its part and its row there; a row may come again. */
export type Places = Pick<Matches, 'part' | 'row'>

/**
 * Reads columns of some rows and of no others: each part that has any is read once, batch by batch.
 * @returns the columns by name, one value for each place
 * @throws TableError; the signal's reason when aborted
 */
export async function gatherColumns(
  places: Places,
  parts: readonly ObjectPart[],
  columns: readonly ColumnDescription[],
  control: { readonly signal?: AbortSignal; readonly onProgress?: (part: number) => void },
): Promise<ReadonlyMap<string, Column>> {
  const total = places.row.length
  const gathered = columns.map((column) => new GatheredColumn(column.type, total))
  const names = columns.map(({ name }) => name)
  if (names.length === 0) return new Map()
  // Places by part and row, so that they come up as the part is read.
  const order = Uint32Array.from({ length: total }, (_, i) => i)
  order.sort((a, b) => places.part[a]! - places.part[b]! || places.row[a]! - places.row[b]!)
  let next = 0
  for (const [number, part] of parts.entries()) {
    if (next === total || places.part[order[next]!] !== number) continue
    let firstRow = 0
    for await (const batch of part.batches(names)) {
      control.signal?.throwIfAborted()
      const end = firstRow + batch.numRows
      const from = next
      while (next < total && places.part[order[next]!] === number && places.row[order[next]!]! < end) next++
      if (next > from) takeBatch(batch, firstRow, order.subarray(from, next), places, gathered)
      firstRow = end
      if (next === total || places.part[order[next]!] !== number) break
    }
    control.onProgress?.(number + 1)
  }
  if (next < total) throw new RangeError(`${total - next} rows were not found again in the catalog.`)
  return new Map(names.map((name, i) => [name, gathered[i]!.column()]))
}

function takeBatch(
  batch: RecordBatch,
  firstRow: number,
  which: Uint32Array,
  places: Places,
  gathered: readonly GatheredColumn[],
): void {
  for (const [i, column] of gathered.entries()) {
    const data: Data = batch.data.children[i]!
    for (const place of which) column.take(data, places.row[place]! - firstRow, place)
  }
}

/** What holds the values of a type; the other types are text. */
const ARRAYS: Readonly<Partial<Record<ColumnType, new (length: number) => NumericValues>>> = {
  bool: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  float32: Float32Array,
  float64: Float64Array,
}

/** A column in the making, filled in any order. */
class GatheredColumn {
  private readonly numbers: NumericValues | null
  private readonly texts: (string | null)[]
  private nulls: Uint8Array | null = null

  constructor(
    private readonly type: ColumnType,
    private readonly rows: number,
  ) {
    const ArrayOf = ARRAYS[type]
    this.numbers = ArrayOf === undefined ? null : new ArrayOf(rows)
    this.texts = ArrayOf === undefined ? new Array<string | null>(rows).fill(null) : []
  }

  take(data: Data, row: number, to: number): void {
    const { numbers, type } = this
    if (!isValid(data, row)) {
      if (numbers instanceof Float64Array || numbers instanceof Float32Array) numbers[to] = Number.NaN
      else if (numbers !== null) {
        this.nulls ??= new Uint8Array(this.rows)
        this.nulls[to] = 1
      }
    } else if (numbers === null) {
      this.texts[to] = type === 'timestamp' ? new Date(Number(data.values[row])).toISOString() : textAt(data, row)
    } else if (type === 'bool') {
      const bit = data.offset + row
      numbers[to] = (data.values[bit >> 3] >> (bit & 7)) & 1
    } else numbers[to] = data.values[row]
  }

  column(): Column {
    const { numbers, nulls, type } = this
    if (numbers === null) return textColumn(this.texts)
    if (numbers instanceof Float64Array || numbers instanceof Float32Array) return floatColumn(numbers)
    if (type === 'bool' && numbers instanceof Uint8Array) return { kind: 'boolean', values: numbers, nulls }
    return { kind: 'integer', values: numbers, nulls }
  }
}
