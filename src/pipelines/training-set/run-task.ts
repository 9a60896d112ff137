import { SkyError } from '../../sky/errors.ts'
import type { TaskFunction } from '../../tables/child/task.ts'
import { HatsError } from '../../tables/hats/hats-error.ts'
import { openTable } from '../../tables/open.ts'
import { TableError } from '../../tables/table.ts'
import { outputTableOf, TableWriteError } from '../../tables/writers/output-table.ts'
import { dataOriginOf } from '../data-origin.ts'
import { ParametersError } from '../parameters-error.ts'
import type { PipelineNews, PipelineOutcome, PipelineWork } from '../pipeline.ts'
import { refused } from '../refusal.ts'
import { StageClock } from '../stage-clock.ts'
import { writeOutput } from '../write-output.ts'
import { catalogDigest } from './catalog-digest.ts'
import { readingCatalog } from './catalog-trouble.ts'
import { type ObjectSource, openObjectTable } from './object-source.ts'
import { OUTPUT_FORMATS, readTrainingSetParameters } from './parameters.ts'
import { TrainingSetError } from './problems.ts'
import { type RedshiftCatalog, readRedshifts } from './redshifts.ts'
import { openReleaseCatalog } from './release-catalogs.ts'
import type { TrainingSetResult } from './result.ts'
import { makeTrainingSet, type Stage } from './training-set.ts'

/** Where each stage begins and ends in the whole run. */
const SHARES: Readonly<Record<Stage | 'opening' | 'writing', readonly [number, number]>> = {
  opening: [0, 0.1],
  selection: [0.1, 0.12],
  matching: [0.12, 0.7],
  photometry: [0.7, 0.88],
  split: [0.88, 0.9],
  writing: [0.9, 1],
}

/** *Training Set Maker*, in a child process: from the record of a run to the files that it makes. */
export const run: TaskFunction<PipelineWork, PipelineOutcome> = async (work, { tell }) => {
  const news = (message: PipelineNews): void => tell(message)
  const clock = new StageClock(SHARES, news)
  try {
    clock.reached('opening', 0, 1)
    const redshifts = await openRedshifts(work)
    const objects = await openObjects(work)
    let result: TrainingSetResult
    try {
      clock.reached('opening', 1, 1)
      result = await makeTrainingSet(redshifts, objects, readTrainingSetParameters(work.parameters), {
        onProgress: ({ stage, done, total }) => clock.reached(stage, done, total),
        log: (level, text) => news({ kind: 'line', level, text }),
      })
    } finally {
      await objects.close()
    }
    clock.reached('writing', 0, 1)
    const { table, words, columnsAssoc, hdf5Group, report } = result
    const origin = { title: 'Training set', dataOrigin: dataOriginOf(work) }
    const { notes, ...file } = await writeOutput(outputTableOf(table, origin, words), {
      format: OUTPUT_FORMATS.find((format) => format === work.outputFormat) ?? 'parquet',
      folder: work.folder,
      name: 'tsm',
      position: { ra: columnsAssoc.ra ?? 'ra', dec: columnsAssoc.dec ?? 'dec' },
      hdf5Group,
    })
    clock.reached('writing', 1, 1)
    for (const text of notes) news({ kind: 'line', level: 'info', text })
    news({ kind: 'line', level: 'info', text: `${table.rows} rows and ${table.columns.length} columns written` })
    return {
      kind: 'done',
      files: [{ role: 'main', ...file, rows: table.rows }],
      associations: columnsAssoc,
      metrics: { ...report, secondsByStage: clock.seconds(), peakMemoryBytes: process.resourceUsage().maxRSS * 1024 },
    }
  } catch (error) {
    const isRefusal =
      error instanceof TrainingSetError ||
      error instanceof ParametersError || // a contradiction that was taken when the run was asked for
      error instanceof SkyError ||
      error instanceof HatsError ||
      error instanceof TableWriteError
    if (isRefusal) return refused(error)
    throw error
  }
}

async function openRedshifts({ inputs: [first] }: PipelineWork): Promise<RedshiftCatalog> {
  if (first === undefined) throw new TrainingSetError('invalid_inputs', 'There is no redshift catalog to work with.')
  const { input, path } = first
  return inCatalog(input.internalName, async () => {
    const reader = await openTable({ path, fileName: input.fileName })
    try {
      return await readRedshifts(reader, input.internalName, input.columns)
    } finally {
      await reader.close()
    }
  })
}

/** @throws TrainingSetError when the object catalog is not the one that was meant */
async function openObjects({ objects }: PipelineWork): Promise<ObjectSource> {
  if (objects === null) throw new TrainingSetError('no_object_catalog', 'There is no object catalog to match with.')
  const { catalog, path } = objects
  if (catalog.kind === 'product') {
    const { columns, fileName, internalName } = catalog
    return inCatalog(internalName, () => openObjectTable({ path, fileName }, columns))
  }
  const root = path.slice(0, -catalog.path.length)
  const digest = await readingCatalog(root, catalog.path, () => catalogDigest(path))
  if (digest !== catalog.digest) {
    throw new TrainingSetError(
      'object_catalog_changed',
      `The object catalog ${catalog.path} is not the one that was there when the run was asked for: its files have changed. Ask for a new run.`,
    )
  }
  return openReleaseCatalog(root, catalog.path, catalog.idColumn ?? null)
}

/** Names the catalog in which something is wrong. */
async function inCatalog<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof TableError)) throw error
    throw new TableError(error.code, `[${name}] ${error.message}`, error.line)
  }
}
