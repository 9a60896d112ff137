import { Bool, Field, Float64, Int64, makeData, RecordBatch, Schema, Struct, Utf8, vectorFromArray } from 'apache-arrow'
import { describe, expect, it } from 'vitest'
import { fromBatches } from '../../../src/pipelines/combine/catalog.ts'
import { textColumn } from '../../../src/pipelines/combine/columns.ts'
import { combine, type Progress } from '../../../src/pipelines/combine/combine.ts'
import { readParameters } from '../../../src/pipelines/combine/parameters.ts'
import { readDefaultRules } from '../../../src/pipelines/combine/rules/rules-file.ts'
import type { TableReader } from '../../../src/tables/table.ts'
import { catalog, rowsOf } from './catalogs.ts'

const rules = readDefaultRules()
const MARK = 'concatenate_and_mark_duplicates'
const REMOVE = 'concatenate_and_remove_duplicates'
const second = 1 / 3600

/**
 * Two catalogs. At RA 10: a winner by flag and a loser. At RA 20: a hard tie. At RA 30: a star beside a galaxy. At RA 40:
 * a row alone. At RA 50: two measurements of one redshift.
 */
const inputs = [
  catalog('2_first', {
    id: ['a', 'b', 'c', 'd', 'e'],
    ra: [10, 20, 30, 40, 50],
    dec: [0, 0, 0, 0, 0],
    z: [0.1, 0.2, 0, 0.4, 0.5],
    z_flag: [4, 4, 6, 1, 3],
    z_err: [0.5, 0.5, 0.5, 0.5, 0.5],
    survey: Array(5).fill('OZDES'),
  }),
  catalog('1_second', {
    ra: [10, 20, 30, 50],
    dec: [0.4 * second, 0.4 * second, 0.4 * second, 0.4 * second],
    z: [0.1, 0.3, 0.3, 0.5],
    z_flag: [3, 4, 4, 3],
    z_err: [0.1, 0.1, 0.1, 0.1],
    survey: Array(4).fill('2DFLENS'),
  }),
]

async function run(sent: object) {
  const result = await combine(inputs, readParameters({ z_flag_homogenized_value_to_cut: null, ...sent }), rules)
  return { ...result, rows: rowsOf(result.table), names: result.table.columns.map(({ name }) => name) }
}

describe('combining', () => {
  it('marks duplicates, in the order of the inputs and their rows', async () => {
    const { rows, table, columnsAssoc, report } = await run({ combine_type: MARK, insert_DP1_footprint_flag: true })
    expect(table.columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'CRD_ID string',
      'id string',
      'ra float64',
      'dec float64',
      'z float64',
      'z_flag float64',
      'z_err float64',
      'survey string',
      'source string',
      'tie_result int8',
      'is_in_DP1_fields int64',
      'is_in_rubin_footprint int64',
      'compared_to string',
      'z_flag_homogenized float64',
      'instrument_type_homogenized string',
      'group_id int64',
    ])
    expect(rows.map((row) => [row.CRD_ID, row.tie_result, row.compared_to, row.group_id])).toEqual([
      ['CRD2_1', 1, 'CRD1_1', 1n],
      ['CRD2_2', 2, 'CRD1_2', 2n],
      ['CRD2_3', 3, 'CRD1_3', 3n],
      ['CRD2_4', 1, null, 4n],
      ['CRD2_5', 0, 'CRD1_4', 5n],
      ['CRD1_1', 0, 'CRD2_1', 1n],
      ['CRD1_2', 2, 'CRD2_2', 2n],
      ['CRD1_3', 1, 'CRD2_3', 6n],
      ['CRD1_4', 1, 'CRD2_5', 5n],
    ])
    expect(columnsAssoc).toEqual({
      id: 'CRD_ID',
      ra: 'ra',
      dec: 'dec',
      z: 'z',
      z_flag: 'z_flag_homogenized',
      z_err: 'z_err',
      survey: 'survey',
    })
    expect(report).toMatchObject({
      rowsPrepared: 9,
      rowsInResult: 9,
      duplicates: { pairs: 4, groups: 3, largestGroup: 2, hardTies: 1, drawnTies: 0 },
      emptyColumns: ['instrument_type'],
      catalogs: [
        { name: '2_first', ties: { 0: 1, 1: 2, 2: 1, 3: 1 }, flags: { 0: 1, 3: 1, 4: 2, 6: 1 }, rowsInResult: 5 },
        { name: '1_second', ties: { 0: 1, 1: 2, 2: 1 }, types: { s: 4 }, rowsInResult: 4 },
      ],
    })
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
  })

  it('keeps columns without any value in HATS', async () => {
    expect((await run({ combine_type: MARK })).names).not.toContain('instrument_type')
    const { names, rows, report } = await run({ combine_type: MARK, output_format: 'hats' })
    expect(names).toContain('instrument_type')
    expect(new Set(rows.map((row) => row.instrument_type))).toEqual(new Set([null]))
    expect(report.emptyColumns).toEqual([])
  })

  it('only concatenates', async () => {
    const { rows, names, report } = await run({})
    expect(rows).toHaveLength(9)
    for (const name of ['tie_result', 'compared_to', 'group_id']) expect(names).not.toContain(name)
    expect(report.duplicates).toBeNull()
  })

  it.each([
    ['remove_all', ['CRD2_1', 'CRD2_4', 'CRD1_3', 'CRD1_4']],
    ['keep_all', ['CRD2_1', 'CRD2_2', 'CRD2_4', 'CRD1_2', 'CRD1_3', 'CRD1_4']],
  ])('removes duplicates, of ties %s', async (tie_treatment_option, ids) => {
    const { rows, report } = await run({ combine_type: REMOVE, tie_treatment_option })
    expect(rows.map((row) => row.CRD_ID)).toEqual(ids)
    expect(report.catalogs.reduce((sum, { rowsInResult }) => sum + rowsInResult, 0)).toBe(ids.length)
  })

  it('draws one of each tie by the seed', async () => {
    const drawnBy = async (seed: number) => {
      const { rows } = await run({ combine_type: REMOVE, tie_treatment_option: 'draw_one', seed })
      expect(rows).toHaveLength(5)
      expect(new Set(rows.map((row) => row.tie_result))).toEqual(new Set([1]))
      return rows.map((row) => row.CRD_ID).find((id) => id === 'CRD2_2' || id === 'CRD1_2')
    }
    const seeds = Array.from({ length: 16 }, (_, seed) => seed)
    const drawn = await Promise.all(seeds.map(drawnBy))
    expect(new Set(drawn)).toEqual(new Set(['CRD2_2', 'CRD1_2']))
    expect(await Promise.all(seeds.map(drawnBy))).toEqual(drawn)
  })

  it('lets a smaller error win when asked', async () => {
    const tiebreaking_priority = ['z_flag_homogenized', { column: 'z_err', better: 'lower' }]
    const { rows } = await run({ combine_type: MARK, tiebreaking_priority })
    expect(rows.filter((row) => row.ra === 20).map((row) => row.tie_result)).toEqual([0, 1])
  })

  it('refuses priorities that no catalog has, or that are text', async () => {
    await expect(run({ combine_type: MARK, tiebreaking_priority: ['snr', 'survey'] })).rejects.toThrow(
      /Missing priority columns in main: 'snr'[\s\S]*\[2_first\] 'survey' is text[\s\S]*\[1_second\] 'survey' is text/,
    )
  })

  it('removes stars in every mode', async () => {
    const { rows, report } = await run({ combine_type: MARK, remove_stars: true })
    expect(rows).toHaveLength(8)
    expect(rows.find((row) => row.CRD_ID === 'CRD1_3')).toMatchObject({ tie_result: 1, compared_to: null })
    expect(report.catalogs[0]?.starsRemoved).toBe(1)
  })

  it('skips a catalog that the cut empties, and refuses when nothing is left', async () => {
    const cut = { z_flag_homogenized_value_to_cut: 6 }
    const { report, rows } = await run(cut)
    expect(rows.map((row) => row.CRD_ID)).toEqual(['CRD2_3'])
    expect(report.warnings.join()).toContain('[1_second] No row is left')
    expect(report.catalogs).toMatchObject([{ rowsInResult: 1 }, { rowsInResult: 0, rowsBelowCut: 4 }])
    await expect(run({ ...cut, remove_stars: true })).rejects.toThrow('All input catalogs became empty after applying')
    await expect(run({ ...cut, combine_type: REMOVE })).rejects.toThrow(
      /^Final catalog is empty before export \(1 stars, 0 tied rows, 0 losers were removed\)\.$/,
    )
    await expect(combine([], readParameters({}), rules)).rejects.toThrow('There are no catalogs')
  })

  it('uses the radius strictly', async () => {
    const at = async (radius: number) =>
      (await run({ combine_type: MARK, crossmatch_radius_arcsec: radius })).report.duplicates?.pairs
    expect(await at(0.399)).toBe(0)
    expect(await at(0.401)).toBe(4)
  })

  it('tells its progress, and stops when told', async () => {
    const stages: Progress[] = []
    const parameters = readParameters({ combine_type: MARK, z_flag_homogenized_value_to_cut: null })
    await combine(inputs, parameters, rules, { onProgress: (progress) => stages.push(progress) })
    expect([...new Set(stages.map(({ stage }) => stage))]).toEqual([
      'preparation',
      'neighbours',
      'ties',
      'consolidation',
    ])
    expect(stages.slice(0, 2)).toEqual([
      { stage: 'preparation', done: 0, total: 2 },
      { stage: 'preparation', done: 1, total: 2 },
    ])
    const controller = new AbortController()
    const stopped = combine(inputs, parameters, rules, {
      signal: controller.signal,
      onProgress: ({ stage }) => stage === 'neighbours' && controller.abort(new Error('Stop, said Ann')),
    })
    await expect(stopped).rejects.toThrow('Stop, said Ann')
  })
})

it('reads what it needs of a table, batch by batch', async () => {
  const batch = (ids: (bigint | null)[], surveys: (string | null)[], primary: (boolean | null)[]) => {
    const children = [
      vectorFromArray(ids, new Int64()),
      vectorFromArray(
        ids.map((_, i) => (i === 0 ? null : i)),
        new Float64(),
      ),
      vectorFromArray(surveys, new Utf8()),
      vectorFromArray(primary, new Bool()),
    ]
    const schema = new Schema(
      ['TARGETID', 'ra', 'survey', 'ZCAT_PRIMARY'].map((name, i) => new Field(name, children[i]!.type, true)),
    )
    return new RecordBatch(
      schema,
      makeData({
        type: new Struct(schema.fields),
        length: ids.length,
        children: children.map((child) => child.data[0]!),
      }),
    )
  }
  const batches = [batch([2305843019946942123n, null], ['DESI', 'DESI'], [true, null]), batch([7n], [null], [false])]
  let asked: readonly string[] | undefined
  const reader: TableReader = {
    format: 'parquet',
    rows: 3,
    columns: ['unused', 'TARGETID', 'ra', 'survey', 'ZCAT_PRIMARY'].map((name) => ({
      name,
      type: 'float64',
      nativeType: '',
      unit: null,
      ucd: null,
      description: null,
    })),
    dialect: null,
    notes: [],
    async *batches(options) {
      asked = options?.columns
      yield* batches
    },
    async close() {},
  }
  const input = await fromBatches(reader, { name: '1_desi', mapping: { id: 'TARGETID' } }, readParameters({}), rules)
  expect(asked).toEqual(['TARGETID', 'ra', 'survey', 'ZCAT_PRIMARY'])
  expect(input).toMatchObject({
    name: '1_desi',
    rows: 3,
    columnNames: ['unused', 'TARGETID', 'ra', 'survey', 'ZCAT_PRIMARY'],
  })
  expect(Object.fromEntries(input.columns)).toEqual({
    TARGETID: {
      kind: 'integer',
      values: BigInt64Array.of(2305843019946942123n, 0n, 7n),
      nulls: Uint8Array.of(0, 1, 0),
    },
    ra: { kind: 'float', values: Float64Array.of(Number.NaN, 1, Number.NaN) },
    survey: textColumn(['DESI', 'DESI', null]),
    ZCAT_PRIMARY: { kind: 'boolean', values: Uint8Array.of(1, 0, 0), nulls: Uint8Array.of(0, 1, 0) },
  })
})
