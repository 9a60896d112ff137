import type { AppContext } from '../src/context.ts'
import type { Actor } from '../src/domain/actor.ts'
import type { Moment } from '../src/domain/moment.ts'
import { toPosition } from '../src/eventstore/position.ts'
import type { ProductFilter } from '../src/projections/products/filter.ts'
import { listProducts, type ProductList } from '../src/projections/products/queries.ts'
import { PRODUCTS, REAL_PRODUCTS, withSite } from './site.ts'

const ROUNDS = 60
const PAGE = { offset: 0, limit: 100 }
const NEWEST = { by: 'created_at', descending: true } as const

const PEOPLE: Readonly<Record<string, Actor>> = {
  admin: { userId: 1, username: 'admin', isAdmin: true, groupIds: [] },
  'somebody else': { userId: 999_999, username: 'visitor', isAdmin: false, groupIds: [] },
}
const FILTERS: Readonly<Record<string, ProductFilter>> = {
  'all products': {},
  'a search': { search: ['set 77'] },
}

/**
 * What the list of 10,000 products costs as of a moment, in multiples of the same list of today (goal: at most 2). Rounds of
 * both alternate, medians are compared. As of now both must give the same products.
 */
export async function run(args: readonly string[]): Promise<void> {
  const rounds = Number(args.find((arg) => arg.startsWith('--rounds='))?.slice(9) ?? ROUNDS)
  await withSite((context) => measure(context, rounds))
}

async function measure(context: AppContext, rounds: number): Promise<void> {
  const events = BigInt(await context.store.head())
  console.log(`${PRODUCTS + REAL_PRODUCTS} products, ${events} events, ${rounds} rounds; the first 100 of the list`)
  for (const [person, actor] of Object.entries(PEOPLE)) {
    for (const [what, filter] of Object.entries(FILTERS)) {
      const list = (asOf: Moment | null) => listProducts(context.database.drizzle, actor, filter, NEWEST, PAGE, asOf)
      for (const percent of [10, 50, 90, 100]) {
        const position = toPosition((events * BigInt(percent)) / 100n)
        await compare(`${what}, ${person}, position at ${percent} %`, list, { kind: 'position', position }, rounds)
        const at = await recordedAt(context, position)
        await compare(`${what}, ${person}, time at ${percent} %`, list, { kind: 'time', at }, rounds)
      }
    }
  }
}

async function compare(
  name: string,
  list: (asOf: Moment | null) => Promise<ProductList>,
  moment: Moment,
  rounds: number,
): Promise<void> {
  const [live, then]: [number[], number[]] = [[], []]
  let count = 0
  for (let round = 0; round < rounds; round++) {
    live.push(await timed(async () => void (await list(null))))
    then.push(
      await timed(async () => {
        count = (await list(moment)).count
      }),
    )
  }
  const [today, past] = [median(live), median(then)]
  const times = `${past.toFixed(1).padStart(6)} ms, today ${today.toFixed(1).padStart(6)} ms`
  console.log(`  ${(past / today).toFixed(2)}x  ${times}  ${String(count).padStart(6)} products  ${name}`)
}

/** When the event at the position was given, as its product remembers it. */
async function recordedAt(context: AppContext, position: string): Promise<string> {
  const [row] = await context.database.query<{ at: string }>('select at from history where position = $1', [position])
  if (row === undefined) throw new Error(`There is no event at ${position}`)
  return row.at
}

async function timed(work: () => Promise<void>): Promise<number> {
  const begin = performance.now()
  await work()
  return performance.now() - begin
}

const median = (times: number[]): number => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0
