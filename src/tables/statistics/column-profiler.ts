import type { Data } from 'apache-arrow'
import { isValid } from '../cell.ts'
import type { ColumnProfile } from '../inspection.ts'
import type { ColumnDescription } from '../table.ts'
import { LongProfiler, TimestampProfiler } from './long-profiler.ts'
import { NumberProfiler } from './number-profiler.ts'
import { type ColumnProfiler, NOTHING } from './profile.ts'
import { TextProfiler } from './text-profiler.ts'

/** @param distinctLimit most different values that are counted one by one. */
export function profilerFor(column: ColumnDescription, distinctLimit: number): ColumnProfiler {
  switch (column.type) {
    case 'bool':
      return new BoolProfiler(column)
    case 'string':
      return new TextProfiler(column, distinctLimit)
    case 'array':
      return new NullProfiler(column)
    case 'timestamp':
      return new TimestampProfiler(column, distinctLimit)
    case 'int64':
    case 'uint64':
      return new LongProfiler(column, distinctLimit)
    default:
      return new NumberProfiler(column, distinctLimit)
  }
}

class BoolProfiler implements ColumnProfiler {
  private nulls = 0
  private yes = 0
  private no = 0

  constructor(readonly column: ColumnDescription) {}

  add(data: Data): void {
    const bits: Uint8Array = data.values
    for (let row = 0; row < data.length; row++) {
      const bit = data.offset + row
      if (!isValid(data, row)) this.nulls++
      else if ((bits[bit >> 3]! & (1 << (bit & 7))) !== 0) this.yes++
      else this.no++
    }
  }

  profile(): ColumnProfile {
    const values = [
      { value: true, count: this.yes },
      { value: false, count: this.no },
    ].filter(({ count }) => count > 0)
    return {
      ...this.column,
      ...NOTHING,
      nulls: this.nulls,
      distinct: values.length,
      distinctIsExact: true,
      frequent: values.sort((a, b) => b.count - a.count),
    }
  }
}

/** Arrays: only whether they are there. */
class NullProfiler implements ColumnProfiler {
  private nulls = 0

  constructor(readonly column: ColumnDescription) {}

  add(data: Data): void {
    this.nulls += data.nullCount
  }

  profile(): ColumnProfile {
    return { ...this.column, ...NOTHING, nulls: this.nulls }
  }
}
