import { describe, expect, it } from 'vitest'
import { ParametersError } from '../../../src/pipelines/parameters-error.ts'
import { readTrainingSetParameters as read } from '../../../src/pipelines/training-set/parameters.ts'
import { outputFormat } from '../../../src/pipelines/training-set/result.ts'

function problemsOf(sent: unknown): Record<string, string> {
  try {
    read(sent)
  } catch (error) {
    if (error instanceof ParametersError) {
      return Object.fromEntries(error.problems.map(({ parameter, message }) => [parameter, message]))
    }
    throw error
  }
  return {}
}

describe('readTrainingSetParameters', () => {
  it('has the defaults of the reference, and a split that can be repeated', () => {
    expect(read(undefined)).toEqual({
      radiusArcsec: 1,
      neighbours: 1,
      find: 'best',
      speczSelection: 'all',
      onInvalidRows: 'fail',
      selectedColumns: [],
      fluxType: 'auto',
      convertFluxToMag: true,
      dereddening: 'sfd',
      split: {
        shares: [
          { name: 'train', share: 0.7 },
          { name: 'test', share: expect.closeTo(0.3) },
        ],
        seed: 0,
        named: false,
      },
      railReady: false,
      outputFormat: null,
      warnings: [],
    })
  })

  it('takes what the Python client sends', () => {
    const sent = {
      crossmatch: { radius_arcsec: 1.0, n_neighbors: 1 },
      use_absolute_lsdb_path: false,
      selected_cols: [],
      flux_type: 'auto',
      convert_flux_to_mag: true,
      dereddening: 'sfd',
      split_method: 'random',
      train_fraction: 0.7,
      random_seed: null,
    }
    expect(read(sent)).toEqual(read({}))
  })

  it('makes no fluxes ready for RAIL, which reads magnitudes', () => {
    expect(problemsOf({ rail_ready: true, convert_flux_to_mag: false })).toEqual({
      rail_ready: expect.stringContaining('leave convert_flux_to_mag on'),
    })
  })

  it('takes numbers that come as text, and says plainly what a value must be', () => {
    const sent = { crossmatch: { radius_arcsec: '0.5', n_neighbors: '2' }, subsets: { train: '1' }, random_seed: '3' }
    expect(read(sent)).toMatchObject({ radiusArcsec: 0.5, neighbours: 2, split: { seed: 3 } })
    expect(
      problemsOf({ crossmatch: { radius_arcsec: 'near' }, flux_type: 'a b', find: 'any', random_seed: 'x' }),
    ).toEqual({
      'crossmatch.radius_arcsec': 'crossmatch.radius_arcsec must be a number; got "near"',
      flux_type: 'flux_type must be one word of letters, digits, dots, dashes and underscores; got "a b"',
      find: 'find must be one of best, each_object, all; got "any"',
      random_seed: 'random_seed must be a whole number or null; got "x"',
    })
  })

  it('takes what the web form sends', () => {
    const sent = {
      crossmatch: { radius_arcsec: 0.4, n_neighbors: 2, output_catalog_name: 'tsm_cross_001' },
      duplicate_criteria: 'closest',
      flux_type: 'cmodel',
      dereddening: 'sfd',
      convert_flux_to_mag: 'on',
      output_format: 'specz',
    }
    const { warnings, ...parameters } = read(sent)
    expect(parameters).toMatchObject({ radiusArcsec: 0.4, neighbours: 2, fluxType: 'cmodel', outputFormat: null })
    expect(warnings).toHaveLength(1)
  })

  it.each([
    ['pq', 'parquet'],
    ['HF5', 'hdf5'],
    ['fit', 'fits'],
    ['votable', 'votable'],
    ['hats', 'hats'],
  ])('knows the format %s', (sent, format) => {
    expect(read({ output_format: sent }).outputFormat).toBe(format)
  })

  it('writes the format of the redshift catalog unless another is asked for', () => {
    expect(outputFormat(read({}).outputFormat, 'fits')).toBe('fits')
    expect(outputFormat(read({ output_format: 'csv' }).outputFormat, 'fits')).toBe('csv')
  })

  it('tells all problems at once, with what was meant', () => {
    const problems = problemsOf({
      crossmatch: { radius: 1, n_neighbors: 0 },
      train_fraction: 1,
      flux: 'cmodel',
      flux_type: '../../etc',
      output_format: 'xlsx',
      use_absolute_lsdb_path: true,
      random_seed: -1,
    })
    expect(Object.keys(problems).sort()).toEqual(
      [
        'crossmatch.n_neighbors',
        'crossmatch.radius',
        'flux',
        'flux_type',
        'output_format',
        'random_seed',
        'train_fraction',
        'use_absolute_lsdb_path',
      ].sort(),
    )
    expect(problems['crossmatch.radius']).toContain("did you mean 'radius_arcsec'")
    expect(problems.output_format).toContain('parquet')
    expect(problems.random_seed).toContain('got -1')
  })

  it.each([
    [{ crossmatch: { n_neighbors: 3 }, find: 'all' }, 'crossmatch.n_neighbors'],
    [{ rail_ready: true, output_format: 'csv' }, 'rail_ready'],
    [{ subsets: { train: 0.5, test: 0.4 } }, 'subsets'],
    [{ crossmatch: { radius_arcsec: 0 } }, 'crossmatch.radius_arcsec'],
    [[], ''],
    [{ selected_cols: 'ra' }, 'selected_cols'],
  ])('refuses %j', (sent, parameter) => {
    expect(Object.keys(problemsOf(sent))).toEqual([parameter])
  })

  it('takes several subsets', () => {
    const { split, warnings } = read({ subsets: { train: 0.8, validation: 0.1, test: 0.1 }, train_fraction: 0.5 })
    expect(split).toMatchObject({ named: true })
    expect(split?.shares.map(({ name }) => name)).toEqual(['train', 'validation', 'test'])
    expect(warnings.join()).toContain('train_fraction')
  })

  it('leaves dust alone when told so', () => {
    for (const none of [null, 'none', 'None', false]) expect(read({ dereddening: none }).dereddening).toBeNull()
  })
})
