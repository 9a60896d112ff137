import type { ColumnRow } from '../../projections/columns/tables.ts'
import { type Compared, compared, pairs } from './compared.ts'

/** What an inspection tells of the values of a column, in its unit. */
export interface ColumnStatistics {
  readonly nulls: number
  readonly min: number | string | null
  readonly max: number | string | null
  readonly mean: number | null
  readonly standardDeviation: number | null
  readonly median: number | null
  /** Number of different values, exact or estimated. */
  readonly distinct: number | null
}

/** A column by its name, on one side or both. */
export interface ComparedColumn {
  readonly name: string
  readonly in: 'both' | 'left' | 'right'
  /** Type, unit, UCD, role and description; empty when only one side has the column. */
  readonly facts: readonly Compared[]
  /** Empty when one side has none. */
  readonly statistics: readonly Compared[]
  readonly same: boolean
}

/** The columns of a table and, by their names, what their values are like. */
export interface DescribedColumns {
  readonly columns: readonly ColumnRow[]
  readonly statistics: ReadonlyMap<string, ColumnStatistics>
}

export function compareColumns(left: DescribedColumns, right: DescribedColumns): ComparedColumn[] {
  return pairs(left.columns, right.columns, ({ name }) => name).map(({ left: before, right: after }) => {
    if (before === null || after === null) {
      const name = before?.name ?? after?.name ?? ''
      return { name, in: before === null ? 'right' : 'left', facts: [], statistics: [], same: false }
    }
    const facts = compareFacts(before, after)
    const statistics = compareStatistics(left.statistics.get(before.name), right.statistics.get(after.name))
    return {
      name: before.name,
      in: 'both',
      facts,
      statistics,
      same: [...facts, ...statistics].every(({ same }) => same),
    }
  })
}

const compareFacts = (left: ColumnRow, right: ColumnRow): Compared[] => [
  compared('type', left.type, right.type),
  compared('unit', left.unit, right.unit),
  compared('UCD', left.ucd ?? left.fileUcd, right.ucd ?? right.fileUcd),
  compared('role', left.alias, right.alias),
  compared('description', left.description, right.description),
]

function compareStatistics(left: ColumnStatistics | undefined, right: ColumnStatistics | undefined): Compared[] {
  if (left === undefined || right === undefined) return []
  return [
    compared('empty cells', left.nulls, right.nulls),
    compared('smallest', left.min, right.min),
    compared('median', left.median, right.median),
    compared('largest', left.max, right.max),
    measured('mean', left.mean, right.mean),
    measured('standard deviation', left.standardDeviation, right.standardDeviation),
    compared('different values', left.distinct, right.distinct),
  ]
}

/** A sum depends on the order of the rows in its last digits. */
const ROUNDING = 1e-12

function measured(field: string, left: number | null, right: number | null): Compared {
  if (left === null || right === null) return compared(field, left, right)
  const same = Math.abs(left - right) <= ROUNDING * Math.max(Math.abs(left), Math.abs(right))
  return { field, left, right, same }
}
