import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openObjectTable } from '../../../src/pipelines/training-set/object-source.ts'
import { readTrainingSetParameters } from '../../../src/pipelines/training-set/parameters.ts'
import { readRedshifts } from '../../../src/pipelines/training-set/redshifts.ts'
import { locateReleaseCatalog, openReleaseCatalog } from '../../../src/pipelines/training-set/release-catalogs.ts'
import { makeTrainingSet } from '../../../src/pipelines/training-set/training-set.ts'
import { pixelCentre, pixelCorners, pixelOf } from '../../../src/sky/healpix.ts'
import { partitionPath } from '../../../src/tables/hats/partition.ts'
import { openTable } from '../../../src/tables/open.ts'
import { writeTable } from '../../../src/tables/writers/write-table.ts'
import { redshiftCatalog, rowsOf } from './catalogs.ts'

const ORDER = 3

interface Objects {
  readonly ra: readonly number[]
  readonly dec: readonly number[]
}

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'photoz-tsm-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

const parameters = (sent: object = {}) => readTrainingSetParameters(sent)

function tableOf({ ra, dec }: Objects, rows: readonly number[]) {
  return {
    rows: rows.length,
    metadata: {},
    columns: [
      { name: 'objectId', type: 'int64', values: BigInt64Array.from(rows, (row) => 2n ** 60n + BigInt(row)) },
      { name: 'coord_ra', type: 'float64', values: Float64Array.from(rows, (row) => ra[row]!) },
      { name: 'coord_dec', type: 'float64', values: Float64Array.from(rows, (row) => dec[row]!) },
      { name: 'i_cModelFlux', type: 'float32', values: Float32Array.from(rows, () => 100) },
    ],
  } as const
}

/** A HATS catalog in which each object lies in the partition of its pixel. */
async function writeHatsCatalog(folder: string, objects: Objects): Promise<void> {
  const rowsOfPixel = new Map<number, number[]>()
  for (const [row, ra] of objects.ra.entries()) {
    const pixel = pixelOf(ra, objects.dec[row]!, ORDER)
    rowsOfPixel.set(pixel, [...(rowsOfPixel.get(pixel) ?? []), row])
  }
  for (const [pixel, rows] of rowsOfPixel) {
    const path = join(folder, 'dataset', partitionPath(ORDER, pixel))
    await mkdir(dirname(path), { recursive: true })
    await writeTable('parquet', tableOf(objects, rows), path)
  }
  const lines = [...rowsOfPixel.keys()].map((pixel) => `${ORDER},${pixel}\n`)
  await writeFile(join(folder, 'partition_info.csv'), `Norder,Npix\n${lines.join('')}`)
  await writeFile(
    join(folder, 'hats.properties'),
    'obs_collection=objects\ndataproduct_type=object\nhats_col_ra=coord_ra\nhats_col_dec=coord_dec\n',
  )
}

const make = async (release: string, redshifts: Objects, sent: object = {}) => {
  const asked = parameters(sent)
  const objects = await openReleaseCatalog(root, await locateReleaseCatalog(root, release, asked), 'objectId')
  try {
    return await makeTrainingSet(redshiftCatalog({ ra: redshifts.ra, dec: redshifts.dec }), objects, asked)
  } finally {
    await objects.close()
  }
}

describe('a HATS catalog', () => {
  // On every corner and near every edge of some pixels, also at the poles and on RA 0.
  const pixels = [0, 63, 128, 255, 256, 300, 447, 511, 512, 640, 767]
  const corners = pixels.flatMap((pixel) => pixelCorners(pixel, ORDER))
  const redshifts = { ra: corners.map(({ ra }) => ra % 360), dec: corners.map(({ dec }) => dec) }
  const STEP = 0.5 / 3600
  const around = corners.flatMap(({ ra, dec }) =>
    [-1, 1].flatMap((up) =>
      [-1, 1].map((east) => {
        const d = Math.max(-90, Math.min(90, dec + up * STEP))
        const stretch = Math.max(Math.cos((d * Math.PI) / 180), 1e-9)
        return { ra: (((ra + Math.min(90, (east * STEP) / stretch)) % 360) + 360) % 360, dec: d }
      }),
    ),
  )
  const centres = pixels.map((pixel) => pixelCentre(pixel, ORDER))
  const places = [...around, ...centres]
  const objects = { ra: places.map(({ ra }) => ra), dec: places.map(({ dec }) => dec) }

  it('gives the same training set as one file with all of its rows, over every edge', async () => {
    await writeHatsCatalog(join(root, 'edges'), objects)
    const rows = objects.ra.map((_, row) => row)
    await writeTable('parquet', tableOf(objects, rows), join(root, 'one.parquet'))
    const sent = { find: 'all', crossmatch: { radius_arcsec: 2 }, split_method: 'none' }
    const hats = await make('edges', redshifts, sent)
    const file = await make('one', redshifts, sent)
    expect(rowsOf(hats)).toEqual(rowsOf(file))
    expect(hats.report.redshiftsMatched).toBe(redshifts.ra.length)
    expect(hats.report.objects.parts).toBeGreaterThan(pixels.length)
    expect(rowsOf(hats)[0]).toMatchObject({ i_cModelMag: expect.closeTo(26.4, 6) })
  })

  it('reads the partitions near redshifts alone', async () => {
    const one = await make('edges', { ra: [centres[5]!.ra], dec: [centres[5]!.dec] })
    expect(one.report.objects.parts).toBe(1)
    expect(one.report.rows).toBe(1)
  })
})

describe('the object catalog of a release', () => {
  const one = { ra: [10], dec: [0] }

  it('is the precomputed one of the flux and the dust map, which is taken as it is', async () => {
    const folder = join(root, 'pre', 'mag', 'cModel', 'sfd', 'catalog')
    await mkdir(folder, { recursive: true })
    await writeHatsCatalog(folder, one)
    expect(await locateReleaseCatalog(root, 'pre', parameters({ flux_type: 'cmodel' }))).toBe(
      'pre/mag/cModel/sfd/catalog',
    )
    const result = await make('pre', one, { flux_type: 'cmodel' })
    expect(result.report.computedColumns).toEqual([])
  })

  describe('with flux_type: auto', () => {
    const precompute = async (release: string, ...fluxes: readonly string[]) => {
      for (const flux of fluxes) {
        const folder = join(root, release, 'mag', flux, 'sfd', 'catalog')
        await mkdir(folder, { recursive: true })
        await writeHatsCatalog(folder, one)
      }
      return locateReleaseCatalog(root, release, parameters())
    }

    it('is the precomputed one of the best flux, however it is spelled', async () => {
      expect(await precompute('several', 'psf', 'cmodel', 'unheard')).toBe('several/mag/cmodel/sfd/catalog')
      const { report } = await make('several', one)
      expect(report).toMatchObject({ fluxType: 'cModel', computedColumns: [] })
    })

    it('is the only precomputed one, whatever its flux, and the log says which', async () => {
      expect(await precompute('only', 'sersic')).toBe('only/mag/sersic/sfd/catalog')
      await mkdir(join(root, 'only', 'mag', 'psf', 'planck'), { recursive: true }) // another dust map
      expect(await locateReleaseCatalog(root, 'only', parameters())).toBe('only/mag/sersic/sfd/catalog')
      const asked = parameters()
      const objects = await openReleaseCatalog(root, await locateReleaseCatalog(root, 'only', asked), 'objectId')
      const lines: string[] = []
      const log = (_: string, line: string) => void lines.push(line)
      const { report } = await makeTrainingSet(redshiftCatalog({ ra: [10], dec: [0] }), objects, asked, { log })
      expect(report.fluxType).toBe('sersic')
      expect(lines.join()).toContain('Photometry: sersic, precomputed in only/mag/sersic/sfd/catalog.')
    })

    it('is told to choose between fluxes of which none is better', async () => {
      await expect(precompute('unclear', 'one', 'two')).rejects.toMatchObject({
        code: 'no_object_catalog',
        message: expect.stringContaining('There are mag/one/sfd, mag/two/sfd.'),
      })
    })
  })

  it('is told when it is not there', async () => {
    const located = locateReleaseCatalog(root, 'pre', parameters({ flux_type: 'kron' }))
    await expect(located).rejects.toMatchObject({
      code: 'no_object_catalog',
      message: expect.stringContaining('There are mag/cModel/sfd.'),
    })
    await expect(locateReleaseCatalog(root, 'nowhere', parameters())).rejects.toMatchObject({
      code: 'no_object_catalog',
    })
  })

  it('may be one Parquet file in its folder', async () => {
    await mkdir(join(root, 'single'))
    await writeTable('parquet', tableOf(one, [0]), join(root, 'single', 'objects.parquet'))
    expect(await locateReleaseCatalog(root, 'single', parameters())).toBe('single/objects.parquet')
  })
})

it('a product without a role for ids is told apart by the column that is usual: ties go to the smaller id', async () => {
  const path = join(root, 'product.parquet')
  // The same place twice, the smaller id second.
  await writeTable('parquet', tableOf({ ra: [10, 10], dec: [0, 0] }, [1, 0]), path)
  const objects = await openObjectTable({ path, fileName: 'product.parquet' }, { ra: 'coord_ra', dec: 'coord_dec' })
  expect(objects.roles).toEqual({ id: 'objectId', ra: 'coord_ra', dec: 'coord_dec' })
  const result = await makeTrainingSet(redshiftCatalog({ ra: [10], dec: [0] }), objects, parameters())
  await objects.close()
  expect(rowsOf(result).map(({ objectId }) => objectId)).toEqual([2n ** 60n])
})

it('needs no more memory for five times the objects', async () => {
  // Objects everywhere along a strip, most of which no redshift is near.
  const rows = 20_000
  const part = Array.from({ length: rows }, (_, row) => row)
  const objects = { ra: part.map((row) => 40 + row * 1e-4), dec: part.map(() => 0.5) }
  const path = join(root, 'strip.parquet')
  await writeTable('parquet', tableOf(objects, part), path)
  await rename(path, join(root, 'strip.part'))
  const measure = async (parts: number): Promise<{ peak: number; rows: number }> => {
    const child = fileURLToPath(new URL('./memory-child.ts', import.meta.url))
    const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
    const args = ['--import', loader, '--max-old-space-size=96', child, join(root, 'strip.part'), String(parts)]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    return JSON.parse(stdout)
  }
  const few = await measure(30)
  const many = await measure(150)
  expect(many).toMatchObject({ rows: few.rows })
  expect(many.peak).toBeLessThan(few.peak * 1.15 + 20e6)
}, 60_000)

const samples = process.env.SAMPLE_DATA ?? ''

describe.skipIf(samples === '')('the sample data (SAMPLE_DATA=<folder>/crc)', () => {
  it.each([0.1, 1, 10])('gives 40 matches at 0 arcsec with equal ids within %d arcsec', async (radius) => {
    const folder = join(samples, '..', 'tsm')
    const asked = parameters({ crossmatch: { radius_arcsec: radius } })
    const reader = await openTable({ path: join(folder, 'specz.parquet'), fileName: 'specz.parquet' })
    const redshifts = await readRedshifts(reader, '1_specz', { id: 'id', ra: 'ra', dec: 'dec', z: 'z' })
    await reader.close()
    const objects = await openReleaseCatalog(folder, await locateReleaseCatalog(folder, 'dr2', asked), null)
    const rows = rowsOf(await makeTrainingSet(redshifts, objects, asked))
    expect(rows).toHaveLength(40)
    for (const row of rows) expect(row).toMatchObject({ id_specz: row.id, _dist_arcsec: 0 })
  })
})
