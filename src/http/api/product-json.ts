import type { Request } from '../../application/command.ts'
import { canChange } from '../../application/products.ts'
import { extensionOf } from '../../domain/file-name.ts'
import { fileRole } from '../../domain/product/file-role.ts'
import { productType } from '../../domain/product/product-type.ts'
import type { ColumnRow } from '../../projections/columns/tables.ts'
import type { FileRow } from '../../projections/files/tables.ts'
import { STATUSES } from '../../projections/products/filter.ts'
import type { ListedProduct } from '../../projections/products/queries.ts'
import { RUN_WORDS } from '../../projections/runs/words.ts'

/** A product as the JSON API gives it: the keys of the reference server first, then ours. */
export function productJson({ product, release, runStatus, stale }: ListedProduct, request: Request) {
  const type = productType(product.productType)
  const changeable = canChange(request, { product, release, ownerName: null })
  return {
    id: product.id,
    release: product.releaseId,
    release_name: release?.displayName ?? null,
    product_type: type.id,
    product_type_name: type.displayName,
    product_type_internal_name: type.name,
    uploaded_by: product.owner,
    is_owner: product.ownerId === request.actor.userId,
    origin: product.origin,
    process_status: runStatus ? RUN_WORDS[runStatus] : null,
    process_id: product.runId,
    product_status: STATUSES[product.status].label,
    can_delete: changeable,
    can_update: changeable,
    internal_name: product.internalName,
    display_name: product.displayName,
    official_product: product.official,
    pz_code: product.pzCode,
    description: product.description,
    created_at: product.createdAt,
    updated_at: product.updatedAt,
    status: STATUSES[product.status].number,
    release_year: null,
    published_at: product.publishedAt,
    version: product.version,
    format: product.format,
    n_rows: product.rows,
    n_columns: product.columns,
    n_files: product.files,
    size: product.size,
    revision: product.revision,
    position: product.position,
    ...(stale === undefined ? {} : { stale }),
  }
}

export function fileJson(file: FileRow, changeable: boolean, url: string) {
  return {
    id: file.id,
    product: file.productId,
    file: url,
    can_delete: changeable,
    role_name: fileRole(file.role).label,
    role: fileRole(file.role).number,
    name: file.name,
    type: file.mediaType,
    n_rows: file.rows,
    size: file.size,
    extension: extensionOf(file.name).toLowerCase(),
    is_directory: file.format === 'hats',
    created: file.createdAt,
    updated: file.updatedAt,
    sha256: file.sha256,
    version: file.version,
    original_name: file.originalName,
    inspection_error: file.inspectionError,
  }
}

export function columnJson(column: ColumnRow) {
  return {
    id: column.id,
    product: column.productId,
    column_name: column.name,
    ucd: column.ucd,
    order: column.place,
    alias: column.alias,
    type: column.type,
    unit: column.unit,
    description: column.description,
    file_ucd: column.fileUcd,
  }
}

/** The main file as the Python client reads it; all values null when there is none (the client cannot bear its absence). */
export function mainFileJson(file: FileRow | undefined, columns: readonly ColumnRow[], dialect: TextFacts | null) {
  if (file === undefined) {
    return { name: null, type: null, extension: null, size: null, n_rows: null, is_directory: false }
  }
  return {
    name: file.name,
    type: file.mediaType,
    extension: extensionOf(file.name).toLowerCase(),
    size: file.size,
    n_rows: file.rows,
    // A HATS catalog is a folder, served as a zip.
    is_directory: file.format === 'hats',
    sha256: file.sha256,
    format: file.format,
    associated_columns: columns.map(({ name, ucd, alias }) => ({ column_name: name, ucd, alias })),
    columns: columns.map((column) => column.name),
    // pandas, which reads this, takes a pattern for runs of white space.
    ...(dialect === null
      ? {}
      : { delimiter: dialect.delimiter === ' ' ? '\\s+' : dialect.delimiter, has_header: dialect.hasHeader }),
  }
}

export interface TextFacts {
  readonly delimiter: string
  readonly hasHeader: boolean
}
