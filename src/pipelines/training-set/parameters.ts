import { type Static, type TObject, Type } from '@sinclair/typebox'
import { Ajv, type ErrorObject } from 'ajv'
import { readBoolean } from '../combine/booleans.ts'
import { closestNames } from '../names.ts'
import { ParametersError } from '../parameters-error.ts'
import { mustBe, withNumbers } from '../schema-words.ts'
import { SUBSETS, type Subset, type SubsetShare } from './split.ts'

const Words = <const T extends readonly string[]>(words: T, description: string, initial: T[number]) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: [...words], description, default: initial })

const Share = (subset: string) =>
  Type.Number({ minimum: 0, maximum: 1, description: `Share of the objects that go to ${subset}.` })

export const FINDS = ['best', 'each_object', 'all'] as const
export type Find = (typeof FINDS)[number]

export const SPECZ_SELECTIONS = ['all', 'winners', 'winners_and_ties'] as const
export type SpeczSelection = (typeof SPECZ_SELECTIONS)[number]

/** The formats of the result; other spellings (`pq`, `hf5`, `fit` …) are taken too. */
export const OUTPUT_FORMATS = ['parquet', 'csv', 'hdf5', 'fits', 'hats', 'votable'] as const
export type OutputFormat = (typeof OUTPUT_FORMATS)[number]

const SPELLINGS: Readonly<Record<string, OutputFormat | null>> = {
  pq: 'parquet',
  h5: 'hdf5',
  hf5: 'hdf5',
  hdf: 'hdf5',
  fit: 'fits',
  vot: 'votable',
  specz: null,
  '': null,
}

const CrossmatchSchema = Type.Object(
  {
    radius_arcsec: Type.Number({
      default: 1,
      exclusiveMinimum: 0,
      maximum: 3600,
      description: 'A redshift and an object closer than this (arcsec, strictly) may be a match.',
    }),
    n_neighbors: Type.Integer({
      default: 1,
      minimum: 1,
      maximum: 1000,
      description: 'With find best: how many of the nearest objects a redshift is matched with.',
    }),
    output_catalog_name: Type.Optional(
      Type.String({ maxLength: 1000, description: 'Accepted from older clients; the result is named by its product.' }),
    ),
  },
  { additionalProperties: false, default: {}, description: 'How redshifts and objects are matched.' },
)

const SubsetsSchema = Type.Object(
  { train: Share('train'), validation: Type.Optional(Share('validation')), test: Type.Optional(Share('test')) },
  { additionalProperties: false },
)

/** The parameters of the *Training Set Maker* as JSON Schema, for forms, documentation and checking. */
export const TrainingSetParametersSchema = Type.Object(
  {
    crossmatch: CrossmatchSchema,
    find: Words(
      FINDS,
      "best: each redshift's nearest object(s); each_object: each object's nearest redshift; all: every pair. Equal distances go to the smaller object id.",
      'best',
    ),
    duplicate_criteria: Type.Optional(
      Words(
        ['closest'] as const,
        'Accepted from older clients; the closest object is what find best takes.',
        'closest',
      ),
    ),
    specz_selection: Words(
      SPECZ_SELECTIONS,
      'Which rows of a combined redshift catalog take part, by tie_result: all, winners (1), or winners and hard ties (1 and 2).',
      'all',
    ),
    on_invalid_rows: Words(
      ['fail', 'drop'] as const,
      'What to do with redshifts whose coordinates are not valid.',
      'fail',
    ),
    selected_cols: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      maxItems: 5000,
      uniqueItems: true,
      description: 'Columns of the object catalog to keep, computed ones too; empty keeps all.',
    }),
    flux_type: Type.String({
      default: 'auto',
      minLength: 1,
      maxLength: 64,
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$',
      description: 'Which flux, e.g. cModel, psf, kron, gaap1p0; auto takes what the object catalog offers.',
    }),
    convert_flux_to_mag: Type.Boolean({
      default: true,
      description: 'AB magnitudes, -2.5 log10(flux / nJy) + 31.4, instead of fluxes.',
    }),
    dereddening: Type.String({
      default: 'sfd',
      minLength: 1,
      maxLength: 64,
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$',
      description: 'Dust map of the Galactic extinction that is taken off, or none.',
    }),
    split_method: Words(['random', 'none'] as const, 'How objects are shared out into subsets.', 'random'),
    train_fraction: Type.Number({
      default: 0.7,
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      description: 'Share of the objects with is_training_set 1.',
    }),
    subsets: Type.Unsafe<Static<typeof SubsetsSchema> | null>({
      ...SubsetsSchema,
      type: ['object', 'null'],
      default: null,
      description: 'Several subsets instead of train_fraction: shares of train, validation and test that add up to 1.',
    }),
    random_seed: Type.Unsafe<number | null>({
      type: ['integer', 'null'],
      default: null,
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Seed of the split; null is 0. All rows of an object fall into the same subset.',
    }),
    rail_ready: Type.Boolean({
      default: false,
      description: 'HDF5 as RAIL reads it: group photometry, mag_i_lsst …, redshift, 99.0 for non-detections.',
    }),
    output_format: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      default: null,
      enum: [null, ...OUTPUT_FORMATS],
      description: 'The format of the result; null: that of the redshift catalog.',
    }),
    use_absolute_lsdb_path: Type.Boolean({
      default: false,
      description:
        'Accepted from older clients as false: object catalogs are named by release or product, not by path.',
    }),
  },
  { additionalProperties: false, title: 'Training Set Maker' },
)

type Given = Static<typeof TrainingSetParametersSchema>

/** What the pipeline is asked to do. */
export interface TrainingSetParameters {
  readonly radiusArcsec: number
  /** Most objects of a redshift with `best`. */
  readonly neighbours: number
  readonly find: Find
  readonly speczSelection: SpeczSelection
  readonly onInvalidRows: 'fail' | 'drop'
  /** Columns of the object catalog, stored or computed; empty: all. */
  readonly selectedColumns: readonly string[]
  /** `auto` or the name of a flux. */
  readonly fluxType: string
  readonly convertFluxToMag: boolean
  /** The name of a dust map; null: magnitudes stay as they were observed. */
  readonly dereddening: string | null
  /** Null: no split. */
  readonly split: {
    readonly shares: readonly SubsetShare[]
    readonly seed: number
    /** Whether a column tells the name of each row's subset. */
    readonly named: boolean
  } | null
  readonly railReady: boolean
  /** Null: as the redshift catalog. */
  readonly outputFormat: OutputFormat | null
  /** What the person should know. */
  readonly warnings: readonly string[]
}

interface ParameterProblem {
  readonly parameter: string
  readonly message: string
}

const ajv = new Ajv({ allErrors: true, useDefaults: true, allowUnionTypes: true })
const check = ajv.compile<Given>(TrainingSetParametersSchema)

/**
 * Reads the parameters that a person or a program sent (`used_config.param`); what is left out takes its default. Words
 * are taken in any case, true and false also as yes, no, on, off, 1, 0.
 * @throws ParametersError with all problems at once
 */
export const readTrainingSetParameters = (sent: unknown): TrainingSetParameters => settled(completed(sent))

/** The parameters in the words of the API, checked and complete. @throws ParametersError with all problems at once */
export const completeTrainingSetParameters = (sent: unknown): Record<string, unknown> => ({ ...completed(sent) })

/** What a request that says nothing means. */
export const defaultTrainingSetParameters = (): Record<string, unknown> => completeTrainingSetParameters({})

/** Checked, and with its defaults. */
function completed(sent: unknown): Given {
  const given = tidy(sent)
  const problems: ParameterProblem[] = []
  if (!check(given)) for (const error of check.errors ?? []) problems.push(...explain(error, given))
  problems.push(...contradictions(given))
  if (problems.length > 0) throw new ParametersError(onlyFirsts(problems))
  return given as Given // the schema was checked
}

function settled(given: Given): TrainingSetParameters {
  const { crossmatch, subsets, random_seed: seed } = given
  const warnings: string[] = []
  if (crossmatch.output_catalog_name) {
    warnings.push('crossmatch.output_catalog_name has no effect: the result is named by its product')
  }
  if (subsets !== null && given.train_fraction !== 0.7) {
    warnings.push('train_fraction has no effect because subsets are given')
  }
  const shares = subsets === null ? { train: given.train_fraction, test: 1 - given.train_fraction } : subsets
  return {
    radiusArcsec: crossmatch.radius_arcsec,
    neighbours: crossmatch.n_neighbors,
    find: given.find,
    speczSelection: given.specz_selection,
    onInvalidRows: given.on_invalid_rows,
    selectedColumns: given.selected_cols,
    fluxType: given.flux_type,
    convertFluxToMag: given.convert_flux_to_mag,
    dereddening: /^(none|no|false)$/i.test(given.dereddening) ? null : given.dereddening,
    split: given.split_method === 'none' ? null : { shares: inOrder(shares), seed: seed ?? 0, named: subsets !== null },
    railReady: given.rail_ready,
    outputFormat: given.rail_ready ? 'hdf5' : (given.output_format as OutputFormat | null),
    warnings,
  }
}

const inOrder = (shares: { readonly [subset in Subset]?: number }): SubsetShare[] =>
  SUBSETS.map((name) => ({ name, share: shares[name] ?? 0 })).filter(({ share }) => share > 0)

const WORDS = ['find', 'duplicate_criteria', 'specz_selection', 'on_invalid_rows', 'split_method', 'output_format']
const BOOLEANS = ['convert_flux_to_mag', 'rail_ready', 'use_absolute_lsdb_path']
const NULL_HAS_MEANING = ['subsets', 'random_seed', 'output_format']

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A copy in which words are lower case, booleans are booleans, numbers are numbers, and nulls that mean nothing are left out. */
function tidy(sent: unknown): unknown {
  if (sent === undefined || sent === null) return {}
  if (!isMapping(sent)) return sent
  const { properties } = TrainingSetParametersSchema
  const given: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(sent)) {
    if (name === 'dereddening' && (value === null || value === false)) given[name] = 'none'
    else if (value === null && !NULL_HAS_MEANING.includes(name) && Object.hasOwn(properties, name)) continue
    else if (BOOLEANS.includes(name)) given[name] = readBoolean(value) ?? value
    else if (WORDS.includes(name) && typeof value === 'string') given[name] = value.trim().toLowerCase()
    else if (isMapping(value)) given[name] = withNumbers(withoutNulls(value), membersOf(name))
    else given[name] = value
  }
  const format = given.output_format
  if (typeof format === 'string' && Object.hasOwn(SPELLINGS, format)) given.output_format = SPELLINGS[format]
  return withNumbers(given, properties)
}

const membersOf = (name: string) =>
  name === 'crossmatch' ? CrossmatchSchema.properties : name === 'subsets' ? SubsetsSchema.properties : {}

const withoutNulls = (mapping: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(mapping).filter(([, value]) => value !== null))

/** What each parameter may be on its own, but not together with another. */
function contradictions(given: unknown): ParameterProblem[] {
  if (!isMapping(given)) return []
  const problems: ParameterProblem[] = []
  const report = (parameter: string, message: string) => problems.push({ parameter, message })
  const neighbours = isMapping(given.crossmatch) ? given.crossmatch.n_neighbors : 1
  if (typeof neighbours === 'number' && neighbours > 1 && (given.find === 'all' || given.find === 'each_object')) {
    report(
      'crossmatch.n_neighbors',
      `crossmatch.n_neighbors is ${neighbours}, but only find: best takes the nearest n; find: ${given.find} has no such limit`,
    )
  }
  if (given.use_absolute_lsdb_path === true) {
    report(
      'use_absolute_lsdb_path',
      'use_absolute_lsdb_path must be false: choose a release or a product as the object catalog, paths are not read',
    )
  }
  if (given.rail_ready === true && typeof given.output_format === 'string' && given.output_format !== 'hdf5') {
    report('rail_ready', 'rail_ready writes HDF5: leave output_format out, or set it to hdf5')
  }
  if (given.rail_ready === true && given.convert_flux_to_mag === false) {
    report('rail_ready', 'rail_ready needs magnitudes: leave convert_flux_to_mag on, or rail_ready off')
  }
  if (isMapping(given.subsets)) {
    const shares = Object.values(given.subsets).filter((share): share is number => typeof share === 'number')
    const sum = shares.reduce((total, share) => total + share, 0)
    if (Math.abs(sum - 1) > 1e-6) report('subsets', `the shares of subsets must add up to 1; they add up to ${sum}`)
    if (given.split_method === 'none') report('subsets', 'subsets cannot be made with split_method: none')
  }
  return problems
}

function explain(error: ErrorObject, given: unknown): ParameterProblem[] {
  const path = error.instancePath.split('/').slice(1)
  const parameter = path.join('.')
  if (error.keyword === 'additionalProperties') {
    const unknown = String(error.params.additionalProperty)
    const known = Object.keys(schemaAt(path).properties)
    const [meant] = closestNames(unknown, known)
    const hint = meant ? `did you mean '${meant}'?` : `parameters are ${known.join(', ')}`
    const full = [...path, unknown].join('.')
    return [{ parameter: full, message: `unknown parameter '${full}': ${hint}` }]
  }
  if (parameter === '') {
    return [{ parameter, message: 'the parameters must be a mapping from names to values' }]
  }
  const value = JSON.stringify(path.reduce<unknown>((at, name) => (at as Record<string, unknown>)?.[name], given))
  return [{ parameter, message: `${parameter} ${mustBe(error)}; got ${value}` }]
}

function schemaAt(path: readonly string[]): TObject {
  if (path[0] === 'crossmatch') return CrossmatchSchema
  return path[0] === 'subsets' ? SubsetsSchema : TrainingSetParametersSchema
}

/** One problem for each parameter: what follows from the first only confuses. */
function onlyFirsts(problems: readonly ParameterProblem[]): ParameterProblem[] {
  const seen = new Set<string>()
  return problems.filter(({ parameter }) => !seen.has(parameter) && seen.add(parameter))
}
