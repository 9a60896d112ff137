import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { open, type ZipFile } from 'yauzl'
import { separation } from '../../../src/sky/coordinates.ts'
import { healpix29Of, pixelOf } from '../../../src/sky/healpix.ts'
import { pixelsInCone } from '../../../src/sky/healpix-cone.ts'
import { type HatsCatalog, openHats } from '../../../src/tables/hats/hats-catalog.ts'
import { HatsError } from '../../../src/tables/hats/hats-error.ts'
import type { Partition } from '../../../src/tables/hats/partition.ts'
import { partitionPath } from '../../../src/tables/hats/partition.ts'
import { writeHats } from '../../../src/tables/hats/write-hats.ts'
import { zipHats } from '../../../src/tables/hats/zip-hats.ts'
import { type OutputColumn, type OutputTable, TableWriteError } from '../../../src/tables/writers/output-table.ts'
import { writeTable } from '../../../src/tables/writers/write-table.ts'
import { rowsOf, temporaryDirectory } from '../read-table.ts'
import { smallSky } from './small-sky.ts'

const OPTIONS = { raColumn: 'ra', decColumn: 'dec', name: 'sky', maxRowsPerPartition: 41, marginArcsec: 3600 }

async function written(table: OutputTable = smallSky(500), options: object = {}): Promise<string> {
  const folder = join(temporaryDirectory(), 'sky')
  await writeHats(folder, table, { ...OPTIONS, ...options })
  return folder
}

/** All rows of a catalog, as [id, ra, dec, name], with the partition they lie in. */
async function allRows(catalog: HatsCatalog): Promise<{ partition: Partition; row: unknown[] }[]> {
  const found: { partition: Partition; row: unknown[] }[] = []
  for (const partition of catalog.partitions) {
    const reader = await catalog.read(partition, ['id', 'ra', 'dec', 'name'])
    for (const row of await rowsOf(reader)) found.push({ partition, row })
  }
  return found
}

/** The file of the first partition of a catalog. */
function firstPartition(catalog: HatsCatalog): string {
  return catalog.partitions[0]!.path
}

describe('a HATS collection that was written', () => {
  it('has every row once, in the partition of its pixel', async () => {
    const table = smallSky(500)
    const catalog = await openHats(await written(table))
    const rows = await allRows(catalog)
    expect(new Set(rows.map(({ row }) => row[0])).size).toBe(500)
    const byId = new Map(rows.map(({ row }) => [row[0], row]))
    const [id, ra, dec, name] = table.columns.map(({ values }) => values as ArrayLike<unknown>)
    for (let i = 0; i < 500; i++) expect(byId.get(id![i])).toEqual([id![i], ra![i], dec![i], name![i]])
    for (const { partition, row } of rows) {
      expect(pixelOf(row[1] as number, row[2] as number, partition.order)).toBe(partition.pixel)
    }
  })

  it('is sorted by _healpix_29 in partitions that are small enough', async () => {
    const catalog = await openHats(await written())
    expect(new Set(catalog.partitions.map(({ order }) => order))).toEqual(new Set([0, 1]))
    for (const partition of catalog.partitions) {
      const rows = await rowsOf(await catalog.read(partition, ['_healpix_29', 'ra', 'dec']))
      expect(rows.length).toBeGreaterThan(0)
      expect(rows.length).toBeLessThanOrEqual(41)
      const keys = rows.map(([key]) => key as bigint)
      const [ra, dec] = [1, 2].map((column) => Float64Array.from(rows, (row) => row[column] as number))
      expect(keys).toEqual([...healpix29Of(ra!, dec!)])
      expect(keys).toEqual([...keys].sort((a, b) => (a < b ? -1 : 1)))
    }
  })

  it('says what it is', async () => {
    const catalog = await openHats(await written())
    expect(catalog.properties).toMatchObject({
      name: 'sky',
      type: 'object',
      rows: 500,
      raColumn: 'ra',
      decColumn: 'dec',
      healpixColumn: '_healpix_29',
      healpixOrder: 29,
    })
    expect(catalog.columns).toMatchObject([
      { name: '_healpix_29', type: 'int64' },
      { name: 'id', ucd: 'meta.id;meta.main' },
      { name: 'ra', unit: 'deg' },
      { name: 'dec', unit: 'deg' },
      { name: 'name', type: 'string' },
    ])
  })

  it('tells between which RA and Dec the rows of a partition lie', async () => {
    const catalog = await openHats(await written())
    for (const partition of catalog.partitions) {
      const rows = await rowsOf(await catalog.read(partition, ['ra', 'dec']))
      const [ra, dec] = [0, 1].map((i) => rows.map((row) => row[i] as number))
      expect(await catalog.box(partition)).toEqual({
        ra: [Math.min(...ra!), Math.max(...ra!)],
        dec: [Math.min(...dec!), Math.max(...dec!)],
      })
    }
  })

  it('has the rows around each partition in its margin', async () => {
    const folder = await written()
    const catalog = await openHats(folder)
    const margin = await openHats(join(folder, 'margin_3600arcs'))
    expect(margin.properties).toMatchObject({ type: 'margin', marginArcsec: 3600 })
    const inMargin = new Set(
      (await allRows(margin)).map(({ partition, row }) => `${partition.order}/${partition.pixel} ${row[0]}`),
    )
    const rows = await allRows(catalog)
    let near = 0
    for (const partition of catalog.partitions) {
      for (const { partition: home, row } of rows) {
        if (home === partition) continue
        const [id, ra, dec] = row as [bigint, number, number]
        const touches = (arcsec: number) => pixelsInCone(ra, dec, arcsec, partition.order).includes(partition.pixel)
        const isIn = inMargin.has(`${partition.order}/${partition.pixel} ${id}`)
        if (touches(3600 * 0.9)) expect(isIn).toBe(true)
        if (isIn) expect(touches(3600 * 1.1)).toBe(true)
        near += Number(isIn)
      }
    }
    expect(near).toBe(inMargin.size)
    expect(near).toBeGreaterThan(20)
  })

  it('has the same bytes each time, also as a zip', async () => {
    const [one, other] = [await written(), await written()]
    const files = filesOf(one)
    expect(files.length).toBeGreaterThan(20)
    expect(filesOf(other)).toEqual(files)
    await zipHats(one, `${one}.zip`, 'sky.hats')
    await zipHats(other, `${other}.zip`, 'sky.hats')
    expect(readFileSync(`${one}.zip`).equals(readFileSync(`${other}.zip`))).toBe(true)
    const zip = await promisify<string, object, ZipFile>(open)(`${one}.zip`, { lazyEntries: true, autoClose: false })
    expect(zip.entryCount).toBe(files.length)
    zip.close()
  })

  it('may have no rows, or none in its margin', async () => {
    const catalog = await openHats(await written(smallSky(0)))
    expect(catalog.partitions).toEqual([])
    expect(catalog.columns.map(({ name }) => name)).toEqual(['_healpix_29', 'id', 'ra', 'dec', 'name'])
    const folder = await written(smallSky(3), { marginArcsec: 1 })
    expect((await openHats(join(folder, 'margin_1arcs'))).partitions).toEqual([])
    const without = await written(smallSky(3), { marginArcsec: null })
    expect(readdirSync(without).sort()).toEqual(['catalog', 'collection.properties'])
  })

  it('replaces the index of an earlier catalog', async () => {
    const table = smallSky(5)
    const old = { name: '_healpix_29', type: 'int64' as const, values: new BigInt64Array(5) }
    const norder = { name: 'Norder', type: 'int8' as const, values: new Int8Array(5) }
    const catalog = await openHats(await written({ ...table, columns: [norder, old, ...table.columns] }))
    expect(catalog.columns.map(({ name }) => name)).toEqual(['_healpix_29', 'id', 'ra', 'dec', 'name'])
    const keys = await rowsOf(await catalog.read(catalog.partitions[0]!, ['_healpix_29']))
    expect(keys[0]![0]).not.toBe(0n)
  })

  it('may have its positions in integers', async () => {
    const columns: OutputColumn[] = [
      { name: 'ra', type: 'int64', values: BigInt64Array.of(10n, 300n) },
      { name: 'dec', type: 'int16', values: Int16Array.of(-80, 45) },
    ]
    const catalog = await openHats(await written({ rows: 2, metadata: {}, columns }, { marginArcsec: null }))
    const rows = await Promise.all(
      catalog.partitions.map(async (partition) => rowsOf(await catalog.read(partition, ['ra', 'dec']))),
    )
    expect(rows.flat()).toEqual(
      expect.arrayContaining([
        [10n, -80],
        [300n, 45],
      ]),
    )
    const texts: OutputColumn[] = [{ name: 'ra', type: 'string', values: ['10', '300'] }, columns[1]!]
    await expect(written({ rows: 2, metadata: {}, columns: texts })).rejects.toThrow(/"ra" is of type string/)
  })

  it('cannot be written over another, without a position, or under a bad name', async () => {
    const table = smallSky(5)
    const folder = await written(table)
    await expect(writeHats(folder, table, OPTIONS)).rejects.toMatchObject({ code: 'exists' })
    const lost: OutputTable = {
      ...table,
      columns: table.columns.map((column) =>
        column.name === 'ra' ? { ...column, nulls: Uint8Array.of(0, 0, 1, 0, 0) } : column,
      ),
    }
    const parent = temporaryDirectory()
    await expect(writeHats(join(parent, 'x'), lost, OPTIONS)).rejects.toThrow(/1 rows have no valid position .* row 3/)
    await expect(writeHats(join(parent, 'x'), table, { ...OPTIONS, name: 'a b' })).rejects.toThrow(TableWriteError)
    await expect(writeHats(join(parent, 'x'), table, { ...OPTIONS, raColumn: 'RA' })).rejects.toThrow(/no column "RA"/)
    expect(readdirSync(parent)).toEqual([])
  })
})

describe('the partitions near positions', () => {
  it('are those that hold a row within the radius', async () => {
    const catalog = await openHats(await written(smallSky(500), { maxRowsPerPartition: 10 }))
    const rows = await allRows(catalog)
    const sources = smallSky(40).columns
    const ra = Float64Array.from(sources[1]!.values as Float64Array, (value) => (value + 0.3) % 360)
    const dec = sources[2]!.values as Float64Array
    for (const radius of [1, 7200, 36_000]) {
      const near = new Set(catalog.partitionsNear(ra, dec, radius))
      for (const { partition, row } of rows) {
        const isNear = ra.some((a, i) => separation(a, dec[i]!, row[1] as number, row[2] as number) < radius)
        if (isNear) expect(near.has(partition)).toBe(true)
      }
      expect(near.size).toBeLessThan(radius < 36_000 ? 60 : catalog.partitions.length + 1)
    }
    expect(catalog.partitionsNear(new Float64Array(0), new Float64Array(0), 1)).toEqual([])
  })

  it('are found when they are far smaller than the radius', async () => {
    const folder = join(await written(smallSky(500)), 'catalog')
    const sources = smallSky(300).columns
    const ra = sources[1]!.values as Float64Array
    const dec = sources[2]!.values as Float64Array
    const pixels = Array.from(ra, (a, i) => pixelOf(a, dec[i]!, 20))
    writeFileSync(join(folder, 'partition_info.csv'), `Norder,Npix\n${pixels.map((p) => `20,${p}\n`).join('')}`)
    const catalog = await openHats(folder)
    for (const radius of [1, 60, 3600, 7200]) {
      const near = catalog.partitionsNear(ra.slice(0, 20), dec.slice(0, 20), radius).map(({ pixel }) => pixel)
      const isNear = (i: number, reach: number) => {
        for (let k = 0; k < 20; k++) if (separation(ra[k]!, dec[k]!, ra[i]!, dec[i]!) < reach) return true
        return false
      }
      for (const [i, pixel] of pixels.entries()) {
        if (isNear(i, radius)) expect(near).toContain(pixel)
        if (!isNear(i, radius * 3)) expect(near).not.toContain(pixel)
      }
    }
  })
})

describe('HATS catalogs of others', () => {
  /** A catalog in a folder of its own, to be changed. */
  async function loose(): Promise<string> {
    const folder = await written(smallSky(100))
    return join(folder, 'catalog')
  }

  it('may be of version 0.1: escaped properties in `properties` alone, place columns in the rows', async () => {
    const folder = await loose()
    rmSync(join(folder, 'hats.properties'))
    for (const name of ['_metadata', '_common_metadata']) rmSync(join(folder, 'dataset', name))
    const { columns, ...table } = smallSky(20)
    const place = ['Norder', 'Dir', 'Npix'].map((name) => ({
      name,
      type: 'uint8' as const,
      values: new Uint8Array(20),
    }))
    const file = firstPartition(await openHats(folder))
    await writeTable('parquet', { ...table, columns: [...columns, ...place] }, file, {
      parquet: { compression: 'snappy' },
    })
    writeFileSync(
      join(folder, 'properties'),
      '#HATS catalog\n! old\nobs_collection : mini\\u0020data\nhats_col_ra=ra\nhats_col_dec = dec\nhats_nrows=100\nhats_creation_date=2024-11-14T18\\:47UTC\nhats_cols_default=id ra,\\\n   dec gone\n',
    )
    const catalog = await openHats(folder)
    expect(catalog.properties).toMatchObject({
      name: 'mini data',
      type: 'object',
      rows: 100,
      defaultColumns: ['id', 'ra', 'dec'],
    })
    expect(catalog.properties.all.get('hats_creation_date')).toBe('2024-11-14T18:47UTC')
    expect(catalog.columns.map(({ name }) => name)).toEqual(['id', 'ra', 'dec', 'name'])
    const reader = await catalog.read(catalog.partitions[0]!)
    expect(reader.rows).toBe(20)
    expect(reader.columns.map(({ name }) => name)).toEqual(['id', 'ra', 'dec'])
    await reader.close()
  })

  it.each(['.parq', '.snappy.parquet'])('may name their files %s', async (suffix) => {
    const folder = await loose()
    for (const { order, pixel, path } of (await openHats(folder)).partitions) {
      renameSync(path, join(folder, 'dataset', partitionPath(order, pixel, suffix)))
    }
    append(folder, `hats_npix_suffix=${suffix}`)
    expect(await allRows(await openHats(folder))).toHaveLength(100)
  })

  it('may keep a partition in a folder of parts', async () => {
    const folder = await loose()
    const before = await allRows(await openHats(folder))
    for (const { order, pixel, path } of (await openHats(folder)).partitions) {
      const parts = join(folder, 'dataset', partitionPath(order, pixel, '/'))
      mkdirSync(parts)
      cpSync(path, join(parts, 'part1.parquet'))
      renameSync(path, join(parts, 'part0.parquet'))
      writeFileSync(join(parts, '_SUCCESS'), '')
    }
    append(folder, 'hats_npix_suffix=/')
    const catalog = await openHats(folder)
    expect(await allRows(catalog)).toHaveLength(2 * before.length)
    const reader = await catalog.read(catalog.partitions[0]!)
    expect(reader.rows).toBe((await rowsOf(reader)).length)
  })

  it('never lead out of their folder', async () => {
    const elsewhere = await written(smallSky(7))
    const folder = await written(smallSky(100))
    writeFileSync(
      join(folder, 'collection.properties'),
      `obs_collection=x\nhats_primary_table_url=${join(elsewhere, 'catalog')}\n`,
    )
    expect((await openHats(folder)).properties.rows).toBe(100) // found beside it, as the only one
    writeFileSync(join(folder, 'collection.properties'), 'obs_collection=x\nhats_primary_table_url=../sky/catalog\n')
    expect((await openHats(folder)).properties.rows).toBe(100)
    const catalog = await openHats(folder)
    const path = firstPartition(catalog)
    rmSync(path)
    symlinkSync(firstPartition(await openHats(elsewhere)), path)
    await expect(catalog.read(catalog.partitions[0]!)).rejects.toMatchObject({ code: 'outside' })
    rmSync(path)
    await expect(catalog.read(catalog.partitions[0]!)).rejects.toMatchObject({ code: 'missing_partition' })
    rmSync(join(folder, 'catalog', 'hats.properties'))
    symlinkSync(join(elsewhere, 'catalog', 'hats.properties'), join(folder, 'catalog', 'hats.properties'))
    await expect(openHats(folder)).rejects.toMatchObject({ code: 'outside' })
  })

  it('are listed by their files when they have no list, and may do without metadata', async () => {
    const folder = await loose()
    const { partitions } = await openHats(folder)
    for (const name of ['partition_info.csv', 'dataset/_metadata', 'dataset/_common_metadata'])
      rmSync(join(folder, name))
    const catalog = await openHats(folder)
    const byPixel = (a: Partition, b: Partition) => a.order - b.order || a.pixel - b.pixel
    expect([...catalog.partitions].sort(byPixel)).toEqual([...partitions].sort(byPixel))
    expect(catalog.columns.map(({ name }) => name)).toContain('id')
    expect(await catalog.box(catalog.partitions[0]!)).toBeNull()
  })

  it.each([
    ['Norder,Npix\n0,12\n', /pixel 12 of order 0/],
    ['Norder,Npix\n29,1271534000558237200\n', /has a partition of order 29; partitions are read down to order 24/],
    ['Norder,Npix\n30,1\n', /pixel 1 of order 30, which does not exist/],
    ['Norder,Npix\n0,x\n', /row 1/],
    ['order,pixel\n0,1\n', /not Norder and Npix/],
  ])('are refused with the list %j', async (list, message) => {
    const folder = await loose()
    writeFileSync(join(folder, 'partition_info.csv'), list)
    await expect(openHats(folder)).rejects.toThrow(message)
  })

  it('are not just any folder', async () => {
    const folder = temporaryDirectory()
    await expect(openHats(folder)).rejects.toThrow(HatsError)
    await expect(openHats(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'not_hats' })
    for (const name of ['a', 'b']) cpSync(await loose(), join(folder, name), { recursive: true })
    await expect(openHats(folder)).rejects.toThrow(/2 HATS catalogs \(a, b\)/)
  })
})

function append(folder: string, line: string): void {
  const path = join(folder, 'hats.properties')
  writeFileSync(path, `${readFileSync(path, 'utf8')}${line}\n`)
}

/** The files below a folder with the digests of their bytes. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => `${path.slice(folder.length)} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`)
    .sort()
}
