import type { Sql } from '../../database/database.ts'

/** Streams that are named at most. */
const MOST_STREAMS = 100

/**
 * What is wrong with the rows that say where the log and its streams end (`log.head`, `log.streams`), in words. Events can be read
 * whatever these say, but the next ones are numbered by them.
 */
export async function bookkeepingFaults(database: Sql): Promise<string[]> {
  const [head] = await database.query<{ kept: string; last: string }>(
    'select (select position from log.head) as kept, (select coalesce(max(position), 0) from log.events) as last',
  )
  const streams = await database.query<{ stream: string; kept: string | null; last: string | null }>(
    `select coalesce(s.stream, e.stream) as stream, s.revision as kept, e.last
     from log.streams s full join (select stream, max(revision) as last from log.events group by stream) e
       on e.stream = s.stream
     where s.revision is distinct from e.last order by 1 limit ${MOST_STREAMS}`,
  )
  const atHead =
    head === undefined || head.kept === head.last
      ? []
      : [`log.head says that the log ends at position ${head.kept}, and its last event is at ${head.last}`]
  return atHead.concat(
    streams.map(
      ({ stream, kept, last }) =>
        `log.streams says that ${stream} ends with revision ${kept ?? 'none'}, and its last event has ${last ?? 'none'}`,
    ),
  )
}
