import type { Data } from 'apache-arrow'
import { isValid, textCell } from '../cell.ts'
import type { ColumnProfile } from '../inspection.ts'
import { HIGH_MASKS, LOW_MASKS, SHORT } from '../short-text.ts'
import type { ColumnDescription } from '../table.ts'
import { DistinctTexts } from './distinct-texts.ts'
import { type ColumnProfiler, frequentOf, NOTHING } from './profile.ts'

/** Texts, in the order of their code points. */
export class TextProfiler implements ColumnProfiler {
  private nulls = 0
  private count = 0
  private least: Uint8Array | null = null
  private most: Uint8Array | null = null
  private readonly distinct: DistinctTexts

  constructor(
    readonly column: ColumnDescription,
    distinctLimit: number,
  ) {
    this.distinct = new DistinctTexts(distinctLimit)
  }

  add(data: Data): void {
    const bytes: Uint8Array = data.values
    const offsets = data.valueOffsets
    const nullable = data.nullCount > 0
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const readable = this.distinct.isExact ? bytes.length - SHORT : -1
    const [lows, highs] = [LOW_MASKS, HIGH_MASKS]
    for (let row = 0; row < data.length; row++) {
      if (nullable && !isValid(data, row)) {
        this.nulls++
        continue
      }
      const start = offsets[row]!
      const end = offsets[row + 1]!
      this.count++
      // A text that was there before is neither the smallest nor the largest yet.
      const length = end - start
      if (length <= SHORT && start <= readable) {
        const low = view.getInt32(start, true) & lows[length]!
        const high = view.getInt32(start + 4, true) & highs[length]!
        if (this.distinct.addAgain(low, high, length)) continue
        if (!this.distinct.addShort(low, high, bytes, start, end)) continue
      } else if (!this.distinct.add(bytes, start, end)) continue
      if (this.least === null || this.most === null) this.least = this.most = bytes.slice(start, end)
      else if (compareBytes(bytes, start, end, this.least) < 0) this.least = bytes.slice(start, end)
      else if (compareBytes(bytes, start, end, this.most) > 0) this.most = bytes.slice(start, end)
    }
  }

  profile(): ColumnProfile {
    const { distinct } = this
    return {
      ...this.column,
      ...NOTHING,
      nulls: this.nulls,
      min: this.least && textCell(Buffer.from(this.least).toString()),
      max: this.most && textCell(Buffer.from(this.most).toString()),
      distinct: Math.min(distinct.distinct, this.count),
      distinctIsExact: distinct.isExact,
      frequent: frequentOf(distinct, this.count, (entry) => textCell(distinct.text(entry))),
    }
  }
}

/** UTF-8 bytes in their order, which is that of the code points. */
function compareBytes(bytes: Uint8Array, start: number, end: number, other: Uint8Array): number {
  const length = Math.min(end - start, other.length)
  for (let i = 0; i < length; i++) {
    const difference = bytes[start + i]! - other[i]!
    if (difference !== 0) return difference
  }
  return end - start - other.length
}
