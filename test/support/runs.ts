import { createRunWorker } from '../../src/application/run-worker.ts'
import type { Carry } from '../../src/pipelines/worker/ports.ts'
import type { RunWorker } from '../../src/pipelines/worker/worker.ts'
import type { Client, Json, TestApp } from './app.ts'
import { carryHere } from './context.ts'
import { accepted, giveRole, PRODUCT_TYPE, registered } from './products.ts'

/** Two surveys of the same sky: the first two rows of each are the same galaxies, the third of B a star. */
export const CATALOG_A = `ID,RA,Dec,z,flag,survey
A1,10.0,-30.0,0.5,4,6dFGS
A2,10.1,-30.0,0.8,3,6dFGS
A3,11.0,-30.0,0.9,3,6dFGS
`
export const CATALOG_B = `name,ra,dec,redshift,q,survey
B1,10.00001,-30.0,0.5004,3,OzDES
B2,10.10001,-30.0,0.9,3,OzDES
B3,12.0,-30.0,0.0,6,OzDES
`
const ROLES_A = { ID: 'ID', RA: 'RA', Dec: 'Dec', z: 'z', flag: 'z_flag', survey: 'survey' }
const ROLES_B = { name: 'ID', ra: 'RA', dec: 'Dec', redshift: 'z', q: 'z_flag', survey: 'survey' }

/** A published redshift catalog. @returns its number */
export async function publishedCatalog(
  client: Client,
  name: string,
  content: string,
  roles: Readonly<Record<string, string>>,
): Promise<number> {
  const id = await registered(client, { display_name: name, product_type: PRODUCT_TYPE.redshiftCatalog })
  accepted(await client.upload(id, `${name}.csv`, content))
  for (const [column, alias] of Object.entries(roles)) await giveRole(client, id, column, alias)
  accepted(await client.patch(`/api/products/${id}/`, { status: '1' }))
  return id
}

export async function twoCatalogs(client: Client): Promise<[number, number]> {
  return [
    await publishedCatalog(client, 'Survey A', CATALOG_A, ROLES_A),
    await publishedCatalog(client, 'Survey B', CATALOG_B, ROLES_B),
  ]
}

export const MARK = { combine_type: 'concatenate_and_mark_duplicates', z_flag_homogenized_value_to_cut: null }

/** Asks for a run of *Combine Redshift Catalogs*. */
export async function requestCombine(
  client: Client,
  inputs: readonly number[],
  fields: Readonly<Record<string, unknown>> = {},
): Promise<Json> {
  const body = { display_name: 'Combined', pipeline: 1, inputs, used_config: { param: MARK }, ...fields }
  return accepted(await client.post('/api/processes/', body))
}

export interface TestWorker {
  readonly worker: RunWorker
  stop(): Promise<void>
}

/** A worker in this process. */
export function startTestWorker(app: TestApp, carry: Carry = carryHere, pollMs = 100): TestWorker {
  const worker = createRunWorker(app.context, { capacity: 1, carry, pollMs })
  const ending = new AbortController()
  worker.start(ending.signal)
  return {
    worker,
    async stop() {
      ending.abort()
      await worker.stopped()
    },
  }
}

/** Asks until a run has a status. @returns the run as the API gives it */
export async function untilRun(
  client: Client,
  id: number,
  wanted: (run: Json) => boolean,
  seconds = 20,
): Promise<Json> {
  const deadline = Date.now() + seconds * 1000
  let run: Json
  do {
    run = accepted(await client.get(`/api/processes/${id}/`))
    if (wanted(run)) return run
    await new Promise((resolve) => setTimeout(resolve, 50))
  } while (Date.now() < deadline)
  throw new Error(`The run did not get there: ${JSON.stringify(run)}`)
}

/** Asks until a product has left *Processing*. */
export async function untilProduct(client: Client, id: number, wanted: (product: Json) => boolean): Promise<Json> {
  for (let i = 0; i < 400; i++) {
    const product = accepted(await client.get(`/api/products/${id}/`))
    if (wanted(product)) return product
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`Product ${id} did not get there`)
}
