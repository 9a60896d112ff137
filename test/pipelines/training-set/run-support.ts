import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeHats } from '../../../src/tables/hats/write-hats.ts'
import { writeTable } from '../../../src/tables/writers/write-table.ts'
import { type Client, type Json, type TestApp, testApp } from '../../support/app.ts'
import { accepted, giveRole, PRODUCT_TYPE, registered } from '../../support/products.ts'
import { publishedCatalog } from '../../support/runs.ts'

/** Objects around (10, -30), 0.01 degrees apart; their ids are beyond 2^53. */
export const OBJECTS = {
  rows: 20,
  metadata: {},
  columns: [
    { name: 'objectId', type: 'int64', values: BigInt64Array.from({ length: 20 }, (_, i) => 2n ** 60n + BigInt(i)) },
    { name: 'coord_ra', type: 'float64', values: Float64Array.from({ length: 20 }, (_, i) => 10 + i / 100) },
    { name: 'coord_dec', type: 'float64', values: new Float64Array(20).fill(-30) },
    { name: 'i_cModelFlux', type: 'float32', values: Float32Array.from({ length: 20 }, (_, i) => 100 * (i + 1)) },
  ],
} as const

/** Four redshifts of objects, one of them twice, and one far from all. */
export const REDSHIFTS = `name,ra,dec,redshift,q
A,10.00,-30.00001,0.1,4
B,10.01,-30.00001,0.2,4
C,10.02,-30.00001,0.3,3
D,10.02,-30.00002,0.31,3
E,50.00,-30.00000,0.9,4
`
const ROLES = { name: 'ID', ra: 'RA', dec: 'Dec', redshift: 'z', q: 'z_flag' }

export interface Site {
  readonly app: TestApp
  /** Folder with the object catalogs of releases. */
  readonly catalogs: string
  /** Number of the release `dr1`, whose catalog is a HATS collection. */
  readonly release: number
  /** A published redshift catalog of Alice's. */
  readonly redshifts: number
  close(): Promise<void>
}

/** A site with the catalog of one release, and a redshift catalog. */
export async function trainingSite(): Promise<Site> {
  const catalogs = await mkdtemp(join(tmpdir(), 'photoz-catalogs-'))
  await writeHats(join(catalogs, 'dr1'), OBJECTS, { raColumn: 'coord_ra', decColumn: 'coord_dec', name: 'dr1' })
  const app = await testApp({ env: { OBJECT_CATALOGS: catalogs } })
  return {
    app,
    catalogs,
    release: await addRelease(app, 'dr1'),
    redshifts: await publishedCatalog(app.as('alice'), 'Redshifts', REDSHIFTS, ROLES),
    async close() {
      await app.close()
      await rm(catalogs, { recursive: true, force: true })
    },
  }
}

export async function addRelease(app: TestApp, name: string, fields: object = {}): Promise<number> {
  const release = { name, display_name: name.toUpperCase(), description: '', ...fields }
  return accepted(await app.as('admin').post('/api/releases/', release)).id
}

/** A published Objects Catalog, as a Parquet file. */
export async function objectProduct(client: Client, folder: string, fields: object = {}): Promise<number> {
  const path = join(folder, 'objects.parquet')
  await writeTable('parquet', OBJECTS, path)
  const id = await registered(client, { display_name: 'Objects', product_type: PRODUCT_TYPE.objectCatalog, ...fields })
  accepted(await client.upload(id, 'objects.parquet', await readFile(path)))
  for (const [column, alias] of [
    ['objectId', 'ID'],
    ['coord_ra', 'RA'],
    ['coord_dec', 'Dec'],
  ] as const) {
    await giveRole(client, id, column, alias)
  }
  accepted(await client.patch(`/api/products/${id}/`, { status: '1' }))
  return id
}

/** Asks for a training set. */
export const ask = (client: Client, fields: Readonly<Record<string, unknown>>) =>
  client.post('/api/processes/', { display_name: 'Training set', pipeline: 2, ...fields })

/** From the role to the column that has it. */
export async function rolesOf(client: Client, product: number): Promise<Record<string, string>> {
  const { results } = accepted(await client.get(`/api/product-contents/?product=${product}`))
  return Object.fromEntries(
    results.filter((column: Json) => column.alias).map((column: Json) => [column.alias, column.column_name]),
  )
}
