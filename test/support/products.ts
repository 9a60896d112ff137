import type { Answer, Json } from './answer.ts'
import type { Client } from './app.ts'
import type { Remote } from './remote.ts'

/** Somebody who talks to the server, running or not. */
export type Anyone = Client | Remote

/** A small redshift catalog: two galaxies, and an identifier that JavaScript numbers cannot hold. */
export const CATALOG = 'objectId,RA,Dec,z\n2305843019946942123,10.5,-29.87,0.5\n2305843019946942124,10.6,-29.88,1.25\n'

/** The answer's JSON; fails the test when the request was refused. */
export function accepted(answer: Answer): Json {
  if (answer.status >= 300) throw new Error(`The server answered ${answer.status}: ${answer.text}`)
  return answer.json
}

export const PRODUCT_TYPE = {
  redshiftCatalog: 1,
  trainingSet: 2,
  validationResults: 3,
  photozEstimates: 4,
  trainingResults: 5,
  objectCatalog: 6,
  other: 7,
} as const

/** Registers a product. @returns its number */
export async function registered(client: Anyone, fields: Readonly<Record<string, unknown>> = {}): Promise<number> {
  const product = { display_name: 'A catalog', product_type: PRODUCT_TYPE.redshiftCatalog, ...fields }
  return accepted(await client.post('/api/products/', product)).id
}

/** The columns of a product by name. */
export async function columnsOf(client: Anyone, id: number): Promise<Map<string, Json>> {
  const { results } = accepted(await client.get(`/api/product-contents/?product=${id}`))
  return new Map<string, Json>(results.map((column: Json) => [column.column_name, column]))
}

export async function giveRole(client: Anyone, id: number, columnName: string, alias: string): Promise<void> {
  const column = (await columnsOf(client, id)).get(columnName)
  accepted(await client.patch(`/api/product-contents/${column?.id}/`, { alias }))
}

/** A redshift catalog with its roles, published. @returns its number */
export async function published(client: Anyone, fields: Readonly<Record<string, unknown>> = {}): Promise<number> {
  const id = await registered(client, fields)
  accepted(await client.upload(id, 'catalog.csv', CATALOG))
  const type = fields.product_type ?? PRODUCT_TYPE.redshiftCatalog
  if (type !== PRODUCT_TYPE.other) for (const name of ['RA', 'Dec', 'z']) await giveRole(client, id, name, name)
  accepted(await client.patch(`/api/products/${id}/`, { status: '1' }))
  return id
}
