import { stat } from 'node:fs/promises'
import { detectContent } from '../detect.ts'
import type { Examination } from '../examine.ts'
import { inspect } from '../inspect.ts'
import type { TableLimits, TableSource } from '../table.ts'
import type { TaskFunction } from './task.ts'

export interface ExamineArguments {
  readonly source: TableSource
  readonly limits: TableLimits
  /** Where a table is written that comes out of an archive. */
  readonly unpackTo: string
}

/** Takes a table out of its archive, if it is in one, and inspects it. */
export const run: TaskFunction<ExamineArguments, Examination> = async ({ source, limits, unpackTo }, { progress }) => {
  const content = await detectContent(source.path)
  if (content.kind !== 'archive') {
    return { inspection: await inspect(source, limits, { onProgress: progress }), unpacked: null }
  }
  const { unpackTable } = await import('../archive/unpack-table.ts')
  const table = await unpackTable(source, limits, unpackTo)
  // An archive of a kind that we do not unpack: `inspect` says so.
  if (!table) return { inspection: await inspect(source, limits), unpacked: null }
  const { fileName, path } = table
  const inspection = await inspect({ path, fileName }, limits, { onProgress: progress })
  return { inspection, unpacked: { path, fileName, size: (await stat(path)).size } }
}
