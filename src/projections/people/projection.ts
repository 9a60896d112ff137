import { EVENT_DEFINITIONS } from '../../domain/events.ts'
import { isSecurityEvent, type SecurityEvent } from '../../domain/security/security.ts'
import type { RecordedEvent } from '../../eventstore/port.ts'
import type { Projection } from '../projection.ts'
import { stampOf } from '../recorded.ts'
import { loadRows, upsertRows } from '../rows.ts'
import { type PersonRow, people } from './tables.ts'

export const peopleProjection: Projection = {
  name: 'people',
  version: 1,
  tables: [people],
  eventTypes: EVENT_DEFINITIONS.map((definition) => definition.type),

  async apply(events, tx) {
    const ids = new Set(events.flatMap((event) => [stampOf(event).actorId, subjectOf(event)?.userId ?? 0]))
    const rows = new Map((await loadRows(tx, people, 'user_id', [...ids])).map((row) => [row.userId, row]))
    for (const event of events) count(rows, event)
    await upsertRows(tx, people, [...rows.values()])
  },
}

/** Whom an event of a security stream is about. */
function subjectOf(recorded: RecordedEvent): { readonly userId: number; readonly username: string } | null {
  return isSecurityEvent(recorded) ? recorded.data : null
}

const unknownPerson = (userId: number, username: string, at: string): PersonRow => ({
  userId,
  username,
  isMember: false,
  isAdmin: false,
  groups: [],
  products: 0,
  events: 0,
  firstSeen: at,
  lastSeen: at,
})

function count(rows: Map<number, PersonRow>, recorded: RecordedEvent): void {
  const { actorId, actor, at } = stampOf(recorded)
  const doer = rows.get(actorId) ?? unknownPerson(actorId, actor, at)
  const registered = recorded.type === 'ProductRegistered' ? 1 : 0
  rows.set(actorId, {
    ...doer,
    username: actor,
    events: doer.events + 1,
    products: doer.products + registered,
    lastSeen: at,
  })
  const subject = subjectOf(recorded)
  if (subject === null || !isSecurityEvent(recorded)) return
  const event: SecurityEvent = recorded
  const row = rows.get(subject.userId) ?? unknownPerson(subject.userId, subject.username, at)
  if (event.type === 'GroupMembershipChanged') rows.set(row.userId, { ...row, groups: event.data.groups })
  if (event.type === 'RoleGranted' || event.type === 'RoleRevoked') {
    const holds = event.type === 'RoleGranted'
    rows.set(row.userId, { ...row, ...(event.data.role === 'admin' ? { isAdmin: holds } : { isMember: holds }) })
  }
}
