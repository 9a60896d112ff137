import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listOf } from '../../../src/http/body.ts'
import * as combineForm from '../../../src/http/pages/combine-form.ts'
import type { AskedRun } from '../../../src/http/pages/run-form.ts'
import * as trainingSetForm from '../../../src/http/pages/training-set-form.ts'
import { completeParameters, readParameters } from '../../../src/pipelines/combine/parameters.ts'
import {
  completeTrainingSetParameters,
  readTrainingSetParameters,
} from '../../../src/pipelines/training-set/parameters.ts'

const runOf = (parameters: Readonly<Record<string, unknown>>): AskedRun => ({
  id: 1,
  displayName: 'Earlier',
  description: null,
  parameters,
  inputs: [],
  objects: null,
  rules: null,
  outputFormat: 'csv',
})

/** What comes back when the form is sent as it was shown: lines end in CR LF then, and are trimmed. */
const sent = <Form extends object>(form: Form): Form =>
  Object.fromEntries(
    Object.entries(form).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.replaceAll(/\r\n|\r|\n/g, '\n').trim() : value,
    ]),
  ) as Form

const column = fc.oneof(
  fc.constantFrom(
    'mag_i',
    'mag i',
    '-z_err',
    'a,b',
    '"quoted"',
    "it's",
    'a;b',
    ' edge ',
    '"',
    '\\',
    'x\ny',
    '1" seeing',
  ),
  fc.string({ minLength: 1, maxLength: 6, unit: fc.constantFrom(...'ab -,"\\\n\r\t;:{}\'é\u00a0') }),
)
const named = column.filter((name) => name.trim() !== '')
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null })
const number = (min: number, max: number) => fc.double({ min, max, noNaN: true }).map((value) => value + 0) // no -0

describe('the form that asks for what a run of Combine Redshift Catalogs was asked for', () => {
  const priority = fc.oneof(named, fc.record({ column: named, better: fc.constantFrom('higher', 'lower') }))
  const type = fc.constantFrom('str', 'float', 'int', 'bool', 'float64', 'Boolean')
  const request = fc.record({
    combine_type: fc.constantFrom('concatenate', 'concatenate_and_remove_duplicates'),
    z_flag_homogenized_value_to_cut: orNull(fc.oneof(fc.integer({ min: -1, max: 8 }), fc.constant(2.5))),
    tie_treatment_option: fc.constantFrom('keep_all', 'draw_one'),
    tiebreaking_priority: orNull(
      fc.uniqueArray(priority, {
        minLength: 1,
        maxLength: 4,
        selector: (each) => (typeof each === 'string' ? each : each.column).trim(),
      }),
    ),
    crossmatch_radius_arcsec: orNull(number(1e-9, 60)),
    delta_z_threshold: orNull(number(0, 100)),
    seed: fc.nat(),
    remove_stars: fc.boolean(),
    restore_prior_tie_result: fc.boolean(),
    on_invalid_rows: fc.constantFrom('fail', 'drop'),
    insert_DP1_footprint_flag: fc.boolean(),
    insert_rubin_footprint_flag: fc.boolean(),
    extra_columns: fc
      .uniqueArray(fc.tuple(named, fc.oneof(type, fc.record({ type }), fc.record({ source: named, type }))), {
        maxLength: 4,
        selector: ([name]) => name.trim(),
      })
      .map((entries) => Object.fromEntries(entries)),
  })

  it('asks for the same, whatever the columns are called', () => {
    fc.assert(
      fc.property(request, (asked) => {
        const form = combineForm.presetOf(runOf(completeParameters(asked)))
        expect(readParameters(combineForm.parametersOf(sent(form)))).toEqual(readParameters(asked))
      }),
      { numRuns: 500 },
    )
  })

  it('still takes what is typed without quotes', () => {
    const form = {
      ...combineForm.EMPTY_FORM,
      priorities: 'z_flag, - z_err,',
      extraColumns: 'mag_i my source float\n\nq int',
    }
    expect(combineForm.parametersOf(form)).toMatchObject({
      tiebreaking_priority: ['z_flag', { column: 'z_err', better: 'lower' }],
      extra_columns: { mag_i: { source: 'my source', type: 'float' }, q: 'int' },
    })
  })
})

describe('the form that asks for what a run of the Training Set Maker was asked for', () => {
  const request = fc.record({
    crossmatch: fc.record({ radius_arcsec: number(1e-9, 3600) }),
    find: fc.constantFrom('best', 'each_object', 'all'),
    specz_selection: fc.constantFrom('all', 'winners'),
    on_invalid_rows: fc.constantFrom('fail', 'drop'),
    selected_cols: fc.uniqueArray(column, { maxLength: 5 }),
    flux_type: fc.constantFrom('auto', 'cModel'),
    convert_flux_to_mag: fc.boolean(),
    dereddening: fc.constantFrom('sfd', 'none', 'planck'),
    split_method: fc.constant('random'),
    subsets: orNull(
      fc.constantFrom({ train: 0.5, test: 0.5 }, { train: 1 }, { train: 0.25, validation: 0.25, test: 0.5 }),
    ),
    random_seed: orNull(fc.nat()),
  })

  it('asks for the same, whatever the columns are called', () => {
    fc.assert(
      fc.property(request, (asked) => {
        const form = trainingSetForm.presetOf(runOf(completeTrainingSetParameters(asked)))
        expect(readTrainingSetParameters(trainingSetForm.parametersOf(sent(form)))).toEqual(
          readTrainingSetParameters(asked),
        )
      }),
      { numRuns: 500 },
    )
  })

  it('keeps "as the redshift catalog"', () => {
    expect(trainingSetForm.presetOf(runOf({ output_format: null })).outputFormat).toBe('')
    expect(trainingSetForm.presetOf(runOf({ output_format: 'csv' })).outputFormat).toBe('csv')
    expect(trainingSetForm.presetOf(runOf({})).outputFormat).toBe('csv')
  })

  it('takes columns in lines or between commas', () => {
    const form = { ...trainingSetForm.EMPTY_FORM, selectedColumns: 'i_cModelFlux, my column\n"a, b"\n' }
    expect(listOf(trainingSetForm.parametersOf(form).selected_cols)).toEqual(['i_cModelFlux', 'my column', 'a, b'])
  })
})
