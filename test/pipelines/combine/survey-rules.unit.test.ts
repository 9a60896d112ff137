/** The rules of every survey, with expectations written by hand from section 1.4.2 of the reference. */
import { describe, expect, it } from 'vitest'
import { combine } from '../../../src/pipelines/combine/combine.ts'
import { readParameters } from '../../../src/pipelines/combine/parameters.ts'
import { readDefaultRules } from '../../../src/pipelines/combine/rules/rules-file.ts'
import { catalog, rowsOf } from './catalogs.ts'

type Cell = number | string | boolean | null
const parameters = readParameters({ z_flag_homogenized_value_to_cut: null })

/**
 * The homogenized flags (or types) of rows, a record of columns each, of one survey. Two rows are added whose flag and type
 * are provided by other surveys, so that a survey may translate to nothing without the run failing.
 */
async function homogenized(survey: string, rows: readonly Record<string, Cell>[]) {
  const anchor: Record<string, Cell> = { survey: 'ELG_FIGS', z_flag: 100 }
  const all = [...rows.map((row) => ({ survey, ...row })), anchor]
  const names = new Set(all.flatMap((row) => Object.keys(row)))
  const data = Object.fromEntries(
    [...names].map((name) => [name, all.map((row) => (row as Record<string, Cell>)[name] ?? null)]),
  )
  const positions = { ra: all.map((_, i) => i), dec: all.map(() => 0) }
  const { table } = await combine([catalog('1_x', { ...positions, ...data })], parameters, readDefaultRules())
  const result = rowsOf(table).slice(0, rows.length)
  return {
    flags: result.map((row) => row.z_flag_homogenized),
    types: result.map((row) => row.instrument_type_homogenized ?? null),
  }
}

const flagsOf = async (survey: string, flags: readonly Cell[]) =>
  (
    await homogenized(
      survey,
      flags.map((z_flag) => ({ z_flag })),
    )
  ).flags

const ALWAYS_SPECTROSCOPIC = [
  '2DFGRS',
  '2DFLENS',
  '6DFGS',
  'OZDES',
  'C3R2_DR3',
  'COSMOS_SRC',
  'DEIMOS_10K',
  'VVDS',
  'ZCOSMOS',
]
  .concat(['DESI_DEEP_PILOT', 'VUDS', 'VANDELS', 'ELG_FIGS', 'EUCLID_Q1', 'FMOS_COSMOS', 'GAMA_DR4', 'HELP-DMU23'])
  .concat(['JADES', 'VIMOS', 'MOSDEF', '2MRS'])

describe('the rules of surveys', () => {
  it('are those of 38 surveys', () => {
    expect(readDefaultRules().surveys.size).toBe(38)
    for (const rules of readDefaultRules().surveys.values()) {
      expect(rules.flag).not.toBeNull()
      expect(rules.type).not.toBeNull()
    }
  })

  it.each(ALWAYS_SPECTROSCOPIC)('%s is spectroscopic', async (survey) => {
    expect((await homogenized(survey, [{ z_flag: 3 }])).types).toEqual(['s'])
  })

  it.each<[string, readonly Cell[], readonly Cell[]]>([
    ['2DFGRS', [1, 2, 3, 4, 5, 0, 6, null], [0, 1, 3, 4, 4, null, null, null]],
    ['2DFLENS', [1, 2, 3, 4, 6, 5, null], [0, 1, 3, 4, 6, null, null]],
    ['6DFGS', [1, 2, 3, 4, 6, 5, null], [0, 1, 3, 4, 6, null, null]],
    ['OZDES', [1, 2, 3, 4, 6, 5, null], [0, 1, 3, 4, 6, null, null]],
    ['ozdes', [1, 6], [0, 6]],
    ['C3R2_DR3', [4, 3.5, 3, 2, 1, null], [4, 3, 3, null, null, null]],
    ['COSMOS_SRC', [0, 1, 2, 3, 4, 9, 23.5, 214, 19, 5, -1, null], [0, 1, 2, 3, 4, 2, 3, 4, 2, 0, 0, 0]],
    ['DEIMOS_10K', [10, 11, 2, 3, 4, 9, 8, null], [0, 1, 2, 3, 4, 2, 0, 0]],
    ['VVDS', [0, 1, 2, 3, 4, 9, 29, 7, null], [0, 1, 2, 3, 4, 2, 2, 0, 0]],
    ['ZCOSMOS', [0, 1.5, 2.1, 3.5, 4.5, 9.3, 13.5, 6, null], [0, 1, 2, 3, 4, 2, 3, 0, 0]],
    ['DESI_DEEP_PILOT', [0, 1, 2, 3, 4, 9, 14, null], [0, 1, 2, 3, 4, 0, 4, 0]],
    ['VUDS', [0, 1, 2, 3, 4, 9, 22, 41, null], [0, 1, 2, 3, 4, 2, 2, 1, 0]],
    ['VANDELS', [0, 1, 2, 3, 4, 9, 14, 5, null], [0, 1, 2, 4, 4, 3, 4, 0, 0]],
    ['ELG_FIGS', [0, 9, null], [3, 3, 3]],
    ['FMOS_COSMOS', [-99, 0, 1, 2, 3, 4, -1, 5, null], [0, 0, 1, 2, 3, 4, 6, null, null]],
    ['GAMA_DR4', [5, 4, 3, 2, 1, 0, null], [4, 4, 3, 2, 1, null, null]],
    ['HELP-DMU23', [1, 2, 3, 4, 5, 0, null], [0, 1, 3, 4, 4, null, null]],
    ['MOSDEF', [7, 6, 5, 4, 3, 2, 1, 0, 8, null], [4, 3, 2, 2, 1, 1, 0, 0, null, null]],
    ['PRIMUS', [-1, 2, 3, 4, 1, null], [0, 1, 2, 3, null, null]],
    ['EUCLID_Q1', [0, 0.5, 0.7, 0.89, 0.9, 0.98, 0.99, 1, 1.5, -1, null], [0, 1, 2, 2, 3, 3, 4, 4, 4, 0, 0]],
    ['JADES', ['A', ' b ', 'C', 'D', 'E', 'F', '3', null], [4, 3, 2, 1, 0, null, 3, null]],
    [
      'VIMOS',
      ['LRb_X', 'MR_X', 'LRB_B', 'LRB_C', 'MR_C', 'MR_B', 'LRB_A', 'MR_A', 'A'],
      [0, 0, 1, 1, 1, 3, 4, 4, null],
    ],
  ])('%s: flags %o become %o', async (survey, flags, expected) => {
    // A text column keeps its text: the anchor's flag is written as text then.
    if (flags.some((flag) => typeof flag === 'string')) {
      const data = {
        ra: flags.map((_, i) => i),
        dec: flags.map(() => 0),
        survey: flags.map(() => survey),
        z_flag: flags,
      }
      const { table } = await combine([catalog('1_x', data)], parameters, readDefaultRules())
      expect(rowsOf(table).map((row) => row.z_flag_homogenized)).toEqual(expected)
    } else expect(await flagsOf(survey, flags)).toEqual(expected)
  })

  it('PRIMUS is grism', async () => {
    expect((await homogenized('PRIMUS', [{ z_flag: 3 }])).types).toEqual(['g'])
  })

  it('2MRS goes by the error of the redshift', async () => {
    const errors = [0, 0.0005, 0.001, 0.5, -1, null]
    expect(
      (
        await homogenized(
          '2MRS',
          errors.map((z_err) => ({ z_err })),
        )
      ).flags,
    ).toEqual([3, 4, 3, 3, 0, 0])
  })

  it('3D-HST goes by the origin of the best redshift', async () => {
    const base = { z_spec: 1, use_zgrism: 1, flag1: 0, flag2: 0, use_phot: 1 }
    const found = await homogenized('3D-HST', [
      { ...base, z_best_s: 0 },
      { ...base, z_best_s: 1 },
      { ...base, z_best_s: 1, z_spec: -1 },
      { ...base, z_best_s: 2 },
      { ...base, z_best_s: 2, flag2: 1 },
      { ...base, z_best_s: 3 },
      { ...base, z_best_s: 3, use_phot: 0 },
      { ...base, z_best_s: 9 },
    ])
    expect(found.flags).toEqual([6, 3, 0, 3, 0, 3, 0, 0])
    expect(found.types).toEqual(['g', 's', 's', 'g', 'g', 'p', 'p', 'g'])
  })

  it('ASTRODEEP goes by the survey of the spectrum', async () => {
    const found = await homogenized('ASTRODEEP', [
      { zspec_survey: 'VVDS' },
      { zspec_survey: '-' },
      { zspec_survey: null },
    ])
    expect(found).toEqual({ flags: [3, 3, 0], types: ['s', 'p', 'p'] })
  })

  it('ASTRODEEP-JWST goes by the tens of the flag', async () => {
    const flags = [0, 9, 10, 39, 40, 135, 145, 399, 400, 430, -5, null]
    const found = await homogenized(
      'ASTRODEEP-JWST',
      flags.map((z_flag, i) => ({ z_flag, zspec: [1, -99, null][i % 3]! })),
    )
    expect(found.flags).toEqual([3, 3, 3, 3, 0, 3, 0, 0, 0, 0, 0, 0])
    expect(found.types.slice(0, 3)).toEqual(['s', 'p', 's'])
  })

  it('COSMOS2020_CLASSIC goes by the agreement of estimates', async () => {
    const good = { z: 1, lp_type: 0, lp_zPDF: 1, lp_zMinChi2: 1, lp_zPDF_l68: 0.9, lp_zPDF_u68: 1.1, lp_NbFilt: 31 }
    const found = await homogenized('COSMOS2020_CLASSIC', [
      good,
      { ...good, lp_NbFilt: 30 },
      { ...good, lp_NbFilt: null },
      { ...good, lp_zMinChi2: 1.2 },
      { ...good, lp_zPDF_l68: null },
      { ...good, lp_type: 1 },
      { ...good, lp_type: -9 },
      { ...good, z: null },
      { ...good, z: null, lp_type: 1 },
      { ...good, lp_type: 2 },
    ])
    expect(found.flags).toEqual([3, 2, 2, 1, 1, 6, 0, 0, 6, 3])
    expect(new Set(found.types)).toEqual(new Set(['p']))
  })

  it('VIPERS_PDR2 goes by the last digit and classFlag', async () => {
    const rows = [11, 2, 9, 13, 24, 0, 5, null].map((z_flag) => ({ z_flag, classFlag: 1 }))
    const found = await homogenized('VIPERS_PDR2', [
      ...rows,
      { z_flag: 4, classFlag: -1 },
      { z_flag: 4, classFlag: null },
    ])
    expect(found.flags).toEqual([1, 3, 3, 4, 4, 0, 0, 0, 6, 4])
    expect(found.types[0]).toBe('s')
  })

  it('COSMOS_WEB goes by the agreement of estimates; its stars are never recognised', async () => {
    const good = { z_flag: 0, type: 0, zpdf_med: 1, zchi2: 1, nbfilt: 31 }
    const found = await homogenized('COSMOS_Web', [
      good,
      { ...good, nbfilt: 29 },
      { ...good, nbfilt: 30 },
      { ...good, zchi2: 1.01 },
      { ...good, z_flag: 1 },
      { ...good, type: 1 },
      { ...good, type: null },
    ])
    expect(found.flags).toEqual([3, 2, 0, 1, 0, 3, 0])
    expect(found.types[0]).toBe('p')
  })

  it.each(['DESI', 'DESI_DR1'])('%s goes by ZWARN, the primary spectrum and the error', async (survey) => {
    const good = { z_flag: 0, SPECTYPE: 'GALAXY', ZCAT_PRIMARY: true, z_err: 0.0001 }
    const found = await homogenized(survey, [
      good,
      { ...good, z_err: 0.001 },
      { ...good, z_err: null },
      { ...good, ZCAT_PRIMARY: false },
      { ...good, z_flag: 4 },
      { ...good, z_flag: 4, ZCAT_PRIMARY: false },
      { ...good, SPECTYPE: 'STAR', z_flag: 4 },
      { ...good, SPECTYPE: null },
    ])
    expect(found.flags).toEqual([4, 3, 0, 0, 1, 0, 6, 0])
    expect(found.types[0]).toBe('s')
    const numbers = [1, 0, null].map((ZCAT_PRIMARY) => ({ ...good, ZCAT_PRIMARY }))
    const warned = numbers.map((row) => ({ ...row, z_flag: 4 }))
    expect((await homogenized(survey, [...numbers, ...warned])).flags).toEqual([4, 0, 0, 1, 0, 0])
  })

  it.each(['SDSS_DR17', 'SDSS_DR19'])('%s goes by ZWARNING, the primary spectrum and the error', async (survey) => {
    const good = { z_flag: 0, CLASS: 'GALAXY', SPECPRIMARY: 1, z_err: 0.0001 }
    const found = await homogenized(survey, [
      good,
      { ...good, z_err: 0.001 },
      { ...good, SPECPRIMARY: 0 },
      { ...good, z_flag: 4 },
      { ...good, z_flag: 4, SPECPRIMARY: 0 },
      { ...good, CLASS: 'STAR' },
    ])
    expect(found.flags).toEqual([4, 3, 0, 1, 0, 6])
    expect(found.types[0]).toBe('s')
  })

  it.each([
    ['ELAISS1OID', 'zfinal_type'],
    ['SWIRE-REVISED', 'zfinal_type'],
    ['ELAISFBMC', 'zbest_type'],
  ])('%s has its types in %s', async (survey, column) => {
    const flags = [0, 1, 2, 3, 4, 6, 5]
    const found = await homogenized(
      survey,
      flags.map((z_flag, i) => ({ z_flag, [column]: ['s', 'p', 'x', null][i % 4]! })),
    )
    expect(found.flags).toEqual([0, 1, 2, 3, 4, 6, null])
    expect(found.types).toEqual(['s', 'p', 'p', 'p', 's', 'p', 'p'])
  })

  it.each(['JADES_DR5_PHOTOZ', 'JADES_DR5_PHOTOZ_KRON'])('%s goes by the agreement of estimates', async (survey) => {
    const good = { z: 1, z_ml: 1, chi_a: 2, nfilt: 9, z_peak: 1, z500: 1, l68: 0.9, u68: 1.1, l95: 0.8, u95: 1.2 }
    const found = await homogenized(survey, [
      good,
      { ...good, z_peak: 1.15 },
      { ...good, z_peak: 1.3 },
      { ...good, l68: null },
      { ...good, z500: null },
      { ...good, z500: null, nfilt: 0 },
      { ...good, z500: null, chi_a: null },
    ])
    expect(found.flags).toEqual([3, 2, 1, 2, 1, 0, 0])
    expect(found.types[0]).toBe('p')
  })

  it('XMM_LSS counts flags backwards and has stars in Class', async () => {
    const rows: [Cell, Cell][] = [
      [3, 'GAL'],
      [2, 'GAL'],
      [1, 'GAL'],
      [4, 'GAL'],
      [1, 'STA'],
      [1, null],
    ]
    const found = await homogenized(
      'XMM_LSS',
      rows.map(([z_flag, Class]) => ({ z_flag, Class })),
    )
    expect(found.flags).toEqual([1, 2, 3, 0, 6, 0])
    expect(found.types[0]).toBe('s')
  })
})
