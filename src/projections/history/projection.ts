import { EVENT_DEFINITIONS } from '../../domain/events.ts'
import type { Projection } from '../projection.ts'
import { stampOf } from '../recorded.ts'
import { insertRows } from '../rows.ts'
import { history } from './tables.ts'

export const historyProjection: Projection = {
  name: 'history',
  version: 1,
  tables: [history],
  eventTypes: EVENT_DEFINITIONS.map((definition) => definition.type),

  async apply(events, tx) {
    await insertRows(
      tx,
      history,
      events.map((event) => {
        const { position, id: eventId, stream, type, data } = event
        const { actorId, actor, at } = stampOf(event)
        return { position, eventId, stream, revision: Number(event.revision), type, actorId, actor, at, data }
      }),
    )
  },
}
