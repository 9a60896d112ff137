import type { Actor } from '../../domain/actor.ts'
import { remember } from '../../domain/decider.ts'
import { DomainError } from '../../domain/error.ts'
import type { ProductCommand } from '../../domain/product/commands.ts'
import { productDecider } from '../../domain/product/decider.ts'
import type { ProductState } from '../../domain/product/product.ts'
import { type PastEvent, undoOf } from './undo.ts'

/** Looked at one by one; all others never can be undone. A restored product is deleted with the button for that. */
const UNDOABLE: ReadonlySet<string> = new Set([
  'MetadataEdited',
  'ColumnAssociated',
  'ProductMarkedOfficial',
  'ProductUnmarkedOfficial',
  'ProductDeleted',
  'FileAttached',
  'FileRemoved',
])

/**
 * The events of a product, by position, that this person can take back now: neither what came later nor the rules of the domain
 * stand in the way. Of a replaced file it is the removal, once.
 * @param events all of the product, oldest first
 */
export function undoable(events: readonly PastEvent[], by: Actor): Set<string> {
  const state = events.reduce<ProductState>(
    (before, event) => remember(productDecider, before, event),
    productDecider.initialState,
  )
  const candidates = events.filter(
    (event, index) => UNDOABLE.has(event.type) && !replacesOther(event, events[index - 1]),
  )
  return new Set(
    candidates.filter(({ position }) => mayUndo(undoOf(events, position), state, by)).map((e) => e.position),
  )
}

const replacesOther = ({ type }: PastEvent, before: PastEvent | undefined): boolean =>
  type === 'FileAttached' &&
  before?.type === 'FileRemoved' &&
  typeof before.data === 'object' &&
  before.data !== null &&
  'replaced' in before.data &&
  before.data.replaced === true

function mayUndo(undo: ReturnType<typeof undoOf>, state: ProductState, by: Actor): boolean {
  if ('refused' in undo) return false
  // What is in the file is looked at when it comes back.
  if ('bringBack' in undo) return state.status !== 'deleted' && state.status !== 'purged'
  try {
    const command: ProductCommand = { ...undo.command, by }
    return productDecider.decide(command, state).length > 0
  } catch (error) {
    if (error instanceof DomainError) return false
    throw error
  }
}
