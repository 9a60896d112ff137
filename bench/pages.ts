import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attachFile } from '../src/application/files.ts'
import { changeProduct, registerProduct } from '../src/application/products.ts'
import { readConfig } from '../src/config.ts'
import type { AppContext } from '../src/context.ts'
import { Session } from '../src/database/session.ts'
import { createApp } from '../src/http/app.ts'
import { createLog } from '../src/log.ts'
import { productColumns } from '../src/projections/columns/queries.ts'
import { openContext } from '../src/server.ts'
import { startPostgresServer } from '../test/support/postgres-server.ts'
import { productEvents } from './projections.ts'

const PRODUCTS = 10_000
const REAL_PRODUCTS = 20
const ROUNDS = 200
const PASSWORD = 'only for this bench'

/**
 * How fast pages answer with 10,000 products in PostgreSQL, in process (no network): p50, p95, p99 in ms, and how many SQL
 * statements each takes, authentication included. Goals: 50 ms at the median on a quiet machine, at most 3 statements.
 */
export async function run(args: readonly string[]): Promise<void> {
  const rounds = Number(args.find((arg) => arg.startsWith('--rounds='))?.slice(9) ?? ROUNDS)
  const postgres = await startPostgresServer()
  const dataDir = await mkdtemp(join(tmpdir(), 'photoz-bench-'))
  const steps: (() => unknown)[] = []
  try {
    const environment = {
      DATA_DIR: dataDir,
      DATABASE_URL: await postgres.newDatabase(),
      ADMIN_PASSWORD: PASSWORD,
      LOG_LEVEL: 'silent',
    }
    const { config, secrets } = readConfig(environment)
    const opened = await openContext(config, secrets, createLog('silent'), () => new Date(), {
      add: (step) => steps.unshift(step),
    })
    await measure(opened.context, rounds)
  } finally {
    for (const step of steps) await step()
    await postgres.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function measure(context: AppContext, rounds: number): Promise<void> {
  const real = await seed(context)
  const statements = countStatements()
  const app = createApp(context)
  const signIn = await app.request('/sign-in', {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ username: 'admin', password: PASSWORD, next: '/' }),
  })
  const cookie = signIn.headers.get('set-cookie')?.split(';')[0] ?? ''
  const tokenAnswer = await app.request('/api/obtain_token/', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password: PASSWORD }),
  })
  const { token }: { token: string } = JSON.parse(await tokenAnswer.text())
  const pages: readonly (readonly [path: string, headers: Record<string, string>])[] = [
    ['/', { cookie }],
    ['/user_products', { cookie }],
    ['/user_products?search=mag_g&ordering=-size&page=7', { cookie }],
    [`/product/${real.internalName}`, { cookie }],
    [`/product/${real.internalName}?tab=columns`, { cookie }],
    [`/product/${real.internalName}?tab=history`, { cookie }],
    ['/api/products/?page=1&page_size=100', { Authorization: `Token ${token}` }],
    [`/api/products/${real.id}/`, { Authorization: `Token ${token}` }],
  ]
  console.log(`${PRODUCTS + REAL_PRODUCTS} products, ${rounds} requests of each page`)
  for (const [path, headers] of pages) {
    const times: number[] = []
    let fewest = Number.POSITIVE_INFINITY // the log is polled in between
    for (let round = 0; round < rounds; round++) {
      statements.count = 0
      const begin = performance.now()
      const response = await app.request(path, { headers })
      await response.text()
      times.push(performance.now() - begin)
      if (response.status !== 200) throw new Error(`${path} answered ${response.status}`)
      fewest = Math.min(fewest, statements.count)
    }
    times.sort((a, b) => a - b)
    const at = (share: number) => (times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(1).padStart(6)
    console.log(`  p50 ${at(0.5)}  p95 ${at(0.95)}  p99 ${at(0.99)} ms  ${fewest} statements  ${path}`)
  }
}

/** Counts the statements that go to PostgreSQL from now on, whichever way. */
function countStatements(): { count: number } {
  const statements = { count: 0 }
  const { rows, arrays } = Session.prototype
  Session.prototype.rows = function (text, parameters) {
    statements.count += 1
    return rows.call(this, text, parameters)
  }
  Session.prototype.arrays = function (text, parameters) {
    statements.count += 1
    return arrays.call(this, text, parameters)
  }
  return statements
}

/** @returns a product with a real file */
async function seed(context: AppContext): Promise<{ readonly id: number; readonly internalName: string }> {
  let last = 0
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
  const request = {
    actor: { userId: 1, username: 'admin', isAdmin: true, groupIds: [] },
    correlationId: context.newId(),
  }
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
  return { id: last, internalName: `${last}_real_${REAL_PRODUCTS - 1}` }
}

async function* catalog(seed: number): AsyncIterable<Uint8Array> {
  const rows = Array.from({ length: 1000 }, (_, i) => {
    const turn = (i * 0.618_034 + seed) % 1
    return `${2305843019946942123n + BigInt(i)},${(360 * turn).toFixed(6)},${(60 * turn - 55).toFixed(6)},${(2 * turn).toFixed(5)}`
  })
  yield Buffer.from(`id,ra,dec,z\n${rows.join('\n')}\n`)
}
