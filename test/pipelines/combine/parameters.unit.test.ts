import { describe, expect, it } from 'vitest'
import { readParameters } from '../../../src/pipelines/combine/parameters.ts'
import { ParametersError } from '../../../src/pipelines/parameters-error.ts'

const problemsOf = (sent: unknown): string[] => {
  try {
    readParameters(sent)
  } catch (error) {
    if (error instanceof ParametersError) return error.problems.map(({ message }) => message)
    throw error
  }
  return []
}

describe('parameters', () => {
  it('have the defaults of the server', () => {
    expect(readParameters({})).toEqual({
      combineType: 'concatenate',
      flagCut: 3,
      flagsTranslationFile: null,
      extraColumns: [],
      insertDP1FootprintFlag: false,
      insertRubinFootprintFlag: true,
      tieTreatment: 'remove_all',
      tiebreakingPriority: null,
      crossmatchRadiusArcsec: null,
      deltaZThreshold: null,
      seed: 0,
      restorePriorTieResult: true,
      removeStars: false,
      onInvalidRows: 'fail',
      outputFormat: 'parquet',
      warnings: [],
    })
    expect(readParameters(undefined)).toEqual(readParameters({}))
  })

  it('that play no part are told', () => {
    const warningsOf = (sent: object) => readParameters(sent).warnings
    const sent = { crossmatch_radius_arcsec: 1, delta_z_threshold: 0.01, tie_treatment_option: 'keep_all' }
    expect(warningsOf(sent)).toEqual([
      'crossmatch_radius_arcsec has no effect: concatenate does not look for duplicates',
      'delta_z_threshold has no effect: concatenate does not look for duplicates',
      'tie_treatment_option keep_all has no effect: concatenate removes no duplicates',
    ])
    expect(warningsOf({ ...sent, combine_type: 'concatenate_and_mark_duplicates' })).toEqual([
      'tie_treatment_option keep_all has no effect: concatenate_and_mark_duplicates removes no duplicates',
    ])
    expect(warningsOf({ ...sent, combine_type: 'concatenate_and_remove_duplicates' })).toEqual([])
    expect(warningsOf({ tiebreaking_priority: ['z_err'], seed: 7, restore_prior_tie_result: false })).toEqual([
      'restore_prior_tie_result has no effect: concatenate does not look for duplicates',
      'tiebreaking_priority breaks no ties: concatenate does not look for duplicates',
      expect.stringContaining('seed has no effect'),
    ])
    const drawn = { combine_type: 'concatenate_and_remove_duplicates', tie_treatment_option: 'draw_one', seed: 7 }
    expect(warningsOf(drawn)).toEqual([])
    expect(warningsOf({ ...drawn, tie_treatment_option: 'keep_all' })).toEqual([
      expect.stringContaining('seed has no effect'),
    ])
  })

  it('are numbers also when they come as text, as for the reference', () => {
    const sent = { crossmatch_radius_arcsec: '0.75', seed: ' 7 ', z_flag_homogenized_value_to_cut: '4.0' }
    expect(readParameters(sent)).toMatchObject({ crossmatchRadiusArcsec: 0.75, seed: 7, flagCut: 4 })
    expect(() => readParameters({ crossmatch_radius_arcsec: 'near' })).toThrow(
      'crossmatch_radius_arcsec must be a number or null; got "near"',
    )
  })

  it('have the extra columns in the order of their names, in whatever order a database keeps the mapping', () => {
    const names = (sent: object) => readParameters({ extra_columns: sent }).extraColumns.map(({ name }) => name)
    expect(names({ mag: 'float', cx: 'str', Nope: 'int' })).toEqual(['Nope', 'cx', 'mag'])
    expect(names({ cx: 'str', Nope: 'int', mag: 'float' })).toEqual(['Nope', 'cx', 'mag'])
  })

  it('are taken as the Python client and the web form send them', () => {
    const client = {
      combine_type: 'concatenate',
      extra_columns: {},
      z_flag_homogenized_value_to_cut: 3.0,
      flags_translation_file: 'flags_translation.yaml',
      insert_DP1_footprint_flag: false,
      insert_rubin_footprint_flag: true,
    }
    expect(readParameters(client).flagsTranslationFile).toBe('flags_translation.yaml')
    const web = readParameters({ combine_type: 'Concatenate_and_Mark_Duplicates', z_flag_homogenized_value_to_cut: 0 })
    expect(web).toMatchObject({ combineType: 'concatenate_and_mark_duplicates', flagCut: null, warnings: [] })
    expect(readParameters({ insert_DP1_footprint_flag: 'yes', remove_stars: 'off' })).toMatchObject({
      insertDP1FootprintFlag: true,
      removeStars: false,
    })
  })

  it('may ask for everything', () => {
    const read = readParameters({
      tiebreaking_priority: ['z_flag_homogenized', { column: 'z_err', better: 'lower' }],
      crossmatch_radius_arcsec: 1,
      delta_z_threshold: 0,
      tie_treatment_option: 'draw_one',
      seed: 7,
      extra_columns: { mag: 'float64', target: { source: 'TARGETID', type: 'int' } },
      z_flag_homogenized_value_to_cut: null,
      output_format: 'HDF5',
    })
    expect(read).toMatchObject({
      tiebreakingPriority: [
        { column: 'z_flag_homogenized', better: 'higher' },
        { column: 'z_err', better: 'lower' },
      ],
      crossmatchRadiusArcsec: 1,
      deltaZThreshold: 0,
      extraColumns: [
        { name: 'mag', source: 'mag', type: 'float' },
        { name: 'target', source: 'TARGETID', type: 'int' },
      ],
      flagCut: null,
      outputFormat: 'hdf5',
    })
  })

  it.each([2.5, -1, 7])('a cut at %d is no cut, and says so', (cut) => {
    const read = readParameters({ z_flag_homogenized_value_to_cut: cut })
    expect(read.flagCut).toBeNull()
    expect(read.warnings[0]).toContain(`is ${cut}`)
  })

  it('are refused with all problems at once', () => {
    const problems = problemsOf({
      combine_typ: 'concatenate',
      tie_treatment_option: 'coin',
      crossmatch_radius_arcsec: 0,
      delta_z_threshold: -1,
      seed: 1.5,
      insert_DP1_footprint_flag: 'perhaps',
      tiebreaking_priority: ['z', 'z', { column: 'z_err', better: 'smaller' }],
      extra_columns: { ra: 'float', x: 'complex', y: { source: '', type: 'int', unit: 'mag' } },
    })
    for (const text of [
      "unknown parameter 'combine_typ': did you mean 'combine_type'?",
      'tie_treatment_option must be one of remove_all, keep_all, draw_one; got "coin"',
      'crossmatch_radius_arcsec must be > 0; got 0',
      'delta_z_threshold must be >= 0',
      'seed must be a whole number; got 1.5',
      'insert_DP1_footprint_flag must be true or false; got "perhaps"',
      "tiebreaking_priority names 'z' twice",
      'tiebreaking_priority[2] must be the name of a column',
      "extra_columns['ra']: this is a column of the pipeline",
      'extra_columns[\'x\']: unsupported type "complex". Supported types: str, float, int, bool',
      "extra_columns['y']: unknown option 'unit'",
      "extra_columns['y']: source must be the name of a column",
    ])
      expect(problems.join('\n')).toContain(text)
  })

  it.each([[[]], ['text'], [3]])('%o is not a mapping', (sent) => {
    expect(problemsOf(sent)).toEqual(['the parameters must be a mapping from names to values'])
  })

  it('an empty priority list is refused', () => {
    expect(problemsOf({ tiebreaking_priority: [] })[0]).toContain('must be a non-empty list')
  })
})
