import type { Person } from '../actor.ts'
import { type ColumnRole, NO_ROLE } from './column-role.ts'
import type { FileRole, InspectedColumn, ProductEvent } from './events.ts'
import type { ProductTypeName } from './product-type.ts'

export type ProductStatus = 'registering' | 'published' | 'processing' | 'failed' | 'deleted' | 'purged'

export interface ReleaseReference {
  readonly id: number
  readonly displayName: string
}

export interface ProductFile {
  readonly id: number
  readonly role: FileRole
  readonly name: string
  readonly mediaType: string | null
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
  /** What the last look into a main file found. */
  readonly lastLook: InspectionEvent | null
  /** Every file that the product ever had, for a purge. */
  readonly everAttached: readonly ProductFile[]
}

/** What a look into a main file came to. */
export type InspectionEvent = Extract<ProductEvent, { readonly type: 'MainFileInspected' | 'InspectionFailed' }>

export type ProductState = { readonly status: 'absent' } | Product

export const productStream = (id: number): string => `product-${id}`

/** The state after one more event. */
export function evolveProduct(state: ProductState, event: ProductEvent): ProductState {
  if (event.type === 'ProductRegistered') {
    const { productId, ...rest } = event.data
    return {
      id: productId,
      statusBeforeDeletion: null,
      official: false,
      files: [],
      columns: [],
      lastLook: null,
      everAttached: [],
      ...rest,
    }
  }
  if (state.status === 'absent') return state
  switch (event.type) {
    case 'FileAttached': {
      const { fileId, ...rest } = event.data
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
        lastLook: event,
        columns: event.data.columns.map((column) => ({ ...column, role: roles.get(column.id) ?? NO_ROLE })),
      }
    }
    case 'InspectionFailed':
      return { ...state, lastLook: event, columns: [] }
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

/** The product as it would be after these events. */
export function after(product: Product, events: readonly ProductEvent[]): Product {
  const state = events.reduce(evolveProduct, product as ProductState)
  return state.status === 'absent' ? product : state
}
