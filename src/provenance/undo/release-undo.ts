import type { ReleaseEvent, ReleaseFields } from '../../domain/release/release.ts'
import type { PastEvent } from './undo.ts'

/** The fields as they were before an event, or why they cannot be given back. */
export type ReleaseUndo = { readonly fields: Partial<ReleaseFields> } | { readonly refused: string }

const NAMES: Readonly<Record<keyof ReleaseFields, string>> = {
  name: 'short name',
  displayName: 'name',
  description: 'description',
  indexingColumn: 'id column',
  hasMagHats: 'magnitudes catalog',
  hasFluxHats: 'fluxes catalog',
  dereddening: 'dereddening',
  fluxes: 'fluxes',
  isPublic: 'mark “public”',
  accessGroups: 'access groups',
}

/**
 * How to take back a change of a release: of its facts, or of who may use it. Refused when something later changed the same.
 * @param events of the release until today, oldest first; those before the event in question may be left out
 */
export function undoOfRelease(events: readonly PastEvent[], position: string): ReleaseUndo {
  const index = events.findIndex((event) => event.position === position)
  const found = events[index]
  if (found === undefined) return { refused: 'This release has no event at that position.' }
  const event = releaseEvent(found)
  if (event.type === 'ReleaseDefined') return { refused: 'What defined the release is not undone: retire it instead.' }
  if (event.type === 'ReleaseRetired') return { refused: 'A release that was retired stays so: define a new one.' }
  const later = events.slice(index + 1).map(releaseEvent)
  const edits = later.flatMap((each) => (each.type === 'ReleaseChanged' ? [each.data.to] : []))
  for (const field of Object.keys(event.data.to) as (keyof ReleaseFields)[]) {
    const last = edits.findLast((edit) => edit[field] !== undefined)?.[field]
    // Changed and changed back is as if it had not been changed.
    if (last !== undefined && JSON.stringify(last) !== JSON.stringify(event.data.to[field])) {
      return { refused: `The ${NAMES[field]} was changed again later: undo that first.` }
    }
  }
  return { fields: event.data.from }
}

const releaseEvent = ({ type, data }: PastEvent): ReleaseEvent => ({ type, data }) as unknown as ReleaseEvent // checked when it was written
