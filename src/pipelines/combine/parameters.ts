import { type Static, Type } from '@sinclair/typebox'
import { Ajv, type ErrorObject } from 'ajv'
import { closestNames } from '../names.ts'
import { ParametersError } from '../parameters-error.ts'
import { mustBe, withNumbers } from '../schema-words.ts'
import { readBoolean } from './booleans.ts'
import { type ExtraColumn, readExtraColumns } from './extra-columns.ts'
import { MOST_PRIORITIES, type Priority, readPriorities } from './priority.ts'

const Words = <const T extends readonly string[]>(words: T, description: string, initial?: T[number]) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: [...words], description, ...(initial ? { default: initial } : {}) })

const Flag = (description: string, initial: boolean) => Type.Boolean({ description, default: initial })

export const COMBINE_TYPES = [
  'concatenate',
  'concatenate_and_mark_duplicates',
  'concatenate_and_remove_duplicates',
] as const
export type CombineType = (typeof COMBINE_TYPES)[number]

export const TIE_TREATMENTS = ['remove_all', 'keep_all', 'draw_one'] as const
export const OUTPUT_FORMATS = ['parquet', 'csv', 'hdf5', 'fits', 'hats'] as const

/** The parameters of *Combine Redshift Catalogs* as JSON Schema, for forms, documentation and checking. */
export const CombineParametersSchema = Type.Object(
  {
    combine_type: Words(
      COMBINE_TYPES,
      'concatenate: all rows; ..._mark_duplicates: all rows, duplicates marked; ..._remove_duplicates: one row per object',
      'concatenate',
    ),
    z_flag_homogenized_value_to_cut: Type.Unsafe<number | null>({
      type: ['number', 'null'],
      default: 3,
      description:
        'Keep rows with z_flag_homogenized of at least this value, 1 to 6; 0 or null keeps all. Stars (6) survive every cut.',
    }),
    flags_translation_file: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      default: null,
      maxLength: 1_000,
      description: "The rules file; null for the server's own.",
    }),
    extra_columns: Type.Unsafe<Record<string, unknown>>({
      type: 'object',
      default: {},
      description:
        'Columns of the inputs to carry along: {OUT: type} or {OUT: {source, type}}; types are str, float, int, bool.',
    }),
    insert_DP1_footprint_flag: Flag('Add is_in_DP1_fields: within 2.5 degrees of one of the seven DP1 fields.', false),
    insert_rubin_footprint_flag: Flag("Add is_in_rubin_footprint: south of the footprint's northern limit.", true),
    tie_treatment_option: Words(
      TIE_TREATMENTS,
      'What remains of a hard tie when duplicates are removed: nothing, all tied rows, or one drawn at random.',
      'remove_all',
    ),
    tiebreaking_priority: Type.Unsafe<readonly unknown[] | null>({
      type: ['array', 'null'],
      default: null,
      maxItems: MOST_PRIORITIES,
      description:
        "Columns that decide between duplicates, best first: a name (higher wins) or {column, better: 'lower'}. Null: as in the rules file.",
    }),
    crossmatch_radius_arcsec: Type.Unsafe<number | null>({
      type: ['number', 'null'],
      default: null,
      exclusiveMinimum: 0,
      maximum: 60,
      description: 'Rows closer than this (arcsec, strictly) are duplicates. Null: as in the rules file.',
    }),
    delta_z_threshold: Type.Unsafe<number | null>({
      type: ['number', 'null'],
      default: null,
      minimum: 0,
      maximum: 100,
      description:
        'Tied rows whose redshifts differ by no more than this are one measurement; 0 turns it off. Null: as in the rules file.',
    }),
    seed: Type.Integer({
      default: 0,
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Seed of the draw among hard ties (draw_one).',
    }),
    restore_prior_tie_result: Flag(
      'A row of an earlier combination that has no neighbours (or only stars) keeps the tie_result it came with.',
      true,
    ),
    remove_stars: Flag('Leave out rows with z_flag_homogenized 6, in every mode.', false),
    on_invalid_rows: Words(['fail', 'drop'] as const, 'What to do with rows whose coordinates are not valid.', 'fail'),
    output_format: Words(OUTPUT_FORMATS, 'The format of the result.', 'parquet'),
  },
  { additionalProperties: false, title: 'Combine Redshift Catalogs' },
)

type Given = Static<typeof CombineParametersSchema>
type ParameterName = keyof Given

/** What the pipeline is asked to do. Null settings are taken from the rules file. */
export interface CombineParameters {
  readonly combineType: CombineType
  /** Least z_flag_homogenized to keep, 1 to 6; null keeps all. */
  readonly flagCut: number | null
  readonly flagsTranslationFile: string | null
  readonly extraColumns: readonly ExtraColumn[]
  readonly insertDP1FootprintFlag: boolean
  readonly insertRubinFootprintFlag: boolean
  readonly tieTreatment: (typeof TIE_TREATMENTS)[number]
  readonly tiebreakingPriority: readonly Priority[] | null
  readonly crossmatchRadiusArcsec: number | null
  readonly deltaZThreshold: number | null
  readonly seed: number
  readonly restorePriorTieResult: boolean
  readonly removeStars: boolean
  readonly onInvalidRows: 'fail' | 'drop'
  readonly outputFormat: (typeof OUTPUT_FORMATS)[number]
  /** What the person should know, e.g. that a cut of 2.5 is no cut. */
  readonly warnings: readonly string[]
}

const ajv = new Ajv({ allErrors: true, useDefaults: true, allowUnionTypes: true })
const check = ajv.compile<Given>(CombineParametersSchema)

/**
 * Reads the parameters that a person or a program sent (`used_config.param`); what is left out takes its default.
 * Words are taken in any case; true and false also as yes, no, on, off, 1, 0.
 * @throws ParametersError with all problems at once
 */
export function readParameters(sent: unknown): CombineParameters {
  const given = completed(sent)
  const lists = readLists(given)
  const { flagCut, warnings } = readCut(given.z_flag_homogenized_value_to_cut)
  return {
    combineType: given.combine_type,
    flagCut,
    flagsTranslationFile: given.flags_translation_file,
    extraColumns: lists.extraColumns,
    insertDP1FootprintFlag: given.insert_DP1_footprint_flag,
    insertRubinFootprintFlag: given.insert_rubin_footprint_flag,
    tieTreatment: given.tie_treatment_option,
    tiebreakingPriority: lists.priorities,
    crossmatchRadiusArcsec: given.crossmatch_radius_arcsec,
    deltaZThreshold: given.delta_z_threshold,
    seed: given.seed,
    restorePriorTieResult: given.restore_prior_tie_result,
    removeStars: given.remove_stars,
    onInvalidRows: given.on_invalid_rows,
    outputFormat: given.output_format,
    warnings: [...warnings, ...withoutEffect(given)],
  }
}

/** What was asked for, but plays no part in a combination of this type. */
function withoutEffect(given: Given): string[] {
  const type = given.combine_type
  const warnings: string[] = []
  if (type === 'concatenate') {
    const asked = {
      crossmatch_radius_arcsec: given.crossmatch_radius_arcsec !== null,
      delta_z_threshold: given.delta_z_threshold !== null,
      restore_prior_tie_result: !given.restore_prior_tie_result,
    }
    for (const [name, isAsked] of Object.entries(asked))
      if (isAsked) warnings.push(`${name} has no effect: ${type} does not look for duplicates`)
    // Not without effect: its columns are homogenized and carried along.
    if (given.tiebreaking_priority !== null)
      warnings.push(`tiebreaking_priority breaks no ties: ${type} does not look for duplicates`)
  }
  const ties = given.tie_treatment_option
  const removes = type === 'concatenate_and_remove_duplicates'
  if (ties !== 'remove_all' && !removes)
    warnings.push(`tie_treatment_option ${ties} has no effect: ${type} removes no duplicates`)
  if (given.seed !== 0 && !(removes && ties === 'draw_one'))
    warnings.push(
      'seed has no effect: only tie_treatment_option draw_one of concatenate_and_remove_duplicates draws lots',
    )
  return warnings
}

/**
 * The same, in the words in which it was sent: for the record of a run.
 * @throws ParametersError with all problems at once
 */
export const completeParameters = (sent: unknown): Record<string, unknown> => ({ ...completed(sent) })

/** What a request that says nothing means. */
export const defaultParameters = (): Record<string, unknown> => completeParameters({})

/** Checked, and with its defaults. */
function completed(sent: unknown): Given {
  const given = tidy(sent)
  if (!check(given)) {
    const problems = (check.errors ?? []).map((error) => explain(error, given))
    throw new ParametersError([...problems, ...readLists(given).problems])
  }
  const { problems } = readLists(given)
  if (problems.length > 0) throw new ParametersError(problems)
  return given
}

const BOOLEANS: readonly ParameterName[] = [
  'insert_DP1_footprint_flag',
  'insert_rubin_footprint_flag',
  'restore_prior_tie_result',
  'remove_stars',
]
const WORDS: readonly ParameterName[] = ['combine_type', 'tie_treatment_option', 'on_invalid_rows', 'output_format']
/** Null, where no null is meant, says "the default". */
const isNullable = (name: string): boolean => {
  const type: unknown = (CombineParametersSchema.properties as Record<string, { type?: unknown }>)[name]?.type
  return Array.isArray(type) && type.includes('null')
}

/** A copy in which words are lower case, booleans are booleans, numbers are numbers and nulls that mean nothing are left out. */
function tidy(sent: unknown): unknown {
  if (sent === undefined || sent === null) return {}
  if (typeof sent !== 'object' || Array.isArray(sent)) return sent
  const known = CombineParametersSchema.properties
  const entries = Object.entries(sent)
    .filter(([name, value]) => value !== null || isNullable(name) || !Object.hasOwn(known, name))
    .map(([name, value]): [string, unknown] => {
      if ((BOOLEANS as readonly string[]).includes(name)) return [name, readBoolean(value) ?? value]
      if ((WORDS as readonly string[]).includes(name) && typeof value === 'string')
        return [name, value.trim().toLowerCase()]
      return [name, value]
    })
  return withNumbers(Object.fromEntries(entries), known)
}

function explain(error: ErrorObject, given: unknown): { parameter: string; message: string } {
  if (error.keyword === 'additionalProperties') {
    const parameter = String(error.params.additionalProperty)
    const known = Object.keys(CombineParametersSchema.properties)
    const [meant] = closestNames(parameter, known)
    const hint = meant ? `did you mean '${meant}'?` : `parameters are ${known.join(', ')}`
    return { parameter, message: `unknown parameter '${parameter}': ${hint}` }
  }
  const parameter = error.instancePath.split('/')[1] ?? ''
  if (parameter === '') return { parameter, message: 'the parameters must be a mapping from names to values' }
  const value = JSON.stringify((given as Record<string, unknown>)[parameter])
  return { parameter, message: `${parameter} ${mustBe(error)}; got ${value}` }
}

/** The parameters that are lists or mappings, whose problems are told one by one. */
function readLists(given: unknown) {
  const problems: { parameter: string; message: string }[] = []
  const { extra_columns: extra, tiebreaking_priority: priority } = (
    typeof given === 'object' && given !== null ? given : {}
  ) as Partial<Given>
  const reporter = (parameter: string) => (message: string) => problems.push({ parameter, message })
  const extraColumns = isMapping(extra) ? readExtraColumns(extra, reporter('extra_columns')) : []
  const priorities = Array.isArray(priority) ? readPriorities(priority, reporter('tiebreaking_priority')) : null
  return { extraColumns, priorities, problems }
}

const isMapping = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)

function readCut(value: number | null): { flagCut: number | null; warnings: string[] } {
  if (value === null || value === 0) return { flagCut: null, warnings: [] }
  if (Number.isInteger(value) && value >= 1 && value <= 6) return { flagCut: value, warnings: [] }
  const warning = `z_flag_homogenized_value_to_cut is ${value}; cuts are whole numbers from 1 to 6, so no rows were cut`
  return { flagCut: null, warnings: [warning] }
}
