import { join } from 'node:path'
import { readTrainingSetParameters } from '../src/pipelines/training-set/parameters.ts'
import { readRedshifts } from '../src/pipelines/training-set/redshifts.ts'
import { locateReleaseCatalog, openReleaseCatalog } from '../src/pipelines/training-set/release-catalogs.ts'
import type { TrainingSetReport } from '../src/pipelines/training-set/result.ts'
import { makeTrainingSet } from '../src/pipelines/training-set/training-set.ts'
import type { TaskFunction } from '../src/tables/child/task.ts'
import { openTable } from '../src/tables/open.ts'
import { outputTableOf } from '../src/tables/writers/output-table.ts'
import { writeTable } from '../src/tables/writers/write-table.ts'

export interface TrainingRun {
  readonly seconds: number
  /** Seconds until each stage began. */
  readonly stages: Readonly<Record<string, number>>
  /** Most resident memory that the process ever had, bytes. */
  readonly peakBytes: number
  readonly report: TrainingSetReport
}

/** A whole run of the Training Set Maker, from files to a file, in a process of its own. */
export const run: TaskFunction<
  { root: string; release: string; radius: number; output: string },
  TrainingRun
> = async ({ root, release, radius, output }) => {
  const start = performance.now()
  const since = () => (performance.now() - start) / 1000
  const stages: Record<string, number> = {}
  const parameters = readTrainingSetParameters({ crossmatch: { radius_arcsec: radius } })
  const reader = await openTable({ path: join(root, 'redshifts.parquet'), fileName: 'redshifts.parquet' })
  const redshifts = await readRedshifts(reader, '1_redshifts', { ra: 'ra', dec: 'dec', z: 'z' })
  await reader.close()
  const objects = await openReleaseCatalog(root, await locateReleaseCatalog(root, release, parameters), 'objectId')
  const { table, words, report } = await makeTrainingSet(redshifts, objects, parameters, {
    onProgress: ({ stage }) => {
      stages[stage] ??= since()
    },
  })
  await objects.close()
  stages.writing = since()
  await writeTable('parquet', outputTableOf(table, { title: 'Training set' }, words), output)
  return { seconds: since(), stages, peakBytes: process.resourceUsage().maxRSS * 1024, report }
}
