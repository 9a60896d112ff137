import { describe, expect, it } from 'vitest'
import type { CatalogInput } from '../../../src/pipelines/combine/catalog.ts'
import { toNumbers, toTexts } from '../../../src/pipelines/combine/columns.ts'
import { combine } from '../../../src/pipelines/combine/combine.ts'
import { readParameters } from '../../../src/pipelines/combine/parameters.ts'
import { CombineError } from '../../../src/pipelines/combine/problems.ts'
import { readDefaultRules, readRules } from '../../../src/pipelines/combine/rules/rules-file.ts'
import { catalog, column, rowsOf } from './catalogs.ts'

const good = { ra: [10, 20], dec: [0, -30], z: [0.1, 0.2], z_flag: [3, 4], survey: ['2DFGRS', '2DFGRS'] }
const noCut = { z_flag_homogenized_value_to_cut: null }

async function concatenated(inputs: CatalogInput | CatalogInput[], sent: object = noCut, rules = readDefaultRules()) {
  const result = await combine([inputs].flat(), readParameters({ ...noCut, ...sent }), rules)
  return { ...result, rows: rowsOf(result.table), names: result.table.columns.map(({ name }) => name) }
}

async function problemsOf(inputs: CatalogInput | CatalogInput[], sent: object = {}): Promise<string> {
  const error = await concatenated(inputs, sent).then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(CombineError)
  return (error as CombineError).message
}

describe('naming columns', () => {
  it('parks a column that is in the way, where rules can still read it', async () => {
    const rules = readRules(`
save_expr_columns: true
translation_rules:
  X:
    z_flag_translation: {default: 0, conditions: [{expr: "z__orig > 1", value: 4}]}
    instrument_type_translation: {default: s}`)
    const data = { ra: [1, 2], dec: [1, 2], z: [2, 0.5], zbest: [0.3, 0.4], survey: ['X', 'x'] }
    const { rows } = await concatenated(catalog('1_a', data, { z: 'zbest' }), {}, rules)
    expect(rows.map((row) => [row.z, row.z_flag_homogenized])).toEqual([
      [0.3, 4],
      [0.4, 0],
    ])
  })
  it("swaps columns that are each other's names", async () => {
    const { rows } = await concatenated(catalog('1_a', { ...good, z_err: [9, 8] }, { z: 'z_err', z_err: 'z' }))
    expect(rows.map((row) => [row.z, row.z_err])).toEqual([
      [9, 0.1],
      [8, 0.2],
    ])
  })
  it('gives a column that has two roles to the later one', async () => {
    const { rows, report } = await concatenated(catalog('1_a', good, { z: 'z', z_err: 'z' }))
    expect(rows[0]).toMatchObject({ z_err: 0.1 })
    expect(rows[0]?.z).toBeUndefined() // all null, dropped
    expect(report.warnings.join()).toContain("'z' is associated with both z and z_err")
  })
  it('leaves the earlier role empty, even if there is a column of its name', async () => {
    const data = { ...good, id: ['a', 'b'], name: ['2DFGRS', '2DFGRS'] }
    const { rows } = await concatenated(catalog('1_a', data, { id: 'name', survey: 'name' }))
    expect(rows.map((row) => [row.id, row.survey])).toEqual([
      [undefined, '2DFGRS'],
      [undefined, '2DFGRS'],
    ])
  })
  it('tells all mapped columns that are missing, and what may have been meant', async () => {
    const message = await problemsOf(catalog('1_a', good, { z_flag: 'Z_FLAG', ra: 'RA_deg' }))
    expect(message).toContain("[1_a] Missing mapped source columns: z_flag <- 'Z_FLAG' (closest matches: 'z_flag'")
    expect(message).toContain("ra <- 'RA_deg'")
    expect(message).toContain('Correct the column association')
    expect(message).not.toContain('Invalid RA/DEC')
  })
})

describe('values', () => {
  it('are cleaned', async () => {
    const { rows } = await concatenated(
      catalog('1_a', { ...good, id: [' a ', 'NaN'], survey: [' 2dfgrs', 'none'], instrument_type: ['', 'null'] }),
    )
    expect(rows.map((row) => [row.id, row.survey])).toEqual([
      ['a', '2DFGRS'],
      [null, null],
    ])
  })
  it('keep 64-bit ids exact, and print floats as Python does, truth values as Arrow does', async () => {
    const big = 2305843019946942123n
    expect((await concatenated(catalog('1_a', { ...good, id: [big, 1n] }))).rows[0]?.id).toBe(String(big))
    expect((await concatenated(catalog('1_a', { ...good, id: [123, null] }))).rows[0]?.id).toBe('123.0')
    const small = { kind: 'float', values: Float32Array.of(0.1, 1e-5) } as const
    expect(toTexts(small)).toEqual(['0.1', '1e-05'])
    expect(toTexts(column([true, null, false]))).toEqual(['true', null, 'false'])
    expect(toTexts(column([1e16, -0, 0.0001, Number.POSITIVE_INFINITY]))).toEqual(['1e+16', '-0.0', '0.0001', 'inf'])
  })
  it('widen float32 exactly', async () => {
    const input = catalog('1_a', good)
    const columns = new Map(input.columns).set('z', { kind: 'float', values: Float32Array.of(0.45152, 1) })
    expect((await concatenated({ ...input, columns })).rows[0]?.z).toBeCloseTo(0.4515199959, 10)
  })
  it('that are no numbers are refused with rows and examples', async () => {
    const message = await problemsOf(catalog('1_a', { ...good, z: ['0.1', 'bad'], z_err: ['x', ''] }))
    expect(message).toContain(
      `[1_a] Failed to convert 'z' to numeric: 1 non-numeric value(s). Examples: ["bad"], first in rows 2`,
    )
    expect(message).toContain(`Failed to convert 'z_err' to numeric: 1 non-numeric`)
  })
  it('letters of other surveys become null beside JADES, and say so', async () => {
    const { rows, report } = await concatenated(
      catalog('1_a', { ...good, survey: ['JADES', '2DFGRS'], z_flag: ['a', 'q'] }),
    )
    expect(rows.map((row) => row.z_flag_homogenized)).toEqual([4, null])
    expect(report.warnings.join()).toContain(
      "1 flags are neither numbers nor known letters and were taken as null: 'q'",
    )
    expect(await problemsOf(catalog('1_a', { ...good, z_flag: ['a', '1'] }))).toContain("Failed to convert 'z_flag'")
  })
})

describe('CRD_ID', () => {
  it('has the digits of the name and the row of the file, also after a cut', async () => {
    const { rows, report } = await concatenated(catalog('007_a', { ...good, z_flag: [1, 3] }), {
      z_flag_homogenized_value_to_cut: 3,
    })
    expect(rows.map((row) => row.CRD_ID)).toEqual(['CRD007_2'])
    expect(report.catalogs[0]).toMatchObject({ rowsRead: 2, rowsBelowCut: 1, rowsKept: 1 })
  })
  it('needs a name with a number, and different numbers', async () => {
    expect(await problemsOf(catalog('a', good))).toContain('Could not extract numeric prefix from internal_name')
    expect(await problemsOf([catalog('1_a', good), catalog('1_b', good)])).toContain('begin with the same number, 1')
    expect(await problemsOf([catalog('1_a', good), catalog('1_a', good)])).toContain('is given twice')
  })
})

describe('homogenization', () => {
  it('A: takes provided values, by name or by role', async () => {
    const provided = { ...good, z_flag_homogenized: [6, null], instrument_type_homogenized: [' S ', 'p'] }
    const { rows, report } = await concatenated(catalog('1_a', { ...provided, survey: ['unknown', null] }))
    expect(rows.map((row) => [row.z_flag_homogenized, row.instrument_type_homogenized])).toEqual([
      [6, 's'],
      [null, 'p'],
    ])
    expect(report.catalogs[0]).toMatchObject({ flagPath: 'provided', typePath: 'provided' })
    const mapped = catalog(
      '1_a',
      { ...good, Z_Flag_Homogenized: [4, 3], z_flag: [1, 1] },
      { z_flag: 'Z_Flag_Homogenized' },
    )
    expect((await concatenated(mapped)).rows.map((row) => row.z_flag_homogenized)).toEqual([4, 3])
  })
  it('B: takes probabilities and a column type', async () => {
    const flags = [0, 0.1, 0.69, 0.7, 0.9, 0.99, 1, null]
    const data = { ra: flags, dec: flags.map(() => 0), z_flag: flags, type: flags.map(() => ' P ') }
    const ra = flags.map((_, i) => i)
    const { rows, report } = await concatenated(catalog('1_a', { ...data, ra }))
    expect(rows.map((row) => row.z_flag_homogenized)).toEqual([0, 1, 1, 2, 3, 4, 4, null])
    expect(rows.map((row) => [row.instrument_type, row.instrument_type_homogenized])).toEqual(
      flags.map(() => ['p', 'p']),
    )
    expect(report.catalogs[0]).toMatchObject({ flagPath: 'direct', typePath: 'direct' })
  })
  it('B: flags of 0 and 1 alone are no probabilities', async () => {
    const { rows } = await concatenated(catalog('1_a', { ...good, z_flag: [0, 1] }))
    expect(rows.map((row) => row.z_flag_homogenized)).toEqual([null, 0])
  })
  it('C: tells all surveys without rules', async () => {
    const message = await problemsOf(catalog('1_a', { ...good, survey: ['2dFGR', 'mine'] }))
    expect(message).toContain("Missing YAML translation for 'z_flag' in surveys: ['2DFGR', 'MINE'] (first in row 1, 2)")
    expect(message).toContain("Missing YAML translation for 'instrument_type'")
    expect(message).toContain('did you mean 2DFGRS for 2DFGR')
    expect(message).toContain('Add blocks under translation_rules.<SURVEY>.z_flag_translation')
    expect(message.match(/Surveys with rules: 2DFGRS, 2DFLENS/g)).toHaveLength(1)
  })
  it('C: tells the condition, the survey and the column that is missing', async () => {
    const message = await problemsOf(catalog('1_a', { ...good, survey: ['DESI', 'DESI'], spectype: ['STAR', ''] }))
    expect(message).toContain(
      "Error evaluating condition 'SPECTYPE != 'STAR' and z_flag != 0 and not ZCAT_PRIMARY > 0' for survey 'DESI'",
    )
    expect(message).toContain("there is no column 'SPECTYPE'")
    expect(message).toContain("it has 'spectype'")
  })
  it('C: rows without a survey get nothing, and the report says so', async () => {
    const { rows, report } = await concatenated(catalog('1_a', { ...good, survey: ['2DFGRS', null] }))
    expect(rows.map((row) => row.z_flag_homogenized)).toEqual([3, null])
    expect(report.warnings.join()).toContain('1 rows have no survey')
  })
  it('is only needed for what ties are broken by, or the cut', async () => {
    const { names } = await concatenated(catalog('1_a', { ...good, survey: ['mine', 'mine'] }), {
      tiebreaking_priority: ['z_err'],
    })
    expect(names).not.toContain('z_flag_homogenized')
  })
})

describe('coordinates', () => {
  it('beyond the sky are refused with counts, rows and examples', async () => {
    const data = {
      ra: [10, 361, -181, null, 5],
      dec: [91, 0, 0, 0, -90.1],
      z_flag: [3, 3, 3, 3, 3],
      survey: Array(5).fill('2DFGRS'),
    }
    const message = await problemsOf(catalog('1_a', data))
    expect(message).toContain(
      '[1_a] Invalid RA/DEC rows: 5 of 5 (RA or DEC missing: 1, RA<0: 1, RA>=360: 1, DEC<-90: 1, DEC>90: 1)',
    )
    expect(message).toContain('row 2 (RA 361, DEC 0)')
    expect(message).toContain('on_invalid_rows: drop')
  })
  it('may be dropped, which is counted', async () => {
    const { rows, report } = await concatenated(catalog('1_a', { ...good, dec: [99, 1] }), { on_invalid_rows: 'drop' })
    expect(rows.map((row) => row.CRD_ID)).toEqual(['CRD1_2'])
    expect(report.catalogs[0]?.rowsWithInvalidCoordinates).toBe(1)
    expect(report.warnings.join()).toContain('These rows were left out')
  })
  it('are not looked at below the cut', async () => {
    const { rows } = await concatenated(catalog('1_a', { ...good, dec: [99, 1], z_flag: [1, 3] }), {
      z_flag_homogenized_value_to_cut: 1,
    })
    expect(rows).toHaveLength(1)
  })
  it('are brought into [0, 360), and the input is left as it was', async () => {
    const input = catalog('1_a', { ...good, ra: [-180, 360] })
    const { rows, report } = await concatenated(input)
    expect(rows.map((row) => row.ra)).toEqual([180, 0])
    expect(report.warnings.join()).toContain('2 right ascensions in [-180, 0) or equal to 360')
    expect(toNumbers(input.columns.get('ra')!)[0]).toBe(-180)
  })
  it('that no column is associated with are asked for', async () => {
    const { ra: _, ...rest } = good
    expect(await problemsOf(catalog('1_a', rest), { on_invalid_rows: 'drop' })).toContain(
      'No column is associated with ra',
    )
  })
})

describe('an earlier result', () => {
  const earlier = {
    CRD_ID: ['CRD1_1', 'CRD2_1'],
    id: ['x', 'y'],
    ra: [10, 20],
    dec: [0, 0],
    z: [1, 2],
    source: ['001_a', '002_b'],
    tie_result: [0, 2],
    compared_to: ['CRD2_9', null],
    z_flag_homogenized: [3, 4],
    instrument_type_homogenized: ['s', 'g'],
  }
  const mapping = { id: 'CRD_ID', ra: 'ra', dec: 'dec', z: 'z', z_flag: 'z_flag_homogenized' }
  const mark = { combine_type: 'concatenate_and_mark_duplicates' }

  it('keeps ids, sources, flags and results', async () => {
    const { rows, names } = await concatenated(catalog('9_c', earlier, mapping), mark)
    expect(rows).toMatchObject([
      {
        CRD_ID: 'CRD9_1',
        id: 'x',
        source: '9_c',
        original_source: '001_a',
        tie_result: 0,
        z_flag: 3,
        z_flag_homogenized: 3,
      },
      { CRD_ID: 'CRD9_2', id: 'y', original_source: '002_b', tie_result: 2, instrument_type_homogenized: 'g' },
    ])
    expect(names).not.toContain('compared_to')
  })
  it('keeps the first source through several combinations', async () => {
    const again = { ...earlier, source: ['5_c', '5_c'], original_source: ['001_a', null] }
    const { rows } = await concatenated(catalog('9_d', again, mapping))
    expect(rows.map((row) => row.original_source)).toEqual(['001_a', '5_c'])
  })
  it('forgets its results when asked', async () => {
    const { rows } = await concatenated(catalog('9_c', earlier, mapping), { ...mark, restore_prior_tie_result: false })
    expect(rows.map((row) => row.tie_result)).toEqual([1, 1])
  })
})

describe('extra columns', () => {
  it('of text are cleaned, as are columns of conditions that the rules file calls text', async () => {
    const rules = readRules(`
save_expr_columns: true
expr_column_schema: {Class: str}
translation_rules:
  2DFGRS:
    z_flag_translation: {default: 3, conditions: [{expr: "Class == 'STA' or Other == 'x'", value: 6}]}
    instrument_type_translation: {default: s}`)
    const texts = { label: [' Seyfert 2 ', ' none '], Class: [' GAL ', 'NaN'], Other: [' y', 'null'] }
    const { rows } = await concatenated(
      catalog('1_a', { ...good, ...texts }),
      { extra_columns: { label: 'str' } },
      rules,
    )
    expect(rows.map(({ label, Class, Other }) => [label, Class, Other])).toEqual([
      ['Seyfert 2', 'GAL', ' y'],
      [null, null, 'null'],
    ])
  })
  const warningsOf = async (inputs: CatalogInput[], extra_columns: object) =>
    (await concatenated(inputs, { extra_columns })).report.warnings

  it('that no input has are told, with what may be meant', async () => {
    const inputs = [catalog('1_a', { ...good, mag_i_lsst: [20, 21] }), catalog('2_b', good)]
    expect(await warningsOf(inputs, { mag_i_lst: 'float', mag_i_lsst: 'float' })).toEqual([
      "extra_columns: no input has 'mag_i_lst', so the column is empty. Did you mean 'mag_i_lsst'?",
    ])
  })

  it('tell how many values do not fit their type, nulls aside', async () => {
    const data = { ...good, label: ['NaN', 'faint'], size: [1.5, null], ok: [true, false] }
    const types = { label: 'float', size: 'int', ok: 'bool', text: { source: 'size', type: 'str' } }
    expect(await warningsOf([catalog('1_a', data)], types)).toEqual([
      "[1_a] extra_columns: 1 of 1 values of 'label' is no float and is empty in the result",
      "[1_a] extra_columns: 1 of 1 values of 'size' is no int and is empty in the result",
    ])
  })

  it('say what to do with ids beyond 64-bit integers', async () => {
    const ids = { kind: 'integer', values: BigUint64Array.of(2n ** 63n, 7n), nulls: null } as const
    const plain = catalog('1_a', { ...good, target: [1, 2] })
    const input = { ...plain, columns: new Map([...plain.columns, ['target', ids] as const]) }
    expect(await warningsOf([input], { target: 'int' })).toEqual([
      "[1_a] extra_columns: 1 of 2 values of 'target' is no int and is empty in the result. Integers of 2^63 and more do not fit: use str",
    ])
  })

  it('are carried in their types, also when empty', async () => {
    const extra_columns = {
      target: { source: 'TARGETID', type: 'int64' },
      mag: 'float',
      name: { source: 'mag', type: 'str' },
      best: { source: 'primary', type: 'bool' },
      nothing: 'int',
      redshift: 'double',
    }
    const a = {
      ...good,
      TARGETID: [2305843019946942123n, null],
      mag: ['21.5', 'faint'],
      primary: [true, false],
      redshift: [0.1, 0.2],
    }
    const { rows, table } = await concatenated(
      [catalog('1_a', a, { z: 'redshift' }), catalog('2_b', { ...good, primary: [1, 0] })],
      { extra_columns },
    )
    expect(rows[0]).toMatchObject({
      target: 2305843019946942123n,
      mag: 21.5,
      name: '21.5',
      best: true,
      nothing: null,
      redshift: 0.1,
    })
    expect(rows[1]).toMatchObject({ target: null, mag: null, name: 'faint', best: false })
    expect(rows[2]).toMatchObject({ target: null, best: null })
    expect(table.columns.slice(-6).map(({ name, type }) => [name, type])).toEqual([
      ['best', 'bool'],
      ['mag', 'float64'],
      ['name', 'string'],
      ['nothing', 'int64'],
      ['redshift', 'float64'],
      ['target', 'int64'],
    ])
  })
})

it('all problems of all inputs are told at once', async () => {
  const message = await problemsOf([
    catalog('1_a', { ...good, z: ['x', 'y'], dec: [100, 0] }),
    catalog('b', { ...good, survey: [null, null] }),
    catalog('3_c', { ra: [], dec: [] }),
  ])
  expect(message).toContain('There are 6 problems')
  for (const text of [
    "convert 'z'",
    '[1_a] Invalid RA/DEC',
    'numeric prefix',
    "All values in 'z_flag_homogenized'",
    '[3_c] The catalog has no rows',
  ])
    expect(message).toContain(text)
})
