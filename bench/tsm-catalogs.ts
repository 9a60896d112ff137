import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pixelCentre } from '../src/sky/healpix.ts'
import { partitionPath } from '../src/tables/hats/partition.ts'
import type { OutputColumn, OutputTable } from '../src/tables/writers/output-table.ts'
import { writeTable } from '../src/tables/writers/write-table.ts'
import { numbers } from './numbers.ts'

/** Order of the partitions: pixels of 13.4 square degrees. */
const ORDER = 4
/** Objects lie at the centres of pixels of this order, 0.2 arcsec wide. */
const FINEST = 20
const ROWS_PER_PARTITION = 100_000
const BANDS = ['g', 'r', 'i']
/** Arcsec from a redshift that was put near an object. */
const OFFSET = 0.3

/**
 * Makes `<root>/<release>`, a HATS catalog of LSST-like objects at one density, and `<root>/redshifts.parquet`, of which
 * six in ten lie 0.3 arcsec from an object whose id they know.
 */
export async function makeCatalogs(root: string, release: string, objects: number, redshifts: number): Promise<void> {
  const partitions = Math.ceil(objects / ROWS_PER_PARTITION)
  const planted = { ra: [] as number[], dec: [] as number[], objectId: [] as bigint[] }
  const catalog = join(root, release)
  const next = numbers(objects)
  for (let pixel = 0; pixel < partitions; pixel++) {
    const rows = Math.min(ROWS_PER_PARTITION, objects - pixel * ROWS_PER_PARTITION)
    const table = partition(pixel, rows, next)
    const path = join(catalog, 'dataset', partitionPath(ORDER, pixel))
    await mkdir(join(path, '..'), { recursive: true })
    await writeTable('parquet', table, path)
    plant(table, Math.round((redshifts * 0.6 * (pixel + 1)) / partitions) - planted.ra.length, planted, next)
  }
  const pixels = Array.from({ length: partitions }, (_, pixel) => `${ORDER},${pixel}\n`)
  await writeFile(join(catalog, 'partition_info.csv'), `Norder,Npix\n${pixels.join('')}`)
  const properties = {
    obs_collection: release,
    dataproduct_type: 'object',
    hats_nrows: objects,
    hats_col_ra: 'coord_ra',
    hats_col_dec: 'coord_dec',
    hats_order: ORDER,
    hats_version: 'v1.0',
  }
  const lines = Object.entries(properties).map(([key, value]) => `${key}=${value}\n`)
  await writeFile(join(catalog, 'hats.properties'), lines.join(''))
  await writeTable('parquet', redshiftTable(redshifts, planted, partitions, next), join(root, 'redshifts.parquet'))
}

function somewhere(pixel: number, next: () => number): { ra: number; dec: number } {
  const inside = 4 ** (FINEST - ORDER)
  return pixelCentre(pixel * inside + Math.floor(next() * inside), FINEST)
}

function partition(pixel: number, rows: number, next: () => number): OutputTable {
  const id = new BigInt64Array(rows)
  const ra = new Float64Array(rows)
  const dec = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    id[row] = 2n ** 60n + BigInt(Math.floor(next() * 2 ** 50))
    const place = somewhere(pixel, next)
    ra[row] = place.ra
    dec[row] = place.dec
  }
  const floats = (of: () => number) => Float32Array.from({ length: rows }, of)
  const photometry = BANDS.flatMap((band): OutputColumn[] => [
    { name: `${band}_cModelFlux`, type: 'float32', unit: 'nJy', values: floats(() => 10 ** (next() * 4) - 20) },
    { name: `${band}_cModelFluxErr`, type: 'float32', unit: 'nJy', values: floats(() => 10 + next()) },
  ])
  return {
    rows,
    metadata: {},
    columns: [
      { name: 'objectId', type: 'int64', values: id },
      { name: 'coord_ra', type: 'float64', unit: 'deg', values: ra },
      { name: 'coord_dec', type: 'float64', unit: 'deg', values: dec },
      { name: 'ebv', type: 'float32', unit: 'mag', values: floats(() => next() * 0.1) },
      ...photometry,
    ],
  }
}

interface Planted {
  readonly ra: number[]
  readonly dec: number[]
  readonly objectId: bigint[]
}

function plant({ columns, rows }: OutputTable, count: number, planted: Planted, next: () => number): void {
  const [ids, ras, decs] = columns.map(({ values }) => values) as [BigInt64Array, Float64Array, Float64Array]
  for (let i = 0; i < count; i++) {
    const row = Math.floor(next() * rows)
    planted.ra.push(ras[row]!)
    planted.dec.push(decs[row]! + OFFSET / 3600)
    planted.objectId.push(ids[row]!)
  }
}

function redshiftTable(rows: number, planted: Planted, partitions: number, next: () => number): OutputTable {
  const ra = Float64Array.from({ length: rows }, (_, row) => planted.ra[row] ?? Number.NaN)
  const dec = Float64Array.from({ length: rows }, (_, row) => planted.dec[row] ?? Number.NaN)
  const near = BigInt64Array.from({ length: rows }, (_, row) => planted.objectId[row] ?? 0n)
  for (let row = planted.ra.length; row < rows; row++) {
    const place = somewhere(Math.floor(next() * partitions), next)
    ra[row] = place.ra
    dec[row] = place.dec
  }
  return {
    rows,
    metadata: {},
    columns: [
      { name: 'ra', type: 'float64', values: ra },
      { name: 'dec', type: 'float64', values: dec },
      { name: 'z', type: 'float64', values: Float64Array.from({ length: rows }, () => next() * 3) },
      { name: 'planted_id', type: 'int64', values: near },
    ],
  }
}
