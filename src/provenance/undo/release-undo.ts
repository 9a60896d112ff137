import { FIELD_NAMES } from '../../domain/field-names.ts'
import {
  isReleaseEvent,
  type ReleaseChange,
  type ReleaseEvent,
  type ReleaseFields,
} from '../../domain/release/release.ts'
import type { PastEvent } from './undo.ts'

/** The command that takes a change back, or why there is none. */
export type ReleaseUndo = { readonly command: ReleaseChange } | { readonly refused: string }

/**
 * How to take back a change of a release: of its facts, of who may use it, or of whether it can be chosen. Refused when
 * something later changed the same.
 * @param events of the release until today, oldest first; those before the event in question may be left out
 */
export function undoOfRelease(events: readonly PastEvent[], position: string): ReleaseUndo {
  const index = events.findIndex((event) => event.position === position)
  const found = events[index]
  if (found === undefined || !isReleaseEvent(found)) return { refused: 'This release has no event at that position.' }
  const event: ReleaseEvent = found
  if (event.type === 'ReleaseDefined') return { refused: 'What defined the release is not undone: retire it instead.' }
  const later = events.slice(index + 1).filter(isReleaseEvent)
  if (event.type !== 'ReleaseChanged') {
    if (later.some(({ type }) => LIFE.has(type))) return { refused: 'It was retired or brought back again later.' }
    return { command: { type: event.type === 'ReleaseRetired' ? 'RestoreRelease' : 'RetireRelease' } }
  }
  const edits = later.flatMap((each) => (each.type === 'ReleaseChanged' ? [each.data.to] : []))
  for (const field of Object.keys(event.data.to) as (keyof ReleaseFields)[]) {
    const last = edits.findLast((edit) => edit[field] !== undefined)?.[field]
    // Changed and changed back is as if it had not been changed.
    if (last !== undefined && JSON.stringify(last) !== JSON.stringify(event.data.to[field])) {
      return { refused: `The ${FIELD_NAMES[field]} was changed again later: undo that first.` }
    }
  }
  return { command: { type: 'ChangeRelease', fields: event.data.from } }
}

const LIFE: ReadonlySet<string> = new Set(['ReleaseRetired', 'ReleaseRestored'])
