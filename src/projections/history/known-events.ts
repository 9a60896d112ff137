import type { Sql } from '../../database/database.ts'

export interface KnownEventRow {
  readonly position: string
  readonly id: string
  readonly stream: string
  readonly revision: string
  readonly type: string
  /** Another position at which the history has the same event too: it was moved there, and taken in once more. */
  readonly elsewhere: string | null
}

/** What the history says stood at these positions, by position. */
export async function knownEvents(db: Sql, positions: readonly string[]): Promise<Map<string, KnownEventRow>> {
  const rows = await db.query<KnownEventRow>(
    `select h.position, h.event_id as id, h.stream, h.revision::text as revision, h.type, o.position as elsewhere
     from history h left join history o on o.event_id = h.event_id and o.position <> h.position
     where h.position in (select json_array_elements_text($1::text::json))`,
    [JSON.stringify(positions)],
  )
  return new Map(rows.map((row) => [row.position, row]))
}
