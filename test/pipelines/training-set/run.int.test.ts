import { mkdir, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createGroup } from '../../../src/accounts/groups.ts'
import { accountsOf } from '../../../src/application/people.ts'
import { childCarrier } from '../../../src/application/run-worker.ts'
import { catalogDigest } from '../../../src/pipelines/training-set/catalog-digest.ts'
import { writeHats } from '../../../src/tables/hats/write-hats.ts'
import { writeTable } from '../../../src/tables/writers/write-table.ts'
import type { Client, Json } from '../../support/app.ts'
import { accepted, published, registered } from '../../support/products.ts'
import { closedRelease } from '../../support/releases.ts'
import { startTestWorker, type TestWorker, untilProduct, untilRun } from '../../support/runs.ts'
import { rowsOf, temporaryDirectory } from '../../tables/read-table.ts'
import { addRelease, ask, OBJECTS, objectProduct, rolesOf, type Site, trainingSite } from './run-support.ts'

let site: Site
let alice: Client
let worker: TestWorker | null = null
beforeAll(async () => {
  site = await trainingSite()
  alice = site.app.as('alice')
})
afterEach(async () => {
  await worker?.stop()
  worker = null
})
afterAll(() => site.close())

/** Carries a run out. @returns the run and its product, when both have ended */
async function done(run: Json): Promise<{ run: Json; product: Json }> {
  worker ??= startTestWorker(site.app)
  const ended = await untilRun(alice, run.id, ({ status }) => status === 'Successful' || status === 'Failed')
  return { run: ended, product: await untilProduct(alice, run.upload, ({ status }) => status !== 3) }
}

const request = async (fields: object = {}): Promise<Json> =>
  accepted(await ask(alice, { release: site.release, inputs: [site.redshifts], ...fields }))

/** The rows of the main file that a run made. */
async function rowsMade(run: Json): Promise<Record<string, unknown>[]> {
  const [main] = run.outputs
  const { openTable } = await import('../../../src/tables/open.ts')
  const reader = await openTable({ path: await site.app.context.blobs.path(main.sha256), fileName: main.name })
  const rows = await rowsOf(reader)
  return rows.map((row) => Object.fromEntries(reader.columns.map(({ name }, i) => [name, row[i]])))
}

describe('a training set', () => {
  it('of a release is a product with roles, release, configuration and log', async () => {
    const { run, product } = await done(await request({ description: 'With DR1' }))
    expect(run).toMatchObject({ status: 'Successful', release: site.release, release_name: 'DR1', error: null })
    expect(product).toMatchObject({
      status: 1,
      product_type_internal_name: 'training_set',
      release: site.release,
      origin: 'Training Set Maker',
      n_rows: 4,
      format: 'csv', // as the redshift catalog
    })
    expect(await rolesOf(alice, product.id)).toEqual({ ID: 'name', RA: 'ra', Dec: 'dec', z: 'redshift', z_flag: 'q' })
    const rows = await rowsMade(run)
    expect(rows.map(({ name, objectId }) => [name, objectId])).toEqual([
      ['A', 2n ** 60n],
      ['B', 2n ** 60n + 1n],
      ['C', 2n ** 60n + 2n],
      ['D', 2n ** 60n + 2n],
    ])
    expect(rows[0]).toMatchObject({ i_cModelMag: 26.4, _dist_arcsec: expect.closeTo(0.036, 6) })
    // All rows of an object lie on one side.
    expect(rows[2]!.is_training_set).toBe(rows[3]!.is_training_set)
    const files = accepted(await alice.get(`/api/product-files/?product_id=${product.id}`)).results
    expect(files.map((file: Json) => file.name)).toEqual(['tsm.csv', 'config.yaml', 'pipeline.log'])
    const config = (await alice.get(`/api/product-files/${files[1].id}/download/`)).text
    expect(config).toContain('releaseName: dr1')
    expect(config).not.toContain(site.catalogs)
    expect(run.metrics).toMatchObject({ rows: 4, redshiftsMatched: 4, objectsMatched: 3 })
    expect(Object.keys(run.metrics.secondsByStage)).toContain('matching')
  })

  it('is made of a published product as of a release', async () => {
    const objects = await objectProduct(alice, temporaryDirectory())
    const asked = await request({ release: null, object_catalog: objects })
    expect(asked).toMatchObject({ release: null, object_catalog: objects })
    const { run, product } = await done(asked)
    expect(product).toMatchObject({ status: 1, release: null })
    const { run: other } = await done(await request())
    expect(await rowsMade(run)).toEqual(await rowsMade(other))
  })

  it('belongs to the release of its objects, also when they are a product: others do not see them in it', async () => {
    const admin = site.app.as('admin')
    const release = await closedRelease(site.app)
    const objects = await objectProduct(admin, temporaryDirectory(), { release })
    const asked = accepted(await ask(admin, { inputs: [site.redshifts], object_catalog: objects }))
    worker = startTestWorker(site.app)
    const product = await untilProduct(admin, asked.upload, ({ status }) => status !== 3)
    expect(product).toMatchObject({ status: 1, release })
    expect((await alice.get(`/api/products/${product.id}/`)).status).toBe(404)
  })

  it('that left the release of its objects does not name it to those who may not use it', async () => {
    const admin = site.app.as('admin')
    const { product } = await done(await request())
    accepted(await alice.patch(`/api/products/${product.id}/`, { release: '' }))
    const group = await createGroup(accountsOf(site.app.context), 'under embargo')
    const openTo = async (groups: readonly number[]) =>
      accepted(await admin.patchJson(`/api/releases/${site.release}/`, { is_public: false, access_groups: groups }))
    await openTo([group.id])
    try {
      const views = [
        'lineage/',
        'provenance/?format=prov-json',
        'provenance/?format=ro-crate',
        'provenance/?format=run-lock',
      ]
      for (const view of views) {
        const path = `/api/products/${product.id}/${view}`
        const [own, seen] = [await admin.get(path), await site.app.as('bob').get(path)]
        expect([path, own.status, seen.status]).toEqual([path, 200, 200])
        expect([path, own.text.includes('"dr1"'), seen.text.includes('"dr1"')]).toEqual([path, true, false])
      }
    } finally {
      await openTo([])
    }
  })

  it('that nothing matches fails, and says what to do', async () => {
    const used_config = { param: { crossmatch: { radius_arcsec: 0.001 } } }
    const { run, product } = await done(await request({ used_config }))
    expect(run).toMatchObject({ status: 'Failed', error: { code: 'empty_result', problems: [] } })
    expect(run.error.reason).toContain('use a larger radius')
    expect(product.status).toBe(9)
  })

  it('is stopped while it is made, in a child process', async () => {
    const run = await request()
    const { carry, close } = childCarrier(site.app.context.config, 1)
    let heard: () => void = () => undefined
    const begun = new Promise<void>((resolve) => {
      heard = resolve
    })
    worker = startTestWorker(site.app, (task, work, options) => {
      heard()
      return carry(task, work, options)
    })
    await begun
    accepted(await alice.get(`/api/processes/${run.id}/stop/`))
    await untilRun(alice, run.id, ({ status }) => status === 'Stopped')
    expect((await untilProduct(alice, run.upload, ({ status }) => status !== 3)).status).toBe(9)
    await close()
  })
})

describe('a replay', () => {
  const FORMATS = ['parquet', 'csv', 'fits', 'hdf5', 'votable', 'hats']
  it.each(FORMATS)('of a training set as %s is identical', async (output_format) => {
    const { run, product } = await done(await request({ output_format }))
    expect(product).toMatchObject({ status: 1, format: output_format, n_rows: 4 })
    expect(await rolesOf(alice, product.id)).toMatchObject({ z: 'redshift' })
    expect(await site.app.context.replays.replay(run.id)).toMatchObject({ identical: true })
  })

  it('of one that is ready for RAIL is identical, and has its names', async () => {
    const { run, product } = await done(await request({ used_config: { param: { rail_ready: true } } }))
    expect(product.format).toBe('hdf5')
    expect(await rolesOf(alice, product.id)).toMatchObject({ z: 'redshift' })
    expect(Object.keys((await rowsMade(run))[0]!)).toEqual(expect.arrayContaining(['mag_i_lsst', 'objectId']))
    expect(await site.app.context.replays.replay(run.id)).toMatchObject({ identical: true })
  })

  it('says so when the object catalog has changed', async () => {
    const folder = join(site.catalogs, 'dr3')
    await writeHats(folder, OBJECTS, { raColumn: 'coord_ra', decColumn: 'coord_dec', name: 'dr3' })
    const release = await addRelease(site.app, 'dr3')
    const { run } = await done(await request({ release }))
    expect(await site.app.context.replays.replay(run.id)).toMatchObject({ identical: true })
    await writeFile(join(folder, 'catalog', 'hats.properties'), 'dataproduct_type=object\n')
    const { identical, outputs } = await site.app.context.replays.replay(run.id)
    expect(identical).toBe(false)
    expect(outputs[0]!.difference!.actual).toContain('its files have changed')
  })
})

describe('a catalog that is damaged on the disk of the server', () => {
  /** A release with a catalog to which something was done. @returns the folder of the catalog, and its release */
  const catalogOf = async (name: string, damage: (folder: string) => Promise<void>): Promise<number> => {
    const folder = join(site.catalogs, name)
    await writeHats(folder, OBJECTS, { raColumn: 'coord_ra', decColumn: 'coord_dec', name })
    await damage(join(folder, 'catalog'))
    return addRelease(site.app, name)
  }
  const metadata = (folder: string) => join(folder, 'dataset', '_common_metadata')
  const partitions = async (folder: string) =>
    (await readdir(join(folder, 'dataset'), { recursive: true }))
      .filter((name) => /Npix=\d+\.parquet$/.test(name))
      .map((name) => join(folder, 'dataset', name))
  const fails = async (release: number): Promise<string> => {
    const { run } = await done(await request({ release }))
    expect(run.status).toBe('Failed')
    const told = JSON.stringify([run, accepted(await alice.get(`/api/processes/${run.id}/logs/`))])
    expect(told).not.toContain(site.catalogs)
    return told
  }

  it.each([
    [
      'a link that leads nowhere',
      (folder: string) => symlink('/nowhere', join(folder, 'lost.parquet')),
      /leads nowhere/,
    ],
    [
      'a link in a circle',
      async (folder: string) => {
        await rm(metadata(folder))
        await symlink(metadata(folder), metadata(folder))
      },
      /in a circle/,
    ],
    [
      'a link out of the folder',
      async (folder: string) => {
        await rm(metadata(folder))
        await symlink('/etc/hostname', metadata(folder))
      },
      /leads out of the catalog's folder/,
    ],
    ['metadata that are none', (folder: string) => writeFile(metadata(folder), 'PAR1 no PAR1'), /_common_metadata/],
    [
      'a list that is none',
      (folder: string) => writeFile(join(folder, 'partition_info.csv'), 'Norder,Npix\n99,-1\n'),
      /partition_info/,
    ],
  ])('is told in plain words, without folders of the machine: %s', async (what, damage, words) => {
    const release = await catalogOf(`damaged-${what.replaceAll(' ', '-')}`, damage)
    const { status, json, text } = await ask(alice, { release, inputs: [site.redshifts] })
    expect([status, json.release]).toEqual([400, [expect.stringMatching(words)]])
    expect(text).not.toContain(site.catalogs)
  })

  it('fails the run in the same words: partitions that are missing, cut off, or of another form', async () => {
    const missing = await catalogOf('missing', async (folder) => {
      for (const path of await partitions(folder)) await rm(path)
    })
    expect(await fails(missing)).toContain('is missing')
    const short = await catalogOf('short', async (folder) => {
      for (const path of await partitions(folder)) await truncate(path, 100)
    })
    expect(await fails(short)).toContain('The object catalog short/catalog cannot be read: dataset/Norder=')
    const other = await catalogOf('other', async (folder) => {
      const columns = [{ name: 'x', type: 'float64', values: new Float64Array(3) }] as const
      for (const path of await partitions(folder)) await writeTable('parquet', { rows: 3, metadata: {}, columns }, path)
    })
    expect(await fails(other)).toContain('The object catalog other/catalog cannot be read')
  })
})

describe('before anything runs', () => {
  const refused = async (fields: object): Promise<Json> => {
    const { status, json } = await ask(alice, { release: site.release, inputs: [site.redshifts], ...fields })
    expect(status).toBe(400)
    return json
  }

  it('objects must be chosen, once', async () => {
    expect((await refused({ release: null })).release[0]).toContain('This field is required')
    const objects = await objectProduct(alice, temporaryDirectory())
    expect((await refused({ object_catalog: objects })).object_catalog[0]).toContain('not both')
  })

  it('the release must exist, be open to the person, and have a catalog', async () => {
    expect((await refused({ release: 999 })).release).toEqual(['Invalid pk "999" - object does not exist.'])
    const hidden = await closedRelease(site.app)
    expect((await refused({ release: hidden })).release).toEqual([`Invalid pk "${hidden}" - object does not exist.`])
    const bare = await addRelease(site.app, 'bare')
    expect((await refused({ release: bare })).release[0]).toContain('no object catalog of the release bare')
    await mkdir(join(site.catalogs, 'empty'))
    const empty = await addRelease(site.app, 'empty')
    expect((await refused({ release: empty })).release[0]).toContain('has no object catalog for')
  })

  it('an object catalog must be one, published and visible', async () => {
    const problem = async (id: number) => (await refused({ release: null, object_catalog: id })).object_catalog[0]
    expect(await problem(site.redshifts)).toContain('object_catalog')
    expect(await problem(999_999)).toContain('does not exist')
    expect(await problem(await registered(alice, { product_type: 6 }))).toContain('not published yet')
  })

  it('there is one redshift catalog', async () => {
    const other = await published(alice)
    expect((await refused({ inputs: [site.redshifts, other] })).inputs).toEqual(['Choose at most 1 product.'])
    expect((await refused({ inputs: [] })).inputs).toEqual(['This field is required.'])
  })

  it('parameters and formats are right, all of them', async () => {
    const param = { train_fracton: 0.5, crossmatch: { radius_arcsec: -1 }, random_seed: 0.5 }
    const json = await refused({ used_config: { param }, release: 999 })
    expect(json.used_config).toHaveLength(3)
    expect(json.release).toHaveLength(1)
    expect((await refused({ output_format: 'xlsx' })).output_format[0]).toContain('"xlsx" is not a valid choice')
    expect((await refused({ used_config: { param: { specz_selection: 'winners' } } })).used_config[0]).toContain(
      'tie_result',
    )
  })

  it('the columns of the objects are looked at, of a release as of a product', async () => {
    const used_config = { param: { selected_cols: ['i_cModelFlx'], flux_type: 'kron', dereddening: 'planck' } }
    const objects = await objectProduct(alice, temporaryDirectory())
    for (const fields of [{}, { release: null, object_catalog: objects }]) {
      expect(await refused({ ...fields, used_config })).toMatchObject({
        used_config: [
          expect.stringMatching(/^flux_type: .*'kron'.*It has cModel/),
          expect.stringMatching(/^dereddening: /),
          expect.stringMatching(/^selected_cols: .*Did you mean 'i_cModelFlux'/),
        ],
      })
    }
  })

  it('a pipeline without objects takes none', async () => {
    const { json } = await alice.post('/api/processes/', {
      display_name: 'X',
      pipeline: 1,
      inputs: [site.redshifts],
      object_catalog: 1,
    })
    expect(json.object_catalog[0]).toContain('leave it out')
  })
})

describe('the digest of an object catalog', () => {
  it('tells files by name and size, and metadata by content', async () => {
    const folder = join(temporaryDirectory(), 'sky')
    await writeHats(folder, OBJECTS, { raColumn: 'coord_ra', decColumn: 'coord_dec', name: 'sky' })
    const before = await catalogDigest(folder)
    expect(await catalogDigest(folder)).toBe(before)
    const properties = join(folder, 'catalog', 'hats.properties')
    const text = await readFile(properties, 'utf8')
    await writeFile(properties, text.replace('20', '21'))
    expect(await catalogDigest(folder)).not.toBe(before)
    await writeFile(properties, text)
    expect(await catalogDigest(folder)).toBe(before)
    await writeFile(join(folder, 'more.txt'), '')
    expect(await catalogDigest(folder)).not.toBe(before)
    await rm(join(folder, 'more.txt'))
  })

  it('of a Parquet file is one over its footer', async () => {
    const path = join(temporaryDirectory(), 'objects.parquet')
    await writeTable('parquet', OBJECTS, path)
    const before = await catalogDigest(path)
    const [id, ra, dec, flux] = OBJECTS.columns
    const moved = { ...ra, values: ra.values.map((value) => value + 1) }
    await rm(path)
    await writeTable('parquet', { ...OBJECTS, columns: [id, moved, dec, flux] }, path)
    expect(await catalogDigest(path)).not.toBe(before)
  })
})
