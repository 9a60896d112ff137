import type { Actor } from '../actor.ts'
import type { Alias } from './column-role.ts'
import type { FileRole, ImportedFrom, InspectedColumn } from './events.ts'
import type { ReleaseReference } from './product.ts'

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

export interface FormerRole {
  readonly columnName: string
  readonly alias: string | null
  readonly ucd: string | null
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
      /** Roles that the columns of the inspection seem to have, by place: for what a published product would lack otherwise. */
      readonly suggestedRoles?: readonly (Alias | null)[]
      /** Roles that columns had when the file was here before, by name: they get them again. */
      readonly formerRoles?: readonly FormerRole[]
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

export type CommandOf<Type extends ProductCommand['type']> = Extract<ProductCommand, { readonly type: Type }>
