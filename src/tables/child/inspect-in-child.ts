import type { Inspection } from '../inspection.ts'
import { DEFAULT_LIMITS, type TableLimits, type TableSource } from '../table.ts'
import type { ChildPool, RunLimits } from './child-pool.ts'
import { INSPECT } from './inspect-task.ts'

/**
 * `inspect` in a child process, with limits of memory and time.
 * @throws TableError as `inspect`; out_of_memory, out_of_time, cancelled when the child was stopped.
 */
export function inspectInChild(
  pool: ChildPool,
  source: TableSource,
  options: RunLimits & { readonly limits?: TableLimits } = {},
): Promise<Inspection> {
  const { limits = DEFAULT_LIMITS, ...run } = options
  return pool.run(INSPECT, { source, limits }, run)
}
