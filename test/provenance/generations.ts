import { execute, type Request } from '../../src/application/command.ts'
import { settleProduct } from '../../src/application/run-product.ts'
import { keepText } from '../../src/application/runs.ts'
import { SYSTEM } from '../../src/domain/actor.ts'
import { type RunCommand, runDecider, runStream } from '../../src/domain/run/run.ts'
import type { Client, TestApp } from '../support/app.ts'
import { accepted, CATALOG, published } from '../support/products.ts'
import { requestCombine } from '../support/runs.ts'

const ASSOCIATIONS = { ID: 'objectId', RA: 'RA', Dec: 'Dec', z: 'z' }

export interface Derived {
  readonly run: number
  readonly product: number
}

/**
 * A product made from others by a run that was really asked for and that a worker reports as done with this table: what the
 * pipeline would have computed does not matter here.
 */
export async function derived(
  app: TestApp,
  client: Client,
  inputs: readonly number[],
  name: string,
  table = CATALOG,
): Promise<Derived> {
  const run = await requestCombine(client, inputs, { display_name: name })
  const request: Request = { actor: SYSTEM, correlationId: 'worker' }
  const report = (command: RunCommand) => execute(app.context, request, runDecider, runStream(run.id), command)
  const blob = await keepText(app.context, table)
  await report({ type: 'ClaimRun', worker: 'w' })
  await report({
    type: 'ReportSuccess',
    worker: 'w',
    outputs: [{ role: 'main', name: 'combined.csv', ...blob, rows: 2 }],
    associations: ASSOCIATIONS,
    metrics: { rows: 2, seconds: 0.5 },
  })
  await settleProduct(app.context, run.id)
  return { run: run.id, product: run.upload }
}

/** A catalog whose bytes are like no other's. */
export const catalogOf = (z: number): string => `${CATALOG}2305843019946942125,10.7,-29.9,${z}\n`

export interface Generations {
  /** Two uploads, by Alice. */
  readonly a: number
  readonly b: number
  /** Of a and b; of ab and b; of abb and a. */
  readonly ab: Derived
  readonly abb: Derived
  readonly abba: Derived
}

/** Three generations of products, all Alice's. */
export async function generations(app: TestApp): Promise<Generations> {
  const alice = app.as('alice')
  const a = await published(alice, { display_name: 'Catalog A' })
  const b = await published(alice, { display_name: 'Catalog B' })
  await replaceMain(alice, b, catalogOf(0.9))
  const ab = await derived(app, alice, [a, b], 'A and B', catalogOf(1))
  const abb = await derived(app, alice, [ab.product, b], 'A, B and B', catalogOf(2))
  const abba = await derived(app, alice, [abb.product, a], 'A, B, B and A', catalogOf(3))
  return { a, b, ab, abb, abba }
}

export const replaceMain = async (client: Client, id: number, table: string): Promise<void> => {
  accepted(await client.upload(id, 'catalog.csv', table, { replace: true }))
}
