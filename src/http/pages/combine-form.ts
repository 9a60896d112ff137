import type { CombineForm } from '../../../views/pages/pipeline/combine.tsx'
import { type Body, listOf } from '../body.ts'
import { type AskedRun, given, numberOf, runFormOf } from './run-form.ts'
import { readTypedName, typedItems, typedName, typedWords } from './typed-names.ts'

/** What the form of *Combine Redshift Catalogs* shows at first. */
export const EMPTY_FORM: CombineForm = {
  displayName: '',
  description: '',
  inputs: [],
  combineType: 'concatenate_and_mark_duplicates',
  flagCut: '3',
  tieTreatment: 'remove_all',
  priorities: '',
  radius: '',
  deltaZ: '',
  seed: '0',
  restorePrior: true,
  removeStars: false,
  onInvalidRows: 'fail',
  dp1: false,
  rubin: true,
  extraColumns: '',
  outputFormat: 'parquet',
  rules: 'server',
}

/** The form as it was sent. */
export function formOf(body: Body): CombineForm {
  const { text, on, common } = runFormOf(body)
  return {
    ...common,
    combineType: text('combine_type'),
    flagCut: text('z_flag_homogenized_value_to_cut'),
    tieTreatment: text('tie_treatment_option'),
    priorities: text('tiebreaking_priority'),
    radius: text('crossmatch_radius_arcsec'),
    deltaZ: text('delta_z_threshold'),
    seed: text('seed'),
    restorePrior: on('restore_prior_tie_result'),
    removeStars: on('remove_stars'),
    onInvalidRows: text('on_invalid_rows'),
    dp1: on('insert_DP1_footprint_flag'),
    rubin: on('insert_rubin_footprint_flag'),
    extraColumns: text('extra_columns'),
    outputFormat: text('output_format'),
    rules: text('rules'),
  }
}

/** The parameters that a form means, in the words of the API. What cannot be read is handed on for the pipeline to refuse. */
export function parametersOf(form: CombineForm): Record<string, unknown> {
  const parameters = {
    combine_type: form.combineType,
    z_flag_homogenized_value_to_cut: numberOrNull(form.flagCut),
    tie_treatment_option: form.tieTreatment,
    tiebreaking_priority: form.priorities === '' ? null : typedItems(form.priorities).map(priorityOf),
    crossmatch_radius_arcsec: numberOrNull(form.radius),
    delta_z_threshold: numberOrNull(form.deltaZ),
    seed: numberOrNull(form.seed) ?? 0,
    restore_prior_tie_result: form.restorePrior,
    remove_stars: form.removeStars,
    on_invalid_rows: form.onInvalidRows,
    insert_DP1_footprint_flag: form.dp1,
    insert_rubin_footprint_flag: form.rubin,
    extra_columns: extraColumnsOf(form.extraColumns),
  }
  return given(parameters)
}

const numberOrNull = (text: string): number | string | null => (text === '' ? null : numberOf(text))

function priorityOf(typed: string): unknown {
  return typed.startsWith('-') ? { column: readTypedName(typed.slice(1)), better: 'lower' } : readTypedName(typed)
}

/** `mag_i float` or `mag_i imag float`, one in each line. */
function extraColumnsOf(text: string): Record<string, unknown> {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', ...rest] = typedWords(line)
      const type = readTypedName(rest.at(-1) ?? '')
      // Without quotes the words between name and type are the source's.
      const source = rest.length === 2 ? readTypedName(rest[0]!) : rest.slice(0, -1).join(' ')
      return [readTypedName(name), rest.length > 1 ? { source, type } : type]
    }),
  )
}

/** The form that asks for what a run was asked for. */
export function presetOf(run: AskedRun): CombineForm {
  const { parameters } = run
  const text = (name: string) =>
    parameters[name] === null || parameters[name] === undefined ? '' : String(parameters[name])
  return {
    displayName: run.displayName,
    description: run.description ?? '',
    inputs: run.inputs.map((input) => input.productId),
    combineType: text('combine_type'),
    flagCut: text('z_flag_homogenized_value_to_cut') === '0' ? '' : text('z_flag_homogenized_value_to_cut'),
    tieTreatment: text('tie_treatment_option'),
    priorities: prioritiesText(listOf(parameters.tiebreaking_priority)),
    radius: text('crossmatch_radius_arcsec'),
    deltaZ: text('delta_z_threshold'),
    seed: text('seed'),
    restorePrior: parameters.restore_prior_tie_result === true,
    removeStars: parameters.remove_stars === true,
    onInvalidRows: text('on_invalid_rows'),
    dp1: parameters.insert_DP1_footprint_flag === true,
    rubin: parameters.insert_rubin_footprint_flag === true,
    extraColumns: Object.entries(parameters.extra_columns ?? {})
      .map(extraColumnText)
      .join('\n'),
    outputFormat: run.outputFormat,
    rules: hasOwnRules(run) ? String(run.id) : 'server',
  }
}

/** Whether somebody sent a rules file along. */
export const hasOwnRules = (run: AskedRun): boolean =>
  run.rules !== null && run.parameters.flags_translation_file !== 'default'

/** Columns that decide between duplicates, as the form takes them. */
export const prioritiesText = (priorities: readonly unknown[]): string => priorities.map(priorityText).join(', ')

function priorityText(priority: unknown): string {
  if (typeof priority !== 'object' || priority === null || !('column' in priority)) return typedName(String(priority))
  return `${'better' in priority && priority.better === 'lower' ? '-' : ''}${typedName(String(priority.column))}`
}

function extraColumnText([name, extra]: [string, unknown]): string {
  if (typeof extra !== 'object' || extra === null || !('type' in extra)) return wordsText([name, extra])
  return wordsText('source' in extra ? [name, extra.source, extra.type] : [name, extra.type])
}

const wordsText = (words: readonly unknown[]): string => words.map((word) => typedName(String(word))).join(' ')
