import type { ChildTask } from '../../tables/child/task.ts'
import { formatProblems } from '../output-format.ts'
import { ParametersError } from '../parameters-error.ts'
import type {
  CheckedRequest,
  Pipeline,
  PipelineOutcome,
  PipelineRequest,
  PipelineWork,
  RequestProblem,
} from '../pipeline.ts'
import { completeParameters, defaultParameters, OUTPUT_FORMATS } from './parameters.ts'
import { RulesError } from './rules/rules-error.ts'
import { DEFAULT_RULES_TEXT, readRules } from './rules/rules-file.ts'

const NAME = 'combine_redshift_dedup'
/** What clients send for the server's own rules, and the record says. */
const OWN_RULES = 'default'

const TASK: ChildTask<PipelineWork, PipelineOutcome> = { name: NAME, module: new URL('./run-task.ts', import.meta.url) }

/** *Combine Redshift Catalogs*, as people and clients see it. */
export const combinePipeline: Pipeline = {
  id: 1,
  name: NAME,
  version: '1.3.1',
  displayName: 'Combine Redshift Catalogs',
  description:
    'Combines redshift catalogs into one: makes their quality flags comparable, finds the rows that are the same object by position, and marks or removes duplicates.',
  createdAt: '2026-11-22T00:00:00.000Z',
  defaults: { ...defaultParameters(), flags_translation_file: OWN_RULES },
  acceptedTypes: ['redshift_catalog'],
  outputType: 'redshift_catalog',
  inputs: { least: 1, most: 500 },
  requiredRoles: ['ra', 'dec', 'z'],
  takesRules: true,
  rulesFileName: 'flags_translation.yaml',
  takesObjects: false,
  stages: {
    preparation: 'Reading and preparing the catalogs',
    neighbours: 'Finding neighbours on the sky',
    ties: 'Resolving duplicates',
    consolidation: 'Putting the result together',
    writing: 'Writing the result',
  },
  task: TASK,

  async check(request) {
    const problems: RequestProblem[] = []
    problems.push(...formatProblems(request, defaultParameters().output_format))
    const parameters = checkParameters(request, problems)
    const rules = checkRules(request, problems)
    if (request.release !== null)
      problems.push({ field: 'release', message: 'This pipeline takes no release: leave it out.' })
    if (problems.length > 0 || parameters === null) return { problems }
    const { output_format: outputFormat, ...rest } = parameters
    return {
      parameters: { ...rest, flags_translation_file: request.rules?.fileName ?? OWN_RULES },
      outputFormat: String(outputFormat),
      inputs: request.inputs.map(({ input }) => input),
      objects: null,
      rules,
      keepsRelease: false,
    } satisfies CheckedRequest
  },
}

function checkParameters(request: PipelineRequest, problems: RequestProblem[]): Record<string, unknown> | null {
  const { outputFormat, rules } = request
  const format = outputFormat?.trim().toLowerCase() ?? null
  // "The same as the redshift catalog", which several catalogs do not have.
  const chosen = format === null || format === 'specz' ? {} : { output_format: format }
  if (format !== null && format !== 'specz' && !(OUTPUT_FORMATS as readonly string[]).includes(format)) {
    problems.push({
      field: 'output_format',
      message: `"${outputFormat}" is not a valid choice: ${OUTPUT_FORMATS.join(', ')}.`,
    })
  }
  try {
    const sent = request.parameters ?? {}
    const complete = completeParameters(
      typeof sent === 'object' && !Array.isArray(sent) ? { ...sent, ...chosen } : sent,
    )
    const file = complete.flags_translation_file
    if (rules === null && typeof file === 'string' && file.trim() !== '' && file !== OWN_RULES) {
      const message = `Send the rules file ${file} along as flags_translation_file: paths of the server are not read. Leave it out, or "${OWN_RULES}", for the server's own rules.`
      problems.push({ field: 'used_config', message })
    }
    return complete
  } catch (error) {
    if (!(error instanceof ParametersError)) throw error
    const known = problems.some(({ field }) => field === 'output_format')
    for (const { parameter, message } of error.problems)
      if (!known || parameter !== 'output_format') problems.push({ field: 'used_config', message })
    return null
  }
}

function checkRules(request: PipelineRequest, problems: RequestProblem[]): string {
  if (request.rules === null) return DEFAULT_RULES_TEXT
  try {
    readRules(request.rules.text, request.rules.fileName)
  } catch (error) {
    if (!(error instanceof RulesError)) throw error
    problems.push({ field: 'flags_translation_file', message: error.message })
  }
  return request.rules.text
}
