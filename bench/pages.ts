import type { AppContext } from '../src/context.ts'
import { Session } from '../src/database/session.ts'
import { createApp } from '../src/http/app.ts'
import { PASSWORD, PRODUCTS, REAL_PRODUCTS, type RealProduct, withSite } from './site.ts'

const ROUNDS = 200

/**
 * How fast pages answer with 10,000 products in PostgreSQL, in process (no network): p50, p95, p99 in ms, and how many SQL
 * statements each takes, authentication included. Goals: 50 ms at the median on a quiet machine, at most 3 statements.
 */
export async function run(args: readonly string[]): Promise<void> {
  const rounds = Number(args.find((arg) => arg.startsWith('--rounds='))?.slice(9) ?? ROUNDS)
  await withSite((context, real) => measure(context, real, rounds))
}

async function measure(context: AppContext, real: RealProduct, rounds: number): Promise<void> {
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
