import { createHash } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryName } from '../blobs/temporary-files.ts'
import type { AppContext } from '../context.ts'
import { DomainError } from '../domain/error.ts'
import { productColumns } from '../projections/columns/queries.ts'
import type { ColumnRow } from '../projections/columns/tables.ts'
import { currentFiles } from '../projections/files/queries.ts'
import type { ListedProduct } from '../projections/products/queries.ts'
import type { ChildTask } from '../tables/child/task.ts'
import { DEFAULT_LIMITS } from '../tables/table.ts'
import type { Request } from './command.ts'
import type { AngleColumn, ConeArguments, ConeFound } from './cone-task.ts'
import { isNumericType } from './plots/column-values.ts'
import { degreesPer } from './product-plots.ts'
import { requireProduct } from './products.ts'

/** Named by its address, so that the server does not load the readers of tables itself. */
const CONE: ChildTask<ConeArguments, ConeFound> = { name: 'cone', module: new URL('./cone-task.ts', import.meta.url) }

/** Rows that a cone search gives at most, and when nobody says how many. */
export const MOST_ROWS = 50_000
export const USUAL_ROWS = 10_000
/** Cells of an answer: wide tables give fewer rows. */
const MOST_CELLS = 2_000_000

/** A cone on the sky. Angles in degrees; a radius of 0 asks for the columns alone. */
export interface Cone {
  /** In [0, 360). */
  readonly ra: number
  readonly dec: number
  readonly radius: number
}

export interface ConeQuery extends Cone {
  readonly mostRows: number
  /** 1: id and position alone; 2 and 3: all columns. */
  readonly verbosity: 1 | 2 | 3
}

/** The rows of a product's table closer than the radius to a position, the nearest first. */
export interface ConeAnswer extends ConeFound {
  readonly product: ListedProduct
}

/**
 * Searches a product that the person may see around a position.
 * @throws DomainError `not_found`, `conflict` when the product has no positions; TableError
 */
export async function coneSearch(
  context: AppContext,
  request: Request,
  productId: number,
  query: ConeQuery,
): Promise<ConeAnswer> {
  const searched = await searchedProduct(context, request, productId, query)
  const found = await context.runTask(CONE, { ...searched.args, votable: null })
  return { ...found, product: searched.product }
}

/** The same as a VOTable in the form of the IVOA Simple Cone Search 1.03. @throws as `coneSearch` */
export async function coneSearchVotable(
  context: AppContext,
  request: Request,
  productId: number,
  query: ConeQuery,
): Promise<Uint8Array> {
  const { product, args, id } = await searchedProduct(context, request, productId, query)
  const path = join(context.config.dataDir, 'tmp', temporaryName())
  try {
    await context.runTask(CONE, {
      ...args,
      votable: { path, title: product.product.internalName, id, infos: infosOf(query) },
    })
    return await readFile(path)
  } finally {
    await rm(path, { force: true })
  }
}

const infosOf = ({ ra, dec, radius }: Cone) => ({ RA: String(ra), DEC: String(dec), SR: String(radius) })

async function searchedProduct(context: AppContext, request: Request, productId: number, query: ConeQuery) {
  const product = await requireProduct(context, request, productId)
  const { drizzle } = context.database
  const [files, columns] = await Promise.all([currentFiles(drizzle, [productId]), productColumns(drizzle, productId)])
  const main = files.find(({ role }) => role === 'main')
  const ra = angleColumn(columns, 'RA')
  const dec = angleColumn(columns, 'Dec')
  if (main === undefined || ra === null || dec === null) {
    throw new DomainError(
      'conflict',
      'This product cannot be searched by position: it needs a table in which columns of numbers have the roles RA and Dec. Give them on the page of the product.',
    )
  }
  const id = columns.find(({ alias }) => alias === 'ID')?.name ?? null
  const args: Omit<ConeArguments, 'votable'> = {
    source: { path: await context.blobs.path(main.sha256), fileName: main.name },
    limits: DEFAULT_LIMITS,
    ra,
    dec,
    columns: query.verbosity === 1 ? [...(id === null ? [] : [id]), ra.column, dec.column] : null,
    centre: { ra: query.ra, dec: query.dec },
    radius: query.radius === 0 ? null : query.radius * 3600,
    mostRows: query.mostRows,
    mostCells: MOST_CELLS,
    indexPath: indexPath(context.config.dataDir, main.sha256, [ra, dec]),
    mostIndexBytes: context.config.cacheLimit,
  }
  return { product, args, id }
}

function angleColumn(columns: readonly ColumnRow[], alias: 'RA' | 'Dec'): AngleColumn | null {
  const column = columns.find((each) => each.alias === alias)
  if (column === undefined || !isNumericType(column.type)) return null
  return { column: column.name, degrees: degreesPer(column.unit) }
}

/** Of the file's bytes and the columns' names, so that it never fits another. */
function indexPath(dataDir: string, sha256: string, columns: readonly AngleColumn[]): string {
  const named = createHash('sha256').update(JSON.stringify(columns)).digest('hex').slice(0, 16)
  return join(dataDir, 'cache', 'sky', `${sha256}.${named}.sky`)
}
