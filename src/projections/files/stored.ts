import type { Sql } from '../../database/database.ts'

/**
 * Bytes that are kept for a person: all files of their products, those that were replaced, removed or deleted too, until they
 * are destroyed; the archives that tables were taken out of as well. The same bytes count once.
 */
export async function storedBytes(db: Sql, ownerId: number): Promise<number> {
  return (await storedBytesOf(db, [ownerId])).get(ownerId) ?? 0
}

/** The same for several people, or everybody, by the number of the person; who stores nothing is not there. */
export async function storedBytesOf(db: Sql, owners: readonly number[] | null = null): Promise<Map<number, number>> {
  const rows = await db.query<{ owner: number; bytes: string }>(
    `with kept as (
       select p.owner_id as owner, f.sha256, f.size from files f join products p on p.id = f.product_id where not f.purged
       union
       select p.owner_id, f.original_sha256, f.original_size from files f join products p on p.id = f.product_id
       where not f.purged and f.original_sha256 is not null
     )
     select owner, sum(size) as bytes from kept
     where $1::text is null or owner in (select json_array_elements_text($1::text::json)::integer) group by owner`,
    [owners === null ? null : JSON.stringify(owners)],
  )
  return new Map(rows.map(({ owner, bytes }) => [owner, Number(bytes)]))
}
