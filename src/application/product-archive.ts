import { archiveNames, CRATE_FILE, METADATA_FILE } from '../domain/archive-names.ts'
import { extensionOf } from '../domain/file-name.ts'
import { fileRole } from '../domain/product/file-role.ts'
import { productType } from '../domain/product/product-type.ts'
import type { ColumnRow } from '../projections/columns/tables.ts'
import type { FileRow } from '../projections/files/tables.ts'
import { STATUSES } from '../projections/products/filter.ts'
import type { ListedProduct } from '../projections/products/queries.ts'
import { RUN_WORDS } from '../projections/runs/words.ts'
import { yamlText } from '../provenance/exports/yaml.ts'

/** A member of an archive, by the digest of its bytes or with its bytes. */
export type ArchiveEntry =
  | { readonly name: string; readonly sha256: string }
  | { readonly name: string; readonly bytes: Uint8Array }

/** What a download of everything holds: the metadata, an RO-Crate that describes the files, and the files. */
export function archiveEntries(
  listed: ListedProduct,
  files: readonly FileRow[],
  columns: readonly ColumnRow[],
  crate: object,
): ArchiveEntry[] {
  const names = archiveNames(files)
  return [
    { name: METADATA_FILE, bytes: Buffer.from(metadataYaml(listed, files, columns)) },
    { name: CRATE_FILE, bytes: Buffer.from(`${JSON.stringify(crate, null, 2)}\n`) },
    ...files.map(({ id, name, sha256 }) => ({ name: names.get(id) ?? name, sha256 })),
  ]
}

/** The keys of the reference server, in alphabetical order. */
function metadataYaml(
  { product, release, runStatus }: ListedProduct,
  files: readonly FileRow[],
  columns: readonly ColumnRow[],
) {
  const type = productType(product.productType)
  const main = files.find((file) => file.role === 'main')
  return yamlText({
    associated_columns: columns
      .filter((column) => column.alias !== null)
      .map(({ alias, name, ucd }) => ({ alias, column_name: name, ucd })),
    attach_files: files
      .filter((file) => file.role !== 'main')
      .map((file) => ({ name: file.name, type: fileRole(file.role).label })),
    created_at: product.createdAt,
    description: product.description,
    display_name: product.displayName,
    id: product.id,
    internal_name: product.internalName,
    main_file:
      main === undefined
        ? null
        : {
            extension: extensionOf(main.name).toLowerCase(),
            is_directory: main.format === 'hats',
            n_rows: main.rows,
            name: main.name,
            sha256: main.sha256,
            size: main.size,
            type: main.mediaType,
          },
    official_product: product.official,
    origin: product.origin,
    process_id: product.runId,
    process_status: runStatus ? RUN_WORDS[runStatus] : null,
    product_status: STATUSES[product.status].label,
    product_type: type.id,
    product_type_internal_name: type.name,
    product_type_name: type.displayName,
    pz_code: product.pzCode,
    release: product.releaseId,
    release_name: release?.displayName ?? null,
    release_year: null,
    revision: product.revision,
    status: STATUSES[product.status].number,
    updated_at: product.updatedAt,
    uploaded_by: product.owner,
  })
}
