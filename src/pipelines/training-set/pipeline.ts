import { join } from 'node:path'
import type { ObjectCatalog } from '../../domain/run/events.ts'
import type { ChildTask } from '../../tables/child/task.ts'
import type { ColumnDescription } from '../../tables/table.ts'
import { formatProblems } from '../output-format.ts'
import { ParametersError } from '../parameters-error.ts'
import type {
  CheckedRequest,
  Pipeline,
  PipelineOutcome,
  PipelineRequest,
  PipelineWork,
  RequestedInput,
  RequestProblem,
} from '../pipeline.ts'
import { catalogDigest } from './catalog-digest.ts'
import { readingCatalog } from './catalog-trouble.ts'
import { chooseObjectColumns, type ObjectSchema } from './object-columns.ts'
import { objectRoles } from './object-source.ts'
import {
  completeTrainingSetParameters,
  defaultTrainingSetParameters,
  OUTPUT_FORMATS,
  type OutputFormat,
  readTrainingSetParameters,
  type TrainingSetParameters,
} from './parameters.ts'
import { type Problem, TrainingSetError } from './problems.ts'
import { locateReleaseCatalog, openReleaseCatalog } from './release-catalogs.ts'
import { outputFormat } from './result.ts'

const NAME = 'training_set_maker'

const TASK: ChildTask<PipelineWork, PipelineOutcome> = { name: NAME, module: new URL('./run-task.ts', import.meta.url) }

/** *Training Set Maker*, as people and clients see it. */
export const trainingSetPipeline: Pipeline = {
  id: 2,
  name: NAME,
  version: '1.3.1',
  displayName: 'Training Set Maker',
  description:
    'Matches a redshift catalog with a catalog of objects by position, and so makes a training set: the photometry of each object beside the redshift, split into subsets.',
  createdAt: '2026-11-22T00:00:00.000Z',
  defaults: defaultTrainingSetParameters(),
  acceptedTypes: ['redshift_catalog'],
  outputType: 'training_set',
  inputs: { least: 1, most: 1 },
  requiredRoles: ['ra', 'dec', 'z'],
  takesRules: false,
  rulesFileName: 'rules.yaml',
  takesObjects: true,
  stages: {
    opening: 'Opening the catalogs',
    selection: 'Selecting redshifts',
    matching: 'Matching redshifts with objects',
    photometry: 'Reading the columns of the matched objects',
    split: 'Splitting into subsets',
    writing: 'Writing the result',
  },
  task: TASK,

  async check(request) {
    const problems: RequestProblem[] = []
    problems.push(...formatProblems(request, defaultTrainingSetParameters().output_format))
    const checked = checkParameters(request, problems)
    if (checked !== null) problems.push(...selectionProblems(request, checked.parameters))
    const objects = await findObjects(request, checked?.parameters ?? null, problems)
    if (objects !== null && checked !== null)
      problems.push(...(await columnProblems(request, objects, checked.parameters)))
    const [input] = request.inputs
    if (problems.length > 0 || checked === null) return { problems }
    return {
      // With the format as it was asked for: null is that of the redshift catalog, also when the run is asked for again.
      parameters: checked.complete,
      outputFormat: outputFormat(checked.parameters.outputFormat, formatOf(input?.format)),
      inputs: request.inputs.map((each) => each.input),
      objects,
      rules: null,
      keepsRelease: true,
    } satisfies CheckedRequest
  },
}

interface CheckedParameters {
  /** In the words of the API. */
  readonly complete: Readonly<Record<string, unknown>>
  readonly parameters: TrainingSetParameters
}

function checkParameters(request: PipelineRequest, problems: RequestProblem[]): CheckedParameters | null {
  const sent = request.parameters ?? {}
  const format = request.outputFormat === null ? {} : { output_format: request.outputFormat }
  const all = typeof sent === 'object' && !Array.isArray(sent) ? { ...sent, ...format } : sent
  try {
    return { complete: completeTrainingSetParameters(all), parameters: readTrainingSetParameters(all) }
  } catch (error) {
    if (!(error instanceof ParametersError)) throw error
    for (const { parameter, message } of error.problems) {
      const isFormat = parameter === 'output_format' && request.outputFormat !== null
      if (!isFormat) problems.push({ field: 'used_config', message })
      else {
        const choices = OUTPUT_FORMATS.join(', ')
        problems.push({
          field: 'output_format',
          message: `"${request.outputFormat}" is not a valid choice: ${choices}.`,
        })
      }
    }
    return null
  }
}

/** What the columns of the redshift catalog do not allow. */
function selectionProblems({ inputs }: PipelineRequest, { speczSelection }: TrainingSetParameters): RequestProblem[] {
  if (speczSelection === 'all') return []
  return inputs
    .filter(({ columnNames }) => !columnNames.includes('tie_result'))
    .map(({ input }) => ({
      field: 'used_config',
      message: `specz_selection: ${speczSelection} needs the column tie_result of Combine Redshift Catalogs, which ${input.displayName} does not have. Mark its duplicates first, or use specz_selection: all.`,
    }))
}

/** The catalog of objects, by what tells it from every other. */
async function findObjects(
  { release, objects, objectCatalogs: root }: PipelineRequest,
  parameters: TrainingSetParameters | null,
  problems: RequestProblem[],
): Promise<ObjectCatalog | null> {
  if (release === null && objects === null) return null // said by who looked them up
  if (objects !== null) return { kind: 'product', ...objects.input }
  if (release === null || parameters === null) return null
  if (root === null) {
    const message =
      'This server has no object catalogs of releases. Choose a published Objects Catalog (object_catalog) instead.'
    problems.push({ field: 'release', message })
    return null
  }
  try {
    const path = await readingCatalog(root, release.name, () => locateReleaseCatalog(root, release.name, parameters))
    const digest = await readingCatalog(root, path, () => catalogDigest(join(root, path)))
    return {
      kind: 'release',
      releaseId: release.id,
      releaseName: release.name,
      path,
      digest,
      idColumn: release.indexingColumn,
    }
  } catch (error) {
    if (!(error instanceof TrainingSetError)) throw error
    problems.push({ field: 'release', message: error.message })
    return null
  }
}

/** What the columns of the object catalog do not allow. */
async function columnProblems(
  { objects, objectCatalogs: root }: PipelineRequest,
  catalog: ObjectCatalog,
  parameters: TrainingSetParameters,
): Promise<RequestProblem[]> {
  if (catalog.kind === 'product') {
    return objects === null ? [] : schemaProblems(schemaOf(objects), 'object_catalog', parameters)
  }
  if (root === null) return []
  try {
    const source = await openReleaseCatalog(root, catalog.path, catalog.idColumn ?? null)
    try {
      return schemaProblems(source, 'release', parameters)
    } finally {
      await source.close()
    }
  } catch (error) {
    if (!(error instanceof TrainingSetError)) throw error
    return [{ field: 'release', message: error.message }]
  }
}

function schemaProblems(
  schema: ObjectSchema,
  field: 'release' | 'object_catalog',
  parameters: TrainingSetParameters,
): RequestProblem[] {
  const found: Problem[] = []
  chooseObjectColumns(schema, parameters, found)
  return found.map(({ message }) => ({ field: OF_PARAMETERS.test(message) ? 'used_config' : field, message }))
}

const OF_PARAMETERS = /^(flux_type|dereddening|selected_cols|rail_ready): /

/** A product by the names of its columns. They are taken for numbers here; the run looks at their types. */
function schemaOf({ input, columnNames }: RequestedInput): ObjectSchema {
  const columns = columnNames.map(
    (name): ColumnDescription => ({
      name,
      type: 'float64',
      nativeType: 'float64',
      unit: null,
      ucd: null,
      description: null,
    }),
  )
  return { name: input.displayName, columns, precomputed: null, roles: objectRoles(columns, input.columns) }
}

/** The format of a table in the words of the parameters; they are the same. */
function formatOf(format: string | null | undefined): OutputFormat {
  return OUTPUT_FORMATS.find((each) => each === format) ?? 'parquet'
}
