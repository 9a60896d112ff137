import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attachFile } from '../src/application/files.ts'
import { changeProduct, registerProduct } from '../src/application/products.ts'
import { readConfig } from '../src/config.ts'
import type { AppContext } from '../src/context.ts'
import type { Sql } from '../src/database/database.ts'
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
 * queries each takes, authentication included. Goals: 50 ms at the median on a quiet machine, at most 3 queries.
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

async function measure(bare: AppContext, rounds: number): Promise<void> {
  const { context, queries } = counting(bare)
  const real = await seed(bare)
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
    [`/product/${real}`, { cookie }],
    [`/product/${real}?tab=columns`, { cookie }],
    [`/product/${real}?tab=history`, { cookie }],
    ['/api/products/?page=1&page_size=100', { Authorization: `Token ${token}` }],
    [`/api/products/${real}/`, { Authorization: `Token ${token}` }],
  ]
  console.log(`${PRODUCTS + REAL_PRODUCTS} products, ${rounds} requests of each page`)
  for (const [path, headers] of pages) {
    const times: number[] = []
    let most = 0
    for (let round = 0; round < rounds; round++) {
      queries.count = 0
      const begin = performance.now()
      const response = await app.request(path, { headers })
      await response.text()
      times.push(performance.now() - begin)
      if (response.status !== 200) throw new Error(`${path} answered ${response.status}`)
      most = Math.max(most, queries.count)
    }
    times.sort((a, b) => a - b)
    const at = (share: number) => (times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(1).padStart(6)
    console.log(`  p50 ${at(0.5)}  p95 ${at(0.95)}  p99 ${at(0.99)} ms  ${most} queries  ${path}`)
  }
}

/** The same context, with its SQL queries counted whichever way they go. */
function counting(bare: AppContext): { context: AppContext; queries: { count: number } } {
  const queries = { count: 0 }
  const original = bare.database.query.bind(bare.database)
  const query: Sql['query'] = (text, parameters) => {
    queries.count += 1
    return original(text, parameters)
  }
  // drizzle is built over the same `query`.
  Object.assign(bare.database, { query })
  return { context: bare, queries }
}

/** @returns the number of a product with a real file */
async function seed(context: AppContext): Promise<number> {
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
  return last
}

async function* catalog(seed: number): AsyncIterable<Uint8Array> {
  const rows = Array.from({ length: 1000 }, (_, i) => {
    const turn = (i * 0.618_034 + seed) % 1
    return `${2305843019946942123n + BigInt(i)},${(360 * turn).toFixed(6)},${(60 * turn - 55).toFixed(6)},${(2 * turn).toFixed(5)}`
  })
  yield Buffer.from(`id,ra,dec,z\n${rows.join('\n')}\n`)
}
