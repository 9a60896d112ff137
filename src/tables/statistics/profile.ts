import type { Data } from 'apache-arrow'
import type { Cell, ColumnProfile } from '../inspection.ts'
import type { ColumnDescription } from '../table.ts'
import type { SampleStep } from './row-sample.ts'

/** Most different values for which their frequencies are told, and how many of these are. */
const MOST_FREQUENT = 20

/** Collects what one column is like, batch by batch, and says it at the end. */
export interface ColumnProfiler {
  readonly column: ColumnDescription
  /** Infinite values, which the statistics leave out. */
  readonly infinities?: number
  /** @param step the rows that the shared sample takes from this batch. */
  add(data: Data, step: SampleStep): void
  profile(): ColumnProfile
}

/** The profile of a column of which nothing is known. */
export const NOTHING = {
  nulls: 0,
  min: null,
  max: null,
  mean: null,
  standardDeviation: null,
  median: null,
  distinct: null,
  distinctIsExact: false,
  histogram: null,
  frequent: null,
} as const

/** The most frequent values, when there are few different ones or most occur more than once. */
export function frequentOf(
  distinct: { readonly isExact: boolean; readonly size: number; readonly counts: ArrayLike<number> },
  present: number,
  cell: (entry: number) => Cell,
): ColumnProfile['frequent'] {
  const { size, counts } = distinct
  if (!distinct.isExact || size === 0 || (size > MOST_FREQUENT && size * 2 > present)) return null
  return Array.from({ length: size }, (_, entry) => entry)
    .sort((a, b) => counts[b]! - counts[a]! || a - b)
    .slice(0, MOST_FREQUENT)
    .map((entry) => ({ value: cell(entry), count: counts[entry]! }))
}
