import { createWriteStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { ZipArchive } from 'archiver'
import { describe, expect, it } from 'vitest'
import { run as examine } from '../../../src/tables/child/examine-task.ts'
import { writeHats } from '../../../src/tables/hats/write-hats.ts'
import { zipHats } from '../../../src/tables/hats/zip-hats.ts'
import { openTable } from '../../../src/tables/open.ts'
import { DEFAULT_LIMITS } from '../../../src/tables/table.ts'
import { rowsOf, temporaryDirectory } from '../read-table.ts'
import { smallSky } from './small-sky.ts'

const OPTIONS = { raColumn: 'ra', decColumn: 'dec', maxRowsPerPartition: 41 }

async function zipped(name = 'sky.hats.zip'): Promise<{ path: string; fileName: string }> {
  const folder = temporaryDirectory()
  await writeHats(join(folder, 'sky'), smallSky(300), { ...OPTIONS, name: 'sky' })
  await zipHats(join(folder, 'sky'), join(folder, name), 'sky')
  return { path: join(folder, name), fileName: name }
}

/** A zip of some files, stored or compressed. */
async function zip(files: Readonly<Record<string, string | Buffer>>, store = true) {
  const path = join(temporaryDirectory(), 'made.zip')
  const archive = new ZipArchive({ store })
  const writing = pipeline(archive, createWriteStream(path))
  for (const [name, content] of Object.entries(files)) archive.append(content, { name })
  await Promise.all([archive.finalize(), writing])
  return { path, fileName: 'made.zip' }
}

describe('a zip of a HATS catalog', () => {
  it('is a table, read where it lies', async () => {
    const reader = await openTable(await zipped())
    expect(reader).toMatchObject({ format: 'hats', rows: null })
    expect(reader.columns.map(({ name, type }) => [name, type])).toEqual([
      ['_healpix_29', 'int64'],
      ['id', 'int64'],
      ['ra', 'float64'],
      ['dec', 'float64'],
      ['name', 'string'],
    ])
    expect(reader.columns[2]).toMatchObject({ unit: 'deg' })
    const table = smallSky(300)
    const [ids, ra] = table.columns.map(({ values }) => values as ArrayLike<unknown>)
    const rows = await rowsOf(reader)
    // The margin's rows are not the catalog's.
    expect(rows).toHaveLength(300)
    const byId = new Map(rows.map((row) => [row[1], row]))
    for (let i = 0; i < 300; i++) expect(byId.get(ids![i])?.[2]).toBe(ra![i])
    // Again from the beginning, of the chosen columns.
    let count = 0
    for await (const batch of reader.batches({ columns: ['dec'] })) count += batch.numRows
    expect(count).toBe(300)
    await reader.close()
  })

  it('is inspected as it is', async () => {
    const source = await zipped()
    const nothing = { progress: () => undefined, tell: () => undefined }
    const { inspection, unpacked } = await examine(
      { source, limits: DEFAULT_LIMITS, unpackTo: `${source.path}.out` },
      nothing,
    )
    expect(unpacked).toBeNull()
    expect(inspection).toMatchObject({ format: 'hats', rows: 300 })
  })

  it('must be called a zip', async () => {
    await expect(openTable(await zipped('sky.hats'))).rejects.toThrow('end in .zip')
    await expect(openTable(await zipped('sky.parquet'))).rejects.toMatchObject({ code: 'extension_lies' })
  })

  it('must not be compressed', async () => {
    const files = {
      'sky/properties': 'a=b\n'.repeat(100),
      'sky/dataset/Norder=0/Dir=0/Npix=4.parquet': 'x'.repeat(999),
    }
    await expect(openTable(await zip(files, false))).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('zip -0 -r'),
    })
  })

  it('holds one catalog', async () => {
    const files = {
      'a/properties': 'dataproduct_type=object\n',
      'b/hats.properties': 'dataproduct_type=object\n',
      'a/dataset/Norder=0/Dir=0/Npix=4.parquet': 'x',
    }
    await expect(openTable(await zip(files))).rejects.toMatchObject({ code: 'not_a_table' })
  })

  it('has partitions with the same columns', async () => {
    const folder = temporaryDirectory()
    const { writeTable } = await import('../../../src/tables/writers/write-table.ts')
    const parts = [{ name: 'ra' }, { name: 'RA' }].map(({ name }, i) => ({
      path: join(folder, `${i}.parquet`),
      table: { rows: 1, metadata: {}, columns: [{ name, type: 'float64' as const, values: new Float64Array(1) }] },
    }))
    for (const { path, table } of parts) await writeTable('parquet', table, path)
    const files = {
      properties: 'dataproduct_type=object\n',
      'dataset/Norder=0/Dir=0/Npix=4.parquet': readFileSync(parts[0]!.path),
      'dataset/Norder=0/Dir=0/Npix=5.parquet': readFileSync(parts[1]!.path),
    }
    const reader = await openTable(await zip(files))
    await expect(rowsOf(reader)).rejects.toThrow("Npix=5.parquet has no column 'ra'")
  })
})
