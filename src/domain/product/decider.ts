import { type Actor, SYSTEM } from '../actor.ts'
import type { Decider } from '../decider.ts'
import { DomainError, destroyed, forbidden, notFound } from '../error.ts'
import { associateColumn, associateColumns } from './columns.ts'
import type { CommandOf, ProductCommand } from './commands.ts'
import { isProductEvent, type ProductEvent } from './events.ts'
import { attachFile, recordInspection, removeFile } from './files.ts'
import { editMetadata, markOfficial, register } from './metadata.ts'
import { mayChange } from './permissions.ts'
import { evolveProduct, type Product, type ProductState } from './product.ts'
import { requirePublishable } from './publishable.ts'

/** What may happen to a product: who may do it, when, and with which events. */
export const productDecider: Decider<ProductState, ProductCommand, ProductEvent> = {
  initialState: { status: 'absent' },
  isEvent: isProductEvent,
  evolve: evolveProduct,
  decide,
}

function decide(command: ProductCommand, state: ProductState): readonly ProductEvent[] {
  if (command.type === 'RegisterProduct') return register(command, state)
  if (state.status === 'absent') throw notFound()
  if (state.status === 'purged' && command.type === 'PurgeProduct' && command.by.isAdmin) return []
  if (state.status === 'purged') throw destroyed()
  if (!mayChange(command.by, state.owner.userId)) throw forbidden()
  if (state.status === 'deleted' && !['RestoreProduct', 'PurgeProduct', 'DeleteProduct'].includes(command.type)) {
    throw new DomainError('conflict', 'This product was deleted. Restore it first.')
  }
  if (state.status === 'processing' && !isPipeline(command.by) && WHEN_DONE.has(command.type)) {
    throw new DomainError('conflict', 'A pipeline is making this product; wait until it is done.')
  }
  switch (command.type) {
    case 'AttachFile':
      return attachFile(command, state)
    case 'RemoveFile':
      return removeFile(command, state)
    case 'RecordInspection':
      return recordInspection(command, state)
    case 'AssociateColumn':
      return associateColumn(command, state)
    case 'AssociateColumns':
      return associateColumns(command, state)
    case 'EditMetadata':
      return editMetadata(command, state)
    case 'MarkOfficial':
      return markOfficial(command, state)
    case 'PublishProduct':
      return publish(state)
    case 'FailProcessing':
      return state.status === 'processing' ? [{ type: 'ProcessingFailed', data: { reason: command.reason } }] : []
    case 'DeleteProduct':
      return state.status === 'deleted' ? [] : [{ type: 'ProductDeleted', data: {} }]
    case 'RestoreProduct':
      return state.status === 'deleted' ? [{ type: 'ProductRestored', data: {} }] : []
    case 'PurgeProduct':
      return purge(command, state)
    case 'RecordImport':
      return [{ type: 'ProductImported', data: command.origin }]
    default: {
      const unknown: never = command
      return unknown
    }
  }
}

/** What only the pipeline may do to a product that it is making. */
const WHEN_DONE: ReadonlySet<ProductCommand['type']> = new Set([
  'AttachFile',
  'RemoveFile',
  'RecordInspection',
  'AssociateColumn',
  'AssociateColumns',
  'PublishProduct',
  'FailProcessing',
])

const isPipeline = (actor: Actor): boolean => actor.userId === SYSTEM.userId

function publish(product: Product): readonly ProductEvent[] {
  if (product.status === 'published') return []
  requirePublishable(product)
  return [{ type: 'ProductPublished', data: {} }]
}

function purge(command: CommandOf<'PurgeProduct'>, product: Product): readonly ProductEvent[] {
  if (!command.by.isAdmin) throw forbidden()
  if (product.status !== 'deleted') throw new DomainError('conflict', 'Only a deleted product can be purged.')
  const files = product.everAttached.map(({ name, sha256, size }) => ({ name, sha256, size }))
  return [{ type: 'ProductPurged', data: { files } }]
}
