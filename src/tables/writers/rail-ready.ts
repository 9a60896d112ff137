import type { ColumnData, ColumnSpec, OutputTable, TableStream } from './output-table.ts'
import { TableWriteError } from './output-table.ts'

/** How a table becomes one that RAIL's informers read without configuration. */
export interface RailReady {
  /** New names by old ones, e.g. `i_cModelMag` → `mag_i_lsst`, `z` → `redshift`. */
  readonly renames: Readonly<Record<string, string>>
  /** Columns (by their old names) whose missing values become 99.0: magnitudes and their errors of non-detections. */
  readonly nonDetections: readonly string[]
}

/** RAIL's `hdf5_groupname`: write with `hdf5Group: RAIL_GROUP`. */
export const RAIL_GROUP = 'photometry'
/** RAIL's `nondetect_val`. */
export const NON_DETECTION = 99

/**
 * Renames columns and marks non-detections as RAIL does.
 * @throws TableWriteError bad_table when a column is missing, or not a float where 99.0 is wanted
 */
export function railReady(table: OutputTable, rail: RailReady): OutputTable
export function railReady(table: TableStream, rail: RailReady): TableStream
export function railReady(table: OutputTable | TableStream, rail: RailReady): OutputTable | TableStream {
  const names = new Map(table.columns.map((column) => [column.name, column]))
  for (const name of [...Object.keys(rail.renames), ...rail.nonDetections]) {
    if (!names.has(name)) throw new TableWriteError('bad_table', `The table has no column "${name}" for RAIL.`)
  }
  const filled = new Set(rail.nonDetections)
  for (const name of filled) {
    const { type } = names.get(name)!
    if (type !== 'float64' && type !== 'float32') {
      throw new TableWriteError('bad_table', `Column "${name}" is of type ${type}: only floats can hold 99.0 for RAIL.`)
    }
  }
  const renamed = <C extends ColumnSpec>(column: C): C => ({
    ...column,
    name: Object.hasOwn(rail.renames, column.name) ? rail.renames[column.name]! : column.name,
  })
  if (!('chunks' in table)) {
    const columns = table.columns.map((column) => ({
      ...renamed(column),
      ...(filled.has(column.name) ? withNonDetections(column) : {}),
    }))
    return { ...table, columns }
  }
  const { columns, chunks } = table
  async function* railChunks() {
    for await (const chunk of chunks) {
      const values = chunk.columns.map((column, i) =>
        filled.has(columns[i]!.name) ? withNonDetections(column) : column,
      )
      yield { rows: chunk.rows, columns: values }
    }
  }
  return { ...table, columns: columns.map(renamed), chunks: railChunks() }
}

function withNonDetections({ values, nulls }: ColumnData): ColumnData {
  if (!(values instanceof Float64Array || values instanceof Float32Array)) {
    throw new TableWriteError('bad_table', 'A column of non-detections holds no floats.')
  }
  const marked = values.slice()
  for (let row = 0; row < marked.length; row++) {
    if (Number.isNaN(marked[row]!) || (nulls && nulls[row] !== 0)) marked[row] = NON_DETECTION
  }
  return { values: marked, nulls: null }
}
