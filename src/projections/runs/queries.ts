import { and, asc, desc, eq, gt, ilike, inArray, isNotNull, isNull, or, type SQL, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { Drizzle } from '../../database/database.ts'
import type { Actor } from '../../domain/actor.ts'
import type { RunStatus } from '../../domain/run/run.ts'
import { type Order, orderSql } from '../order.ts'
import type { Page } from '../products/filter.ts'
import { contains } from '../products/queries.ts'
import { products } from '../products/tables.ts'
import { type RunReportRow, type RunRow, runReports, runs } from './tables.ts'

/** What a list of runs is narrowed to; everything given must hold. */
export interface RunFilter {
  readonly ids?: readonly number[]
  readonly pipelines?: readonly string[]
  readonly statuses?: readonly RunStatus[]
  readonly owners?: readonly string[]
  readonly ownerIds?: readonly number[]
  /** Releases whose objects were matched. */
  readonly releaseIds?: readonly number[]
  readonly hasRelease?: boolean
  /** Parts that its name has, all of them. */
  readonly releaseNames?: readonly string[]
  /** Parts of which its name has one. */
  readonly anyReleaseName?: readonly string[]
  readonly outputProductIds?: readonly number[]
  readonly search?: readonly string[]
}

export const RUN_ORDERINGS = [
  'id',
  'display_name',
  'pipeline',
  'status',
  'owner',
  'created_at',
  'started_at',
  'ended_at',
] as const
export type RunOrdering = (typeof RUN_ORDERINGS)[number]

const ORDER_BY: Readonly<Record<RunOrdering, PgColumn | SQL>> = {
  id: runs.id,
  display_name: sql`lower(${runs.displayName})`,
  pipeline: runs.pipelineName,
  status: runs.status,
  owner: runs.owner,
  created_at: runs.createdAt,
  started_at: runs.startedAt,
  ended_at: runs.endedAt,
}

/** People see their own runs, administrators all. What a run made is a product, with rules of its own. */
const visibleTo = (actor: Actor): SQL | undefined => (actor.isAdmin ? undefined : eq(runs.ownerId, actor.userId))

/** The runs that the person may see, narrowed, ordered and cut to a page. */
export async function listRuns(
  db: Drizzle,
  actor: Actor,
  filter: RunFilter,
  order: Order<RunOrdering> = { by: 'id', descending: true },
  page: Page | null = null,
): Promise<{ readonly count: number; readonly items: readonly RunRow[] }> {
  const where = and(visibleTo(actor), eq(runs.deleted, false), ...conditions(filter))
  const query = db
    .select()
    .from(runs)
    .where(where)
    .orderBy(...orderSql(order, ORDER_BY, runs.id))
  const items = await (page === null ? query : query.limit(page.limit).offset(page.offset))
  if (page === null) return { count: items.length, items }
  const [total] = await db.select({ count: sql<string>`count(*)` }).from(runs).where(where)
  return { count: Number(total?.count ?? 0), items }
}

/** The newest runs that the person may see. */
export async function latestRuns(db: Drizzle, actor: Actor, most: number): Promise<RunRow[]> {
  return db
    .select()
    .from(runs)
    .where(and(visibleTo(actor), eq(runs.deleted, false)))
    .orderBy(desc(runs.id))
    .limit(most)
}

function conditions(filter: RunFilter): (SQL | undefined)[] {
  const oneOf = (column: PgColumn, values: readonly (string | number)[] | undefined) =>
    values === undefined ? undefined : inArray(column, [...values])
  // Of a run that matched the objects of a release; null of all others.
  const releaseId = sql`(${runs.objects} ->> 'releaseId')::integer`
  const releaseName = sql`${runs.objects} ->> 'releaseName'`
  const { releaseIds, hasRelease, releaseNames = [], anyReleaseName = [] } = filter
  return [
    oneOf(runs.ownerId, filter.ownerIds),
    releaseIds === undefined ? undefined : inArray(releaseId, [...releaseIds]),
    hasRelease === undefined ? undefined : hasRelease ? isNotNull(releaseId) : isNull(releaseId),
    ...releaseNames.map((part) => ilike(releaseName, contains(part))),
    anyReleaseName.length === 0 ? undefined : or(...anyReleaseName.map((part) => ilike(releaseName, contains(part)))),
    oneOf(runs.id, filter.ids),
    oneOf(runs.pipeline, filter.pipelines),
    oneOf(runs.status, filter.statuses),
    oneOf(runs.owner, filter.owners),
    oneOf(runs.outputProductId, filter.outputProductIds),
    ...(filter.search ?? []).map((term) =>
      or(
        ...[runs.displayName, runs.description, runs.comment, runs.owner, runs.pipelineName].map((c) =>
          ilike(c, contains(term)),
        ),
      ),
    ),
  ]
}

/**
 * The run, or null when there is none or the person may not see it. One that was taken off the lists is found: what it made
 * goes on naming it.
 */
export async function findRun(db: Drizzle, actor: Actor, id: number): Promise<RunRow | null> {
  const [row] = await db
    .select()
    .from(runs)
    .where(and(visibleTo(actor), eq(runs.id, id)))
  return row ?? null
}

/** How runs stand, and since which event. */
export async function runStandings(
  db: Drizzle,
  ids: readonly number[],
): Promise<Pick<RunRow, 'id' | 'status' | 'updatedAt' | 'position'>[]> {
  if (ids.length === 0) return []
  const { id, status, updatedAt, position } = runs
  return db
    .select({ id, status, updatedAt, position })
    .from(runs)
    .where(inArray(id, [...ids]))
}

/** What the run told, in order; only what came after a revision of its stream. */
export async function runLog(db: Drizzle, runId: number, after = -1): Promise<RunReportRow[]> {
  return db
    .select()
    .from(runReports)
    .where(and(eq(runReports.runId, runId), gt(runReports.revision, after)))
    .orderBy(asc(runReports.revision))
}

/** A run that some worker has to do something about. */
export interface OpenRun {
  readonly id: number
  readonly status: RunStatus
  readonly worker: string | null
}

/** Runs that have not ended, and those that have but whose product does not say so yet, oldest first. */
export async function openRuns(db: Drizzle): Promise<OpenRun[]> {
  return db
    .select({ id: runs.id, status: runs.status, worker: runs.worker })
    .from(runs)
    .leftJoin(products, eq(products.id, runs.outputProductId))
    .where(
      or(
        inArray(runs.status, ['pending', 'running', 'stopping']),
        eq(products.status, 'processing'),
        isNull(products.id),
      ),
    )
    .orderBy(asc(runs.id))
}

/** The runs, not ended, whose product was deleted while they work. */
export async function orphanedRuns(db: Drizzle): Promise<number[]> {
  const rows = await db
    .select({ id: runs.id })
    .from(runs)
    .innerJoin(products, eq(products.id, runs.outputProductId))
    .where(and(inArray(runs.status, ['pending', 'running']), inArray(products.status, ['deleted', 'purged'])))
  return rows.map(({ id }) => id)
}
