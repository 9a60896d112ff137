import { type Actor, type Person, personOf, SYSTEM } from '../actor.ts'
import type { Decider } from '../decider.ts'
import { DomainError, forbidden, invalidField, notFound } from '../error.ts'
import { LONGEST_TEXT, optionalText, requiredText } from '../text.ts'
import { type ColumnRole, isUcd, NO_ROLE, standardRole } from './column-role.ts'
import type { FileRole, ImportedFrom, InspectedColumn, MetadataChanges, ProductEvent } from './events.ts'
import { internalName } from './internal-name.ts'
import { mayChange } from './permissions.ts'
import { findProductType, type ProductType, type ProductTypeName, productType } from './product-type.ts'
import { lacksMainFile, missingRoles } from './publishable.ts'

// ---- state

export type ProductStatus = 'registering' | 'published' | 'processing' | 'failed' | 'deleted' | 'purged'

export interface ReleaseReference {
  readonly id: number
  readonly displayName: string
}

export interface ProductFile {
  readonly id: number
  readonly role: FileRole
  readonly name: string
  readonly sha256: string
  readonly size: number
  readonly original: { readonly name: string; readonly sha256: string; readonly size: number } | null
}

export interface ProductColumn extends InspectedColumn {
  readonly role: ColumnRole
}

export interface Product {
  readonly id: number
  readonly status: ProductStatus
  /** What a restored product goes back to. */
  readonly statusBeforeDeletion: ProductStatus | null
  readonly internalName: string
  readonly displayName: string
  readonly productType: ProductTypeName
  readonly release: ReleaseReference | null
  readonly pzCode: string | null
  readonly description: string | null
  readonly official: boolean
  readonly owner: Person
  readonly origin: string
  readonly files: readonly ProductFile[]
  readonly columns: readonly ProductColumn[]
  /** Every file that the product ever had, for a purge. */
  readonly everAttached: readonly ProductFile[]
}

export type ProductState = { readonly status: 'absent' } | Product

export const productStream = (id: number): string => `product-${id}`

// ---- evolve

function evolve(state: ProductState, event: ProductEvent): ProductState {
  if (event.type === 'ProductRegistered') {
    const { productId, ...rest } = event.data
    return {
      id: productId,
      statusBeforeDeletion: null,
      official: false,
      files: [],
      columns: [],
      everAttached: [],
      ...rest,
    }
  }
  if (state.status === 'absent') return state
  switch (event.type) {
    case 'FileAttached': {
      const { fileId, mediaType: _, ...rest } = event.data
      const file = { id: fileId, ...rest }
      return { ...state, files: [...state.files, file], everAttached: [...state.everAttached, file] }
    }
    case 'FileRemoved':
      return {
        ...state,
        files: state.files.filter((file) => file.id !== event.data.fileId),
        // A replaced main file hands the roles of its columns on to the next inspection.
        columns: event.data.role === 'main' && !event.data.replaced ? [] : state.columns,
      }
    case 'MainFileInspected': {
      const roles = new Map(state.columns.map((column) => [column.id, column.role]))
      return {
        ...state,
        columns: event.data.columns.map((column) => ({ ...column, role: roles.get(column.id) ?? NO_ROLE })),
      }
    }
    case 'InspectionFailed':
      return { ...state, columns: [] }
    case 'ColumnAssociated': {
      const { columnId, alias, ucd } = event.data
      return {
        ...state,
        columns: state.columns.map((column) => (column.id === columnId ? { ...column, role: { alias, ucd } } : column)),
      }
    }
    case 'MetadataEdited': {
      const { displayName, description, pzCode, productType: type, release } = event.data.changes
      return {
        ...state,
        ...(displayName && { displayName: displayName.to }),
        ...(description && { description: description.to }),
        ...(pzCode && { pzCode: pzCode.to }),
        ...(type && { productType: type.to }),
        ...(release && { release: release.to }),
      }
    }
    case 'ProductMarkedOfficial':
      return { ...state, official: true }
    case 'ProductUnmarkedOfficial':
      return { ...state, official: false }
    case 'ProductPublished':
      return { ...state, status: 'published' }
    case 'ProcessingFailed':
      return { ...state, status: 'failed' }
    case 'ProductDeleted':
      return { ...state, status: 'deleted', statusBeforeDeletion: state.status }
    case 'ProductRestored':
      return { ...state, status: state.statusBeforeDeletion ?? 'registering', statusBeforeDeletion: null }
    case 'ProductPurged':
      return { ...state, status: 'purged', files: [], columns: [] }
    case 'ProductImported':
      return state
    default: {
      const unknown: never = event
      return unknown
    }
  }
}

// ---- commands

/** What the inspection of a main file found. `columnIds` are unused ids, one for each column. */
export type InspectionResult =
  | {
      readonly kind: 'table'
      readonly format: string
      readonly rows: number
      readonly columns: readonly Omit<InspectedColumn, 'id'>[]
      readonly columnIds: readonly number[]
      readonly inspection: { readonly sha256: string; readonly size: number }
    }
  | { readonly kind: 'not_a_table'; readonly code: string; readonly reason: string }

/** The fields that people write. A field that is left out stays as it is. */
export interface Metadata {
  readonly displayName?: string | null
  readonly description?: string | null
  readonly pzCode?: string | null
  readonly productType?: string | null
  /** Looked up and checked for access before the command is given. */
  readonly release?: ReleaseReference | null
}

export interface ColumnAlias {
  readonly columnId: number
  /** Null: no role. */
  readonly alias: string | null
}

export type ProductCommand = { readonly by: Actor } & (
  | ({
      readonly type: 'RegisterProduct'
      readonly productId: number
      readonly official: boolean
      readonly origin: string
      readonly runId: number | null
      readonly status: 'registering' | 'processing'
    } & Metadata)
  | {
      readonly type: 'AttachFile'
      readonly fileId: number
      readonly role: FileRole
      readonly name: string
      readonly mediaType: string | null
      readonly blob: { readonly sha256: string; readonly size: number }
      readonly original: { readonly name: string; readonly sha256: string; readonly size: number } | null
      /** Present exactly for main files. */
      readonly inspection: InspectionResult | null
      /** Take the place of the main file, or of the file with the same name. */
      readonly replace: boolean
    }
  | { readonly type: 'RemoveFile'; readonly fileId: number }
  | { readonly type: 'RecordInspection'; readonly fileId: number; readonly inspection: InspectionResult }
  | {
      readonly type: 'AssociateColumn'
      readonly columnId: number
      /** Left out: stays. Empty or null: taken away. */
      readonly alias?: string | null
      readonly ucd?: string | null
    }
  /** Several at once: only the outcome must be publishable, so that columns of a published product can swap their roles. */
  | { readonly type: 'AssociateColumns'; readonly roles: readonly ColumnAlias[] }
  | { readonly type: 'EditMetadata'; readonly metadata: Metadata }
  | { readonly type: 'MarkOfficial'; readonly official: boolean }
  | { readonly type: 'PublishProduct' }
  | { readonly type: 'FailProcessing'; readonly reason: string }
  | { readonly type: 'DeleteProduct' }
  | { readonly type: 'RestoreProduct' }
  | { readonly type: 'PurgeProduct' }
  /** Where a new product was before; the bundle has been verified. */
  | { readonly type: 'RecordImport'; readonly origin: ImportedFrom }
)

type CommandOf<Type extends ProductCommand['type']> = Extract<ProductCommand, { readonly type: Type }>

// ---- decide

function decide(command: ProductCommand, state: ProductState): readonly ProductEvent[] {
  if (command.type === 'RegisterProduct') return register(command, state)
  if (state.status === 'absent') throw notFound()
  if (state.status === 'purged' && command.type === 'PurgeProduct' && command.by.isAdmin) return []
  if (state.status === 'purged') throw new DomainError('gone', 'The files of this product were destroyed for good.')
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

function register(command: CommandOf<'RegisterProduct'>, state: ProductState): readonly ProductEvent[] {
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

function attachFile(command: CommandOf<'AttachFile'>, product: Product): readonly ProductEvent[] {
  const name = requiredText('file', command.name, 255)
  const predecessor = predecessorOf({ ...command, name }, product)
  const events: ProductEvent[] = []
  if (predecessor !== undefined) events.push(removed(predecessor, true))
  events.push({
    type: 'FileAttached',
    data: {
      fileId: command.fileId,
      role: command.role,
      name,
      mediaType: command.mediaType,
      ...command.blob,
      original: command.original,
    },
  })
  if (command.inspection !== null) events.push(inspected(command.fileId, command.inspection, product))
  if (product.status === 'published') checkMandatoryRoles(after(product, events))
  return events
}

/** The file whose place the new one takes; refuses a second main file and a second file of the same name. */
function predecessorOf(command: CommandOf<'AttachFile'>, product: Product): ProductFile | undefined {
  const main = command.role === 'main' ? product.files.find((file) => file.role === 'main') : undefined
  if (main !== undefined && !command.replace) {
    throw new DomainError(
      'conflict',
      `This product has a main file already (${main.name}). Replace it, or remove it first.`,
      {
        role: ['This product has a main file already.'],
      },
    )
  }
  const namesake = product.files.find((file) => file.name === command.name)
  if (namesake !== undefined && namesake !== main && !(command.replace && namesake.role === command.role)) {
    throw new DomainError('conflict', `A file with the same name already exists: ${namesake.name}.`, {
      file: ['A file with the same name already exists.'],
    })
  }
  return main ?? namesake
}

function inspected(fileId: number, result: InspectionResult, product: Product): ProductEvent {
  if (result.kind === 'not_a_table') {
    if (productType(product.productType).tabular || result.code === 'extension_lies') {
      throw new DomainError('not_a_table', result.reason, { file: [result.reason] })
    }
    return { type: 'InspectionFailed', data: { fileId, code: result.code, reason: result.reason } }
  }
  // A column keeps its id, and with it its role, as long as its name stays.
  const known = new Map(product.columns.map((column) => [column.name, column.id]))
  const idOf = (name: string, index: number): number => {
    const id = known.get(name) ?? unusedId(result.columnIds, index)
    known.delete(name) // a file may name two columns alike
    return id
  }
  return {
    type: 'MainFileInspected',
    data: {
      fileId,
      format: result.format,
      rows: result.rows,
      columns: result.columns.map((column, index) => ({
        id: idOf(column.name, index),
        ...column,
      })),
      inspection: result.inspection,
    },
  }
}

function unusedId(ids: readonly number[], index: number): number {
  const id = ids[index]
  if (id === undefined) throw new Error(`An inspection brings ${ids.length} ids, but has more columns`)
  return id
}

function recordInspection(command: CommandOf<'RecordInspection'>, product: Product): readonly ProductEvent[] {
  const file = product.files.find((each) => each.id === command.fileId)
  if (file?.role !== 'main') throw notFound()
  const events = [inspected(command.fileId, command.inspection, product)]
  if (product.status === 'published') checkMandatoryRoles(after(product, events))
  return events
}

const removed = (file: ProductFile, replaced: boolean): ProductEvent => ({
  type: 'FileRemoved',
  data: { fileId: file.id, role: file.role, name: file.name, sha256: file.sha256, size: file.size, replaced },
})

function removeFile(command: CommandOf<'RemoveFile'>, product: Product): readonly ProductEvent[] {
  const file = product.files.find((each) => each.id === command.fileId)
  if (file === undefined) throw notFound()
  const events = [removed(file, false)]
  if (product.status === 'published' && file.role === 'main') checkPublishable(after(product, events))
  return events
}

function associateColumn(command: CommandOf<'AssociateColumn'>, product: Product): readonly ProductEvent[] {
  const events = association(command, product)
  if (product.status === 'published') checkMandatoryRoles(after(product, events))
  return events
}

function associateColumns(command: CommandOf<'AssociateColumns'>, product: Product): readonly ProductEvent[] {
  const events: ProductEvent[] = []
  for (const { columnId, alias } of command.roles) {
    const role = alias === null ? { alias, ucd: null } : { alias }
    events.push(...association({ columnId, ...role }, after(product, events)))
  }
  if (product.status === 'published') checkMandatoryRoles(after(product, events))
  return events
}

type Association = Pick<CommandOf<'AssociateColumn'>, 'columnId' | 'alias' | 'ucd'>

function association(command: Association, product: Product): readonly ProductEvent[] {
  const column = product.columns.find((each) => each.id === command.columnId)
  if (column === undefined) throw notFound()
  const role = newRole(command, column.role)
  if (role.alias === column.role.alias && role.ucd === column.role.ucd) return []
  // A role moves: it is never held by two columns, whatever order a client sets them in.
  const holder =
    role.alias === null
      ? undefined
      : product.columns.find(
          (each) => each.id !== column.id && each.role.alias?.toLowerCase() === role.alias?.toLowerCase(),
        )
  return [...(holder === undefined ? [] : [associated(holder, NO_ROLE)]), associated(column, role)]
}

const associated = (column: ProductColumn, role: ColumnRole): ProductEvent => ({
  type: 'ColumnAssociated',
  data: {
    columnId: column.id,
    columnName: column.name,
    alias: role.alias,
    ucd: role.ucd,
    previous: { alias: column.role.alias, ucd: column.role.ucd },
  },
})

/** A standard alias brings its UCD and its spelling along; an alias of the person's own does not keep a standard UCD. */
function newRole(command: Association, current: ColumnRole): ColumnRole {
  const alias = command.alias === undefined ? current.alias : optionalText('alias', command.alias, 255)
  const given = command.ucd === undefined ? undefined : optionalText('ucd', command.ucd, 255)
  if (given && !isUcd(given))
    throw invalidField('ucd', `"${given}" is not a UCD, like src.redshift or pos.eq.ra;meta.main.`)
  const standard = alias === null ? undefined : standardRole(alias)
  if (standard !== undefined) return standard
  if (given !== undefined) return { alias, ucd: given }
  return { alias, ucd: command.alias === undefined ? current.ucd : null }
}

function editMetadata({ metadata }: CommandOf<'EditMetadata'>, product: Product): readonly ProductEvent[] {
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
  if (product.status === 'published' && changes.productType) checkPublishable(after(product, events))
  return events
}

function markOfficial(command: CommandOf<'MarkOfficial'>, product: Product): readonly ProductEvent[] {
  if (command.official === product.official) return []
  if (!command.by.isAdmin) throw onlyAdminsMakeOfficial()
  return [
    command.official ? { type: 'ProductMarkedOfficial', data: {} } : { type: 'ProductUnmarkedOfficial', data: {} },
  ]
}

function publish(product: Product): readonly ProductEvent[] {
  if (product.status === 'published') return []
  checkPublishable(product)
  return [{ type: 'ProductPublished', data: {} }]
}

function checkPublishable(product: Product): void {
  const type = productType(product.productType)
  const hasMainFile = product.files.some((file) => file.role === 'main')
  checkMandatoryRoles(product)
  if (lacksMainFile(type, hasMainFile)) {
    throw new DomainError(
      'conflict',
      `A product of type ${type.displayName} needs a main file before it is published.`,
      {
        file: ['This product has no main file.'],
      },
    )
  }
}

/** @throws DomainError `roles_missing`, with the words of the reference server, whose client shows them. */
function checkMandatoryRoles(product: Product): void {
  const held = product.columns.map((column) => column.role.alias)
  const missing = missingRoles(productType(product.productType), held).toSorted()
  if (missing.length > 0) {
    throw new DomainError('roles_missing', `The column(s) was not filled in: ${missing.join(',')}`)
  }
}

function purge(command: CommandOf<'PurgeProduct'>, product: Product): readonly ProductEvent[] {
  if (!command.by.isAdmin) throw forbidden()
  if (product.status !== 'deleted') throw new DomainError('conflict', 'Only a deleted product can be purged.')
  const files = product.everAttached.map(({ name, sha256, size }) => ({ name, sha256, size }))
  return [{ type: 'ProductPurged', data: { files } }]
}

function after(product: Product, events: readonly ProductEvent[]): Product {
  const state = events.reduce(evolve, product as ProductState)
  return state.status === 'absent' ? product : state
}

export const productDecider: Decider<ProductState, ProductCommand, ProductEvent> = {
  initialState: { status: 'absent' },
  evolve,
  decide,
}
