import { stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { detectContent } from '../detect.ts'
import type { Examination } from '../examine.ts'
import { inspect } from '../inspect.ts'
import type { TableLimits, TableSource } from '../table.ts'
import { ThreadPartner } from './partner.ts'
import type { TaskFunction } from './task.ts'

export interface ExamineArguments {
  readonly source: TableSource
  readonly limits: TableLimits
  /** Where a table is written that comes out of an archive. */
  readonly unpackTo: string
}

let partner: ThreadPartner | null = null

/** Starts a thread for large tables, where there is a processor for it. */
export function prepare(): void {
  if (availableParallelism() > 1) partner ??= new ThreadPartner()
}

/** Takes a table out of its archive, if it is in one, and inspects it. */
export const run: TaskFunction<ExamineArguments, Examination> = async ({ source, limits, unpackTo }, { progress }) => {
  const options = { onProgress: progress, partner }
  const content = await detectContent(source)
  if (content.kind !== 'archive') {
    return { inspection: await inspect(source, limits, options), unpacked: null }
  }
  const { unpackTable } = await import('../archive/unpack-table.ts')
  const table = await unpackTable(source, limits, unpackTo)
  // An archive of a kind that we do not unpack: `inspect` says so.
  if (!table) return { inspection: await inspect(source, limits), unpacked: null }
  const { fileName, path } = table
  const inspection = await inspect({ path, fileName }, limits, options)
  return { inspection, unpacked: { path, fileName, size: (await stat(path)).size } }
}
