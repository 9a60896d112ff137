import type { Comparison } from '../../domain/run/events.ts'
import type { TaskFunction } from '../../tables/child/task.ts'
import type { TableSource } from '../../tables/table.ts'
import { firstDifference } from './compare-tables.ts'

export interface CompareArguments {
  readonly expected: TableSource
  readonly actual: TableSource
}

/** `firstDifference`, for a child process. */
export const run: TaskFunction<CompareArguments, Comparison['difference']> = ({ expected, actual }) =>
  firstDifference(expected, actual)
