import { type EncodedChunk, type EncodedColumn, isTexts } from './encoded.ts'

/** What a writer must know of a whole column before its first row: how wide it is, and what can stand for "no value". */
export interface ColumnFacts {
  readonly hasNulls: boolean
  readonly allNull: boolean
  /** Texts: bytes of the longest in UTF-8. */
  readonly maxBytes: number
  /** Texts: only ASCII. */
  readonly ascii: boolean
  /** Integers: the smallest and the largest; null when there is none. */
  readonly range: readonly [low: bigint, high: bigint] | null
}

/** Collects the facts of a column, chunk by chunk. */
class ColumnSurvey {
  private values = 0
  private nulls = 0
  private maxBytes = 0
  private ascii = true
  private low: number | bigint | null = null
  private high: number | bigint | null = null

  add(column: EncodedColumn, rows: number): void {
    const nulls = isTexts(column)
      ? this.addTexts(column.offsets, column.bytes, column.nulls, rows)
      : this.addNumbers(column)
    this.nulls += nulls
    this.values += rows - nulls
  }

  facts(): ColumnFacts {
    const { nulls, values, maxBytes, ascii, low, high } = this
    const range = low === null || high === null ? null : ([BigInt(low), BigInt(high)] as const)
    return { hasNulls: nulls > 0, allNull: values === 0, maxBytes, ascii, range }
  }

  private addTexts(offsets: Int32Array, bytes: Uint8Array, mask: Uint8Array | null, rows: number): number {
    for (let row = 0; row < rows; row++) {
      const length = offsets[row + 1]! - offsets[row]!
      if (length > this.maxBytes) this.maxBytes = length
    }
    if (this.ascii) {
      for (let at = offsets[0]!; at < offsets[rows]!; at++) {
        if (bytes[at]! < 0x80) continue
        this.ascii = false
        break
      }
    }
    return countNulls(mask)
  }

  private addNumbers({ values, nulls }: Exclude<EncodedColumn, { offsets: unknown }>): number {
    if (values instanceof Float64Array || values instanceof Float32Array) {
      let missing = 0
      for (let row = 0; row < values.length; row++) if (Number.isNaN(values[row]!)) missing++
      return missing
    }
    let { low, high } = this
    for (let row = 0; row < values.length; row++) {
      if (nulls !== null && nulls[row] !== 0) continue
      const value = values[row]!
      if (low === null || value < low) low = value
      if (high === null || value > high) high = value
    }
    this.low = low
    this.high = high
    return countNulls(nulls)
  }
}

function countNulls(mask: Uint8Array | null): number {
  let count = 0
  if (mask !== null) for (let row = 0; row < mask.length; row++) if (mask[row] !== 0) count++
  return count
}

/** The facts of all columns of a table. */
export class Survey {
  private readonly columns: readonly ColumnSurvey[]
  rows = 0

  constructor(columns: number) {
    this.columns = Array.from({ length: columns }, () => new ColumnSurvey())
  }

  add(chunk: EncodedChunk): void {
    this.rows += chunk.rows
    this.columns.forEach((survey, i) => {
      survey.add(chunk.columns[i]!, chunk.rows)
    })
  }

  facts(): ColumnFacts[] {
    return this.columns.map((survey) => survey.facts())
  }
}
