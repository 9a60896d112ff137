import { personOf } from '../actor.ts'
import { DomainError, forbidden, invalidField } from '../error.ts'
import { LONGEST_TEXT, optionalText, requiredText } from '../text.ts'
import type { CommandOf } from './commands.ts'
import type { MetadataChanges, ProductEvent } from './events.ts'
import { internalName } from './internal-name.ts'
import { after, type Product, type ProductState, type ReleaseReference } from './product.ts'
import { findProductType, type ProductType, productType } from './product-type.ts'
import { requirePublishable } from './publishable.ts'

/** Decides how a product begins: its fields are checked against its type. @throws DomainError */
export function register(command: CommandOf<'RegisterProduct'>, state: ProductState): readonly ProductEvent[] {
  if (state.status !== 'absent') throw new DomainError('conflict', `Product ${command.productId} exists already.`)
  const displayName = requiredText('display_name', command.displayName, 255)
  const type = requiredType(command.productType)
  const pzCode = optionalText('pz_code', command.pzCode, 255)
  const release = command.release ?? null
  checkTypeRules(type, release, pzCode)
  if (command.official && !command.by.isAdmin) throw onlyAdminsMakeOfficial()
  return [
    {
      type: 'ProductRegistered',
      data: {
        productId: command.productId,
        internalName: internalName(command.productId, displayName),
        displayName,
        productType: type.name,
        release,
        pzCode,
        description: optionalText('description', command.description, LONGEST_TEXT),
        owner: personOf(command.by),
        origin: command.origin,
        runId: command.runId,
        status: command.status,
      },
    },
    ...(command.official ? [{ type: 'ProductMarkedOfficial', data: {} } as const] : []),
  ]
}

/** Decides what an edit changes; only that is in the event. @throws DomainError */
export function editMetadata({ metadata }: CommandOf<'EditMetadata'>, product: Product): readonly ProductEvent[] {
  const type =
    metadata.productType === undefined ? productType(product.productType) : requiredType(metadata.productType)
  const release = metadata.release === undefined ? product.release : metadata.release
  const pzCode = metadata.pzCode === undefined ? product.pzCode : optionalText('pz_code', metadata.pzCode, 255)
  checkTypeRules(type, release, pzCode)
  const changes: MetadataChanges = {}
  if (metadata.displayName !== undefined) {
    const displayName = requiredText('display_name', metadata.displayName, 255)
    if (displayName !== product.displayName) changes.displayName = { from: product.displayName, to: displayName }
  }
  if (metadata.description !== undefined) {
    const description = optionalText('description', metadata.description, LONGEST_TEXT)
    if (description !== product.description) changes.description = { from: product.description, to: description }
  }
  if (pzCode !== product.pzCode) changes.pzCode = { from: product.pzCode, to: pzCode }
  if (type.name !== product.productType) changes.productType = { from: product.productType, to: type.name }
  if (release?.id !== product.release?.id) changes.release = { from: product.release, to: release }
  if (Object.keys(changes).length === 0) return []
  const events: readonly ProductEvent[] = [{ type: 'MetadataEdited', data: { changes } }]
  if (product.status === 'published' && changes.productType) requirePublishable(after(product, events))
  return events
}

/** Decides about the official mark. @throws DomainError `forbidden` to all but administrators */
export function markOfficial(command: CommandOf<'MarkOfficial'>, product: Product): readonly ProductEvent[] {
  if (command.official === product.official) return []
  if (!command.by.isAdmin) throw onlyAdminsMakeOfficial()
  return [
    command.official ? { type: 'ProductMarkedOfficial', data: {} } : { type: 'ProductUnmarkedOfficial', data: {} },
  ]
}

const onlyAdminsMakeOfficial = () =>
  forbidden('Not allowed. Only users with admin permissions can create official products.')

function requiredType(name: string | null | undefined): ProductType {
  const type = findProductType(requiredText('product_type', name, 64))
  if (type === undefined) throw invalidField('product_type', `Invalid pk "${name}" - object does not exist.`)
  return type
}

function checkTypeRules(type: ProductType, release: ReleaseReference | null, pzCode: string | null): void {
  if (release !== null && !type.mayHaveRelease) {
    throw invalidField('release', `Release must be null on ${type.plural} products.`, true)
  }
  if (pzCode !== null && !type.mayHavePzCode) {
    throw invalidField('pz_code', `Pz Code must be null on ${type.plural} products. '${pzCode}'`, true)
  }
}
