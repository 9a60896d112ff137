import { cellAt } from '../../tables/cell.ts'
import type { TaskFunction } from '../../tables/child/task.ts'
import { openTable } from '../../tables/open.ts'
import type { TableLimits, TableSource } from '../../tables/table.ts'
import { numbersOf } from './column-values.ts'

/** Equal bins from `low` to `high`, the last one closed. */
export interface Bins {
  readonly low: number
  readonly high: number
  readonly bins: number
}

export interface RedshiftArguments {
  readonly source: TableSource
  readonly limits: TableLimits
  readonly redshift: Bins & { readonly column: string }
  readonly flag: string | null
  /** Flags of redshifts that can be relied on. */
  readonly secureFlags: readonly number[]
  readonly magnitude: (Bins & { readonly column: string }) | null
  /** Bins of redshift in the plot against magnitude. */
  readonly gridBins: number
}

/** How the redshifts of a table are spread. Every row is counted. */
export interface RedshiftCounts {
  readonly counts: readonly number[]
  readonly below: number
  readonly above: number
  /** Rows without a redshift. */
  readonly without: number
  /** Those of the rows with a secure flag, in the same bins; null when no row has one, or the flags are no flags. */
  readonly secure: readonly number[] | null
  /** The most frequent flags first; null when there is no flag column, or it holds something else than flags. */
  readonly flags: readonly { readonly value: string; readonly count: number }[] | null
  /** `counts[z bin * magnitude bins + magnitude bin]`; null without a magnitude. */
  readonly grid: readonly number[] | null
}

/** More different values than this are not flags. */
const MOST_FLAGS = 40

export const run: TaskFunction<RedshiftArguments, RedshiftCounts> = async (args, { progress }) => {
  const { redshift, flag, magnitude, gridBins } = args
  const isSecure = (value: unknown) => value !== null && args.secureFlags.includes(Number(value))
  const counts = new Array<number>(redshift.bins).fill(0)
  const secure = new Array<number>(redshift.bins).fill(0)
  const grid = new Array<number>(magnitude === null ? 0 : gridBins * magnitude.bins).fill(0)
  let flags: Map<string, number> | null = flag === null ? null : new Map()
  let [below, above, without, done] = [0, 0, 0, 0]
  const reader = await openTable(args.source, args.limits)
  try {
    const wanted = [...new Set([redshift.column, flag, magnitude?.column ?? null])].filter((name) => name !== null)
    const flagType = reader.columns.find((column) => column.name === flag)?.type ?? 'string'
    for await (const batch of reader.batches({ columns: wanted })) {
      const column = (name: string) => {
        const data = batch.data.children[wanted.indexOf(name)]
        if (data === undefined) throw new Error('The reader left out a column')
        return data
      }
      const flagCells = flag === null ? null : column(flag)
      const zs = numbersOf(column(redshift.column))
      const magnitudes = magnitude === null ? null : numbersOf(column(magnitude.column))
      for (let row = 0; row < zs.length; row++) {
        const z = zs[row]!
        const value = flagCells === null ? null : cellAt(flagCells, flagType, row)
        if (flags !== null && value !== null) {
          const text = String(value)
          flags.set(text, (flags.get(text) ?? 0) + 1)
          if (flags.size > MOST_FLAGS) flags = null
        }
        if (Number.isNaN(z)) without++
        else if (z < redshift.low) below++
        else if (z > redshift.high) above++
        else {
          const bin = binOf(z, redshift)
          counts[bin]!++
          if (isSecure(value)) secure[bin]!++
          const m = magnitudes?.[row] ?? Number.NaN
          // A magnitude of exactly 0 is how catalogs write that there is none.
          if (magnitude !== null && m !== 0 && m >= magnitude.low && m <= magnitude.high) {
            grid[binOf(z, { ...redshift, bins: gridBins }) * magnitude.bins + binOf(m, magnitude)]!++
          }
        }
      }
      done += zs.length
      progress(reader.rows ? Math.min(1, done / reader.rows) : 0)
    }
  } finally {
    await reader.close()
  }
  return {
    counts,
    below,
    above,
    without,
    secure: flags !== null && secure.some((count) => count > 0) ? secure : null,
    flags: flags === null ? null : [...flags].map(([value, count]) => ({ value, count })).sort(byCount),
    grid: magnitude === null ? null : grid,
  }
}

const binOf = (value: number, { low, high, bins }: Bins): number =>
  Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins))

const byCount = (a: { value: string; count: number }, b: { value: string; count: number }): number =>
  b.count - a.count || (a.value < b.value ? -1 : 1)
