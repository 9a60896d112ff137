import { and, desc, eq, ilike, or } from 'drizzle-orm'
import type { Drizzle } from '../../database/database.ts'
import type { Actor } from '../../domain/actor.ts'
import { contains, usableBy } from '../products/queries.ts'
import { type ReleaseRow, releases } from './tables.ts'

export interface ReleaseFilter {
  readonly id?: number
  readonly name?: string
  readonly search?: readonly string[]
  readonly withRetired?: boolean
}

/** The releases that the person may use, newest first. */
export async function listReleases(db: Drizzle, actor: Actor, filter: ReleaseFilter): Promise<ReleaseRow[]> {
  return db
    .select()
    .from(releases)
    .where(
      and(
        usableBy(actor),
        filter.withRetired ? undefined : eq(releases.retired, false),
        filter.id === undefined ? undefined : eq(releases.id, filter.id),
        filter.name === undefined ? undefined : eq(releases.name, filter.name),
        ...(filter.search ?? []).map((term) =>
          or(ilike(releases.displayName, contains(term)), ilike(releases.description, contains(term))),
        ),
      ),
    )
    .orderBy(desc(releases.createdAt), desc(releases.id))
}

/** The release, or null when there is none or the person may not use it. */
export async function findRelease(db: Drizzle, actor: Actor, id: number): Promise<ReleaseRow | null> {
  const rows = await listReleases(db, actor, { id, withRetired: true })
  return rows[0] ?? null
}
