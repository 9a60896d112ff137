import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureAdmin } from '../src/accounts/administrator.ts'
import { attachFile } from '../src/application/files.ts'
import { accountsOf } from '../src/application/people.ts'
import { changeProduct, registerProduct } from '../src/application/products.ts'
import { defineRelease } from '../src/application/releases.ts'
import { readConfig } from '../src/config.ts'
import type { AppContext } from '../src/context.ts'
import { createLog } from '../src/log.ts'
import { productColumns } from '../src/projections/columns/queries.ts'
import { openContext } from '../src/server.ts'
import { startPostgresServer } from '../test/support/postgres-server.ts'
import { productEvents } from './projections.ts'

export const PRODUCTS = 10_000
export const REAL_PRODUCTS = 20
export const PASSWORD = 'only for this bench'

/** Runs `work` on a server with 10,000 products in PostgreSQL, in process; the last of them has a real file. */
export async function withSite(work: (context: AppContext, real: RealProduct) => Promise<void>): Promise<void> {
  const postgres = await startPostgresServer()
  const dataDir = await mkdtemp(join(tmpdir(), 'photoz-bench-'))
  const steps: (() => unknown)[] = []
  try {
    const environment = {
      DATA_DIR: dataDir,
      DATABASE_URL: await postgres.newDatabase(),
      ADMIN_PASSWORD: PASSWORD,
      LOG_LEVEL: 'silent',
      RATE_LIMITS: '1000',
    }
    const { config, secrets } = readConfig(environment)
    const context = await openContext(config, secrets, createLog('silent'), () => new Date(), {
      add: (step) => steps.unshift(step),
    })
    await ensureAdmin(accountsOf(context), PASSWORD)
    await work(context, await seed(context))
  } finally {
    for (const step of steps) await step()
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

export interface RealProduct {
  readonly id: number
  readonly internalName: string
}

async function seed(context: AppContext): Promise<RealProduct> {
  let last = 0
  const request = {
    actor: { userId: 1, username: 'admin', isAdmin: true, groupIds: [] },
    correlationId: context.newId(),
  }
  for (let release = 0; release < 5; release++) {
    await defineRelease(context, request, { name: `dp${release}`, displayName: `DP${release}`, isPublic: true })
  }
  for (let product = 1; product <= PRODUCTS; product += 200) {
    const appended = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        context.store.append(`product-${product + i}`, productEvents(product + i), 'no_stream'),
      ),
    )
    const position =
      appended
        .map((each) => each.position)
        .toSorted()
        .at(-1) ?? ''
    await context.projections.waitFor(position, 60_000)
  }
  await context.database.query(
    `select setval('numbers.product_id', $1), setval('numbers.file_id', $2), setval('numbers.column_id', $3)`,
    [PRODUCTS + 1, 10 * PRODUCTS, 20 * PRODUCTS],
  )
  for (let i = 0; i < REAL_PRODUCTS; i++) {
    last = await registerProduct(context, request, {
      displayName: `Real ${i}`,
      productType: 'redshift_catalog',
      official: false,
    })
    const blob = await context.blobs.receive(catalog(i))
    const file = { name: 'catalog.csv', mediaType: null, blob }
    await attachFile(context, request, last, { file, role: 'main', replace: false })
    const columns = await productColumns(context.database.drizzle, last)
    const roles = ['ID', 'RA', 'Dec', 'z']
    await changeProduct(
      context,
      request,
      last,
      ...columns.map(
        (column, at) => ({ type: 'AssociateColumn', columnId: column.id, alias: roles[at] ?? null }) as const,
      ),
      { type: 'PublishProduct' },
    )
  }
  await context.database.query('analyze') // as PostgreSQL does by itself, but not within a minute
  return { id: last, internalName: `${last}_real_${REAL_PRODUCTS - 1}` }
}

async function* catalog(seed: number): AsyncIterable<Uint8Array> {
  const rows = Array.from({ length: 1000 }, (_, i) => {
    const turn = (i * 0.618_034 + seed) % 1
    return `${2305843019946942123n + BigInt(i)},${(360 * turn).toFixed(6)},${(60 * turn - 55).toFixed(6)},${(2 * turn).toFixed(5)}`
  })
  yield Buffer.from(`id,ra,dec,z\n${rows.join('\n')}\n`)
}
