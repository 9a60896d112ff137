import { isReleaseEvent, RELEASE_EVENTS, type ReleaseEvent } from '../../domain/release/release.ts'
import type { RecordedEvent } from '../../eventstore/port.ts'
import type { Projection } from '../projection.ts'
import { bySubject, stampOf } from '../recorded.ts'
import { loadRows, upsertRows } from '../rows.ts'
import { type ReleaseRow, releases } from './tables.ts'

export const releasesProjection: Projection = {
  name: 'releases',
  version: 1,
  tables: [releases],
  eventTypes: RELEASE_EVENTS.map((definition) => definition.type),
  sequences: [{ name: 'numbers.release_id', highest: 'select max(id) from releases' }],

  async apply(events, tx) {
    const groups = bySubject(events)
    const before = new Map((await loadRows(tx, releases, 'id', [...groups.keys()])).map((row) => [row.id, row]))
    const rows = [...groups].map(([id, group]) => group.reduce(evolveReleaseRow, before.get(id) ?? null))
    await upsertRows(
      tx,
      releases,
      rows.filter((row) => row !== null),
    )
  },
}

/** The row of a release after one more of its events, now or as it was; null as long as the release is not defined. */
export function evolveReleaseRow(row: ReleaseRow | null, recorded: RecordedEvent): ReleaseRow | null {
  if (!isReleaseEvent(recorded)) return row
  const event: ReleaseEvent = recorded
  const { at } = stampOf(recorded)
  if (event.type === 'ReleaseDefined') {
    return { id: event.data.releaseId, ...event.data.fields, retired: false, createdAt: at, updatedAt: at }
  }
  if (row === null) return null
  if (event.type === 'ReleaseChanged') return { ...row, ...event.data.to, updatedAt: at }
  return { ...row, retired: event.type === 'ReleaseRetired', updatedAt: at }
}
