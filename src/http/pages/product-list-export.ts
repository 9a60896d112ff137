import type { Request } from '../../application/command.ts'
import type { ListedProduct } from '../../projections/products/queries.ts'
import { productJson } from '../api/product-json.ts'
import { csvLine } from '../csv.ts'

const COLUMNS = [
  'id',
  'internal_name',
  'display_name',
  'product_type_internal_name',
  'release_name',
  'uploaded_by',
  'official_product',
  'product_status',
  'origin',
  'pz_code',
  'format',
  'n_rows',
  'n_columns',
  'n_files',
  'size',
  'created_at',
  'updated_at',
  'published_at',
  'description',
] as const

/**
 * A list of products as CSV (RFC 4180), names of columns as in the JSON API, `size` in bytes.
 * @param forExcel texts that a spreadsheet would take for formulas get an apostrophe in front; numbers stay as they are
 */
export function productsCsv(items: readonly ListedProduct[], request: Request, forExcel: boolean): string {
  const lines = items.map((item) => {
    const json = productJson(item, request)
    return csvLine(
      COLUMNS.map((name) => json[name]),
      forExcel,
    )
  })
  return [csvLine(COLUMNS, false), ...lines].join('')
}
