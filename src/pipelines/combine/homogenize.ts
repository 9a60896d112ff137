import { closestNames, quoted } from '../names.ts'
import { type Column, floatColumn, isAllNull, textColumn, textsOf, toNumbers, toTexts } from './columns.ts'
import type { Frame } from './mapping.ts'
import { NORMALISED_NUMBERS } from './normalise.ts'
import { EXAMPLES, type Problem } from './problems.ts'
import { HOMOGENIZED_FLAGS, HOMOGENIZED_TYPES } from './rules/rule-values.ts'
import type { Rule, Rules } from './rules/rules.ts'
import { applyRule, faultsOf } from './rules/translate.ts'

/** How the homogenized values of a catalog came about. */
export type HomogenizationPath =
  /** The catalog has the column. */
  | 'provided'
  /** `z_flag` is a probability, or `type` says s, g or p. */
  | 'direct'
  /** The rules of each row's survey. */
  | 'translated'

export interface Homogenized {
  readonly path: HomogenizationPath
  readonly column: Column
  readonly problems: readonly Problem[]
}

/**
 * The homogenized redshift flags of a normalised catalog (section 1.4 of the reference): taken as provided, else mapped
 * from probabilities, else translated by the rules of each row's survey.
 */
export function homogenizeFlags(frame: Frame, rules: Rules): Homogenized {
  const provided = frame.columns.get('z_flag_homogenized')
  if (provided) {
    const values = toNumbers(provided)
    const invalid = (row: number) => !Number.isNaN(values[row]!) && !HOMOGENIZED_FLAGS.has(values[row]!)
    const problems = invalidValues(frame, 'z_flag_homogenized', [...HOMOGENIZED_FLAGS], invalid, (row) =>
      String(values[row]),
    )
    return finish(frame, 'z_flag_homogenized', 'provided', floatColumn(values), problems)
  }
  const flags = toNumbers(frame.columns.get('z_flag')!)
  if (areProbabilities(flags)) {
    return finish(frame, 'z_flag_homogenized', 'direct', floatColumn(flags.map(flagOfProbability)), [])
  }
  const direct = (row: number) => (Number.isNaN(flags[row]!) ? null : flags[row]!)
  const { results, problems } = translate(frame, rules, 'z_flag', direct)
  const values = new Float64Array(results.length)
  for (let row = 0; row < values.length; row++) values[row] = results[row] ?? Number.NaN
  return finish(frame, 'z_flag_homogenized', 'translated', floatColumn(values), problems)
}

/**
 * The homogenized instrument types of a normalised catalog: taken as provided, else from a column `type` of s, g and p
 * (which then also becomes `instrument_type`), else translated by the rules of each row's survey.
 */
export function homogenizeTypes(frame: Frame, rules: Rules): Homogenized {
  const provided = frame.columns.get('instrument_type_homogenized')
  if (provided) {
    const values = toTexts(provided).map((text) => text?.toLowerCase() ?? null)
    const invalid = (row: number) => values[row] !== null && !HOMOGENIZED_TYPES.has(values[row]!)
    const name = 'instrument_type_homogenized'
    const problems = invalidValues(frame, name, [...HOMOGENIZED_TYPES], invalid, (row) => `'${values[row]}'`)
    return finish(frame, name, 'provided', textColumn(values), problems)
  }
  const type = frame.columns.get('type')
  if (
    type?.kind === 'text' &&
    !isAllNull(type) &&
    [...type.values.rowsByText().keys()].every((text) => HOMOGENIZED_TYPES.has(text))
  ) {
    frame.columns.set('instrument_type', type)
    return finish(frame, 'instrument_type_homogenized', 'direct', type, [])
  }
  const types = toTexts(frame.columns.get('instrument_type')!)
  const direct = (row: number) => types[row]?.toLowerCase() ?? null
  const { results, problems } = translate(frame, rules, 'instrument_type', direct)
  return finish(frame, 'instrument_type_homogenized', 'translated', textColumn(results), problems)
}

/** Flags between 0 and 1, at least one of them strictly: probabilities. */
function areProbabilities(flags: Float64Array): boolean {
  let isStrictlyBetween = false
  for (const flag of flags) {
    if (flag < 0 || flag > 1) return false
    if (flag > 0 && flag < 1) isStrictlyBetween = true
  }
  return isStrictlyBetween
}

function flagOfProbability(probability: number): number {
  if (probability === 0 || Number.isNaN(probability)) return probability
  if (probability < 0.7) return 1
  if (probability < 0.9) return 2
  return probability < 0.99 ? 3 : 4
}

type Target = 'z_flag_homogenized' | 'instrument_type_homogenized'

function finish(
  frame: Frame,
  target: Target,
  path: HomogenizationPath,
  column: Column,
  problems: readonly Problem[],
): Homogenized {
  if (problems.length > 0 || !isAllNull(column)) return { path, column, problems }
  const problem: Problem = {
    code: 'nothing_homogenized',
    input: frame.name,
    columns: [target],
    message: `[${frame.name}] All values in '${target}' are NaN. This column is required (in tiebreaking_priority or for the cut). ${reasonForNothing(frame, target, path)}`,
    rows: [],
    examples: [],
  }
  return { path, column, problems: [problem] }
}

function reasonForNothing(frame: Frame, target: Target, path: HomogenizationPath): string {
  const source = target === 'z_flag_homogenized' ? 'z_flag' : 'instrument_type'
  if (path === 'provided')
    return `The catalog's own '${target}' is empty: fill it, or remove the column so that it is translated.`
  const surveys = textsOf(frame.columns.get('survey')!).rowsByText()
  if (surveys.size === 0)
    return `No row has a survey: associate the column that names each row's survey, or add a column '${target}'.`
  const values = [...textsOf(frame.columns.get(source)!).rowsByText().keys()].slice(0, EXAMPLES)
  const seen = values.length > 0 ? `has ${values.join(', ')}, which` : 'is empty, and that'
  return (
    `'${source}' ${seen} the rules of ${quoted(surveys.keys())} do not translate: associate the right column, ` +
    `upload rules with these values, or add a column '${target}'.`
  )
}

function invalidValues(
  frame: Frame,
  target: Target,
  allowed: readonly (string | number)[],
  isInvalid: (row: number) => boolean,
  show: (row: number) => string,
): Problem[] {
  const rows: number[] = []
  const examples = new Set<string>()
  let count = 0
  for (let row = 0; row < frame.rows; row++) {
    if (!isInvalid(row)) continue
    count++
    if (rows.length < EXAMPLES) rows.push(row + 1)
    if (examples.size < EXAMPLES) examples.add(show(row))
  }
  if (count === 0) return []
  const message =
    `[${frame.name}] Invalid values in user-provided '${target}' in ${count} rows. Allowed set is [${allowed.join(', ')}] ` +
    `(NaN allowed). Examples of invalid values: [${[...examples].join(', ')}], first in rows ${rows.join(', ')}. ` +
    'Correct these values, or remove the column so that it is translated from the survey.'
  return [{ code: 'invalid_homogenized', input: frame.name, columns: [target], message, rows, examples: [...examples] }]
}

function translate<K extends 'z_flag' | 'instrument_type'>(
  frame: Frame,
  rules: Rules,
  key: K,
  direct: (row: number) => (K extends 'z_flag' ? number : string) | null,
) {
  type Result = K extends 'z_flag' ? number : string
  const ruleOf = (survey: string) =>
    (key === 'z_flag' ? rules.surveys.get(survey)?.flag : rules.surveys.get(survey)?.type) as
      | Rule<Result>
      | null
      | undefined
  const surveys = textsOf(frame.columns.get('survey')!).rowsByText()
  const ruleColumns = { columns: frame.columns, normalised: NORMALISED_NUMBERS }
  const results: (Result | null)[] = new Array(frame.rows).fill(null)
  const unknown = [...surveys.keys()].filter((survey) => !ruleOf(survey))
  const problems: Problem[] = unknown.length > 0 ? [missingTranslation(frame, rules, key, unknown, surveys)] : []

  for (const [survey, itsRows] of surveys) {
    const rule = ruleOf(survey)
    if (!rule) continue
    const faults = faultsOf(rule, ruleColumns)
    if (faults.length > 0) {
      problems.push(ruleError(frame, key, survey, faults))
      continue
    }
    const rows = Uint32Array.from(itsRows)
    const translated = applyRule(rule, direct, rows, ruleColumns)
    for (let i = 0; i < rows.length; i++) results[rows[i]!] = translated[i]!
  }
  return { results, problems }
}

function missingTranslation(
  frame: Frame,
  rules: Rules,
  key: 'z_flag' | 'instrument_type',
  unknown: readonly string[],
  surveys: ReadonlyMap<string, readonly number[]>,
): Problem {
  const available = [...rules.surveys]
    .filter(([, rule]) => (key === 'z_flag' ? rule.flag : rule.type))
    .map(([name]) => name)
  const shown = unknown.slice(0, 20)
  const meant = shown.flatMap((survey) =>
    closestNames(survey, available)
      .slice(0, 1)
      .map((name) => `${name} for ${survey}`),
  )
  const first = shown.map((survey) => surveys.get(survey)![0]! + 1)
  const more = unknown.length > shown.length ? ` and ${unknown.length - shown.length} more` : ''
  return {
    code: 'missing_translation',
    input: frame.name,
    columns: [key],
    message:
      `[${frame.name}] Missing YAML translation for '${key}' in surveys: [${quoted(shown)}]${more} (first in row ${first.join(', ')}). ` +
      `Add blocks under translation_rules.<SURVEY>.${key}_translation, correct the survey column` +
      `${meant.length > 0 ? ` (did you mean ${meant.join(', ')}?)` : ''}, or add a column '${key}_homogenized'.`,
    hint: `Surveys with rules: ${available.join(', ')}.`,
    rows: first.slice(0, EXAMPLES),
    examples: shown.slice(0, EXAMPLES),
  }
}

function ruleError(
  frame: Frame,
  key: 'z_flag' | 'instrument_type',
  survey: string,
  faults: ReturnType<typeof faultsOf>,
): Problem {
  const reasons = [...new Set(faults.map(({ reason }) => reason.replace(/ \(at character \d+\)$/, '')))]
  const { source, condition } = faults[0]!
  const missing = reasons.flatMap((reason) => /^there is no column '(.*)'$/.exec(reason)?.[1] ?? [])
  const sample = [...frame.columns.keys()].filter((name) => closestNames(name, missing).length > 0)
  return {
    code: 'rule_error',
    input: frame.name,
    columns: missing,
    message:
      `[${frame.name}] Error evaluating condition '${source}' for survey '${survey}' ` +
      `(translation_rules.${survey}.${key}_translation, condition ${condition}): ${reasons.join('; ')}. ` +
      `The catalog needs the columns that this survey's rule reads${sample.length > 0 ? ` (it has ${quoted(sample)})` : ''}: ` +
      `add them, upload other rules, or add a column '${key}_homogenized'.`,
    rows: [],
    examples: faults.slice(0, EXAMPLES).map((fault) => fault.source),
  }
}
