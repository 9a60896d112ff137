import type { RecordBatch } from 'apache-arrow'
import type { Positions } from '../../sky/positions.ts'
import { openTable } from '../../tables/open.ts'
import type { ColumnDescription, TableReader, TableSource } from '../../tables/table.ts'

/** A catalog of objects that is read in parts, because it may be far larger than memory. */
export interface ObjectSource {
  /** For messages and the run's record. */
  readonly name: string
  readonly columns: readonly ColumnDescription[]
  /** Rows of the whole catalog, when it says so. */
  readonly rows: number | null
  readonly roles: ObjectRoles
  /** The catalog was made for one flux, unit and dust map, so nothing is to be computed; null: for none in particular. */
  readonly precomputed: { readonly fluxType: string } | null
  /** The parts that can hold an object closer than `radius` (arcsec) to any of the positions, always in the same order. */
  partsNear(positions: Positions, radius: number): Promise<readonly ObjectPart[]>
  close(): Promise<void>
}

/** Which columns of an object catalog are what. */
export interface ObjectRoles {
  /** Null: objects are told apart by their place in the catalog. */
  readonly id: string | null
  readonly ra: string
  readonly dec: string
}

/** A part of an object catalog: a partition of a HATS catalog, or a whole file. */
export interface ObjectPart {
  readonly name: string
  readonly rows: number | null
  /** Batches of the part's rows, the same rows in the same order at each call. @throws TableError */
  batches(columns: readonly string[]): AsyncIterable<RecordBatch>
}

/**
 * A table of any format that we read as an object catalog, e.g. a published product.
 * @param roles those that are known; the others go to columns with usual names
 * @throws TableError
 */
export async function openObjectTable(source: TableSource, roles: KnownRoles): Promise<ObjectSource> {
  const reader = await openTable(source)
  return objectTable(source.fileName, reader, objectRoles(reader.columns, roles))
}

/** The roles that a person has given to columns. */
type KnownRoles = { readonly [role in keyof ObjectRoles]?: string | null }

/** All roles: those that are known, the others by the names that columns usually have. */
export function objectRoles(columns: readonly ColumnDescription[], known: KnownRoles): ObjectRoles {
  const usual = usualRoles(columns, null)
  return { id: known.id ?? usual.id, ra: known.ra ?? usual.ra, dec: known.dec ?? usual.dec }
}

/** An open table as an object catalog; closing the catalog closes the table. */
export function objectTable(name: string, reader: TableReader, roles: ObjectRoles): ObjectSource {
  const { columns, rows } = reader
  const part: ObjectPart = { name, rows, batches: (wanted) => reader.batches({ columns: wanted }) }
  return {
    name,
    columns,
    rows,
    roles,
    precomputed: null,
    partsNear: async () => [part],
    close: () => reader.close(),
  }
}

const ID_NAMES = ['objectId', 'object_id', 'id', 'diaObjectId', 'ID']
const RA_NAMES = ['coord_ra', 'ra', 'RA', 'raJ2000', 'RAJ2000']
const DEC_NAMES = ['coord_dec', 'dec', 'Dec', 'DEC', 'decJ2000', 'DEJ2000']

/** The roles of columns by the names that object catalogs give them. */
export function usualRoles(columns: readonly ColumnDescription[], idColumn: string | null): ObjectRoles {
  const first = (names: readonly string[]) => names.find((name) => columns.some((column) => column.name === name))
  return {
    id: usualId(columns, idColumn),
    ra: first(RA_NAMES) ?? 'ra',
    dec: first(DEC_NAMES) ?? 'dec',
  }
}

/** The column with ids: the given one, or else one with a usual name. */
export function usualId(columns: readonly ColumnDescription[], idColumn: string | null): string | null {
  const names = idColumn === null ? ID_NAMES : [idColumn, ...ID_NAMES]
  return names.find((name) => columns.some((column) => column.name === name)) ?? null
}
