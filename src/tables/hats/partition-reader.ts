import type { RecordBatch } from 'apache-arrow'
import { chosenColumns } from '../arrow-columns.ts'
import { openParquet } from '../parquet/parquet-reader.ts'
import type { ColumnDescription, TableLimits, TableReader } from '../table.ts'

/** Columns of old catalogs (v0.1) that only repeat where a row lies. */
const PLACE_COLUMNS = new Set(['Norder', 'Dir', 'Npix'])

/** The columns of a catalog's file that belong to its rows. */
export function rowColumns(columns: readonly ColumnDescription[]): ColumnDescription[] {
  return columns.filter(({ name }) => !PLACE_COLUMNS.has(name))
}

/** One or several Parquet files with the same columns, one after the other, as a table. */
export class PartitionReader implements TableReader {
  readonly format = 'parquet'
  readonly dialect = null
  readonly notes: readonly string[] = []

  private constructor(
    private readonly parts: readonly TableReader[],
    readonly columns: readonly ColumnDescription[],
    readonly rows: number,
  ) {}

  /** @param names of the columns to read; all of the rows' own when left out. @throws TableError */
  static async open(
    paths: readonly string[],
    names: readonly string[] | undefined,
    limits: TableLimits,
  ): Promise<PartitionReader> {
    const parts: TableReader[] = []
    try {
      for (const path of paths) parts.push(await openParquet({ path, fileName: path }, limits))
      const columns = parts[0] === undefined ? [] : chosen(parts[0].columns, names)
      const rows = parts.reduce((sum, part) => sum + (part.rows ?? 0), 0)
      return new PartitionReader(parts, columns, rows)
    } catch (error) {
      for (const part of parts) await part.close()
      throw error
    }
  }

  async *batches(options: Parameters<TableReader['batches']>[0] = {}): AsyncGenerator<RecordBatch> {
    const columns = options.columns ?? this.columns.map(({ name }) => name)
    for (const part of this.parts) yield* part.batches({ ...options, columns })
  }

  async close(): Promise<void> {
    for (const part of this.parts) await part.close()
  }
}

function chosen(columns: readonly ColumnDescription[], names: readonly string[] | undefined): ColumnDescription[] {
  return names === undefined ? rowColumns(columns) : chosenColumns(columns, names)
}
