import { and, asc, count, desc, eq, gt, gte, inArray, like, lt, lte, notInArray, type SQL, sql } from 'drizzle-orm'
import type { Drizzle } from '../../database/database.ts'
import type { Actor } from '../../domain/actor.ts'
import { productStream } from '../../domain/product/product.ts'
import type { JsonObject, Position } from '../../eventstore/port.ts'
import { visibleTo } from '../products/queries.ts'
import { products } from '../products/tables.ts'
import { releases } from '../releases/tables.ts'
import type { HistoryFilter } from './kinds.ts'
import { type HistoryRow, history } from './tables.ts'

/** What the event browser is narrowed to; everything given must hold. */
export interface EventFilter {
  /** A stream, like `product-42`, or all of a kind: `product-`. */
  readonly stream?: string
  readonly types?: readonly string[]
  /** Usernames at the time of the event. */
  readonly actors?: readonly string[]
  /** ISO 8601; both included. */
  readonly since?: string
  readonly until?: string
}

/** Events of a page: older than a position, or newer than it, or the newest. */
export type EventPage = { readonly before: Position } | { readonly after: Position } | null

export interface ListedEvent {
  readonly position: Position
  readonly stream: string
  readonly revision: number
  readonly type: string
  readonly actor: string
  readonly at: string
  /** Length of the data as JSON text; the data itself only when it is short. */
  readonly length: number
  readonly data: JsonObject | null
}

/** Longest data, as JSON text, that lists carry: the columns of a wide table fill a hundred kilobytes. */
const LONGEST_DATA = 4_000

/** Events that fit, newest first, at most `limit`. */
export async function listEvents(
  db: Drizzle,
  filter: EventFilter,
  page: EventPage,
  limit: number,
): Promise<ListedEvent[]> {
  const forwards = page !== null && 'after' in page
  const length = sql<number>`length(${history.data}::text)`
  const place =
    page === null ? undefined : 'after' in page ? gt(history.position, page.after) : lt(history.position, page.before)
  const rows = await db
    .select({
      position: history.position,
      stream: history.stream,
      revision: history.revision,
      type: history.type,
      actor: history.actor,
      at: history.at,
      length: length.mapWith(Number),
      data: sql<JsonObject | null>`case when ${length} <= ${LONGEST_DATA} then ${history.data} end`,
    })
    .from(history)
    .where(and(...conditions(filter), place))
    .orderBy((forwards ? asc : desc)(history.position))
    .limit(limit)
  return forwards ? rows.reverse() : rows
}

/** How many events each type, or each person, has among those that fit the rest of the filter; most frequent first. */
export async function countEventsBy(
  db: Drizzle,
  by: 'type' | 'actor',
  filter: EventFilter,
): Promise<{ readonly value: string; readonly count: number }[]> {
  const others = by === 'type' ? { ...filter, types: [] } : { ...filter, actors: [] }
  const column = history[by]
  return db
    .select({ value: column, count: count() })
    .from(history)
    .where(and(...conditions(others)))
    .groupBy(column)
    .orderBy(desc(count()), asc(column))
    .limit(100)
}

/** Events of all streams, of the types that the program knows. */
export async function countEvents(db: Drizzle): Promise<number> {
  const [row] = await db.select({ count: count() }).from(history)
  return row?.count ?? 0
}

/** Where the event at a position stands in its stream; null when there is none. */
export async function findEvent(db: Drizzle, position: Position) {
  const [row] = await db
    .select({ stream: history.stream, revision: history.revision })
    .from(history)
    .where(eq(history.position, position))
  return row ?? null
}

/** An event of a product, with what the product is called now. */
export interface ProductNews {
  readonly event: HistoryRow
  readonly product: { readonly id: number; readonly internalName: string; readonly displayName: string }
}

/** By the key of the products, so that the newest events are met first and the rest of the log is never read. */
const PRODUCT_OF_STREAM = sql`case when ${history.stream} like 'product-%' then substr(${history.stream}, 9)::integer end`

/** What was found in files is a consequence of what people did, and large. */
const NO_NEWS = ['MainFileInspected']

/**
 * What happened to products that the person may see, newest first, at most `limit` events.
 * @param productId of this one alone, with the time before it was published; null for all, since they were published
 */
export async function productNews(
  db: Drizzle,
  actor: Actor,
  productId: number | null,
  { people, types }: HistoryFilter,
  limit: number,
): Promise<ProductNews[]> {
  const { id, internalName, displayName } = products
  return db
    .select({ event: history, product: { id, internalName, displayName } })
    .from(history)
    .innerJoin(products, eq(products.id, PRODUCT_OF_STREAM))
    .leftJoin(releases, eq(releases.id, products.releaseId))
    .where(
      and(
        visibleTo(actor),
        productId === null ? gte(history.at, products.publishedAt) : eq(history.stream, productStream(productId)),
        notInArray(history.type, NO_NEWS),
        people.length === 0 ? undefined : inArray(history.actor, [...people]),
        types.length === 0 ? undefined : inArray(history.type, [...types]),
      ),
    )
    .orderBy(desc(history.position))
    .limit(limit)
}

function conditions({ stream, types = [], actors = [], since, until }: EventFilter): (SQL | undefined)[] {
  return [
    stream === undefined ? undefined : named(stream),
    types.length === 0 ? undefined : inArray(history.type, [...types]),
    actors.length === 0 ? undefined : inArray(history.actor, [...actors]),
    since === undefined ? undefined : gte(history.at, since),
    until === undefined ? undefined : lte(history.at, until),
  ]
}

const named = (stream: string): SQL =>
  stream.endsWith('-') ? like(history.stream, `${stream.replaceAll(/[\\%_]/g, '\\$&')}%`) : eq(history.stream, stream)
