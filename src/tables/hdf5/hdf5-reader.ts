import type { Data, RecordBatch } from 'apache-arrow'
import {
  checkSize,
  chosenColumns,
  FRESH_MEMORY,
  RecycledMemory,
  recordBatch,
  rowsPerBatch,
  withNulls,
} from '../arrow-columns.ts'
import type { BatchOptions, ColumnDescription, TableLimits, TableReader, TableSource } from '../table.ts'
import { decodeCells, type Rows } from './cells.ts'
import type { Hdf5Column, TableLayout } from './columns.ts'
import { Hdf5File, rowBytes } from './hdf5-file.ts'
import { findTable } from './layout.ts'
import { RowSource } from './row-source.ts'

/**
 * Opens the table of an HDF5 file: datasets of equal length (a group of them is flattened), a compound dataset, a pandas or
 * PyTables table, or a qp ensemble. Rows are read in slices; memory does not grow with the file.
 *
 * @throws TableError not_a_table, malformed, unsupported (filters, pickled objects, virtual datasets), too_large, no_columns
 */
export async function openHdf5(source: TableSource, limits: TableLimits): Promise<TableReader> {
  const file = await Hdf5File.open(source.path, source.fileName)
  try {
    const table = findTable(file, source.fileName)
    checkSize(source.fileName, table.rows, table.columns.length, limits)
    return new Hdf5Reader(file, table)
  } catch (error) {
    file.close()
    throw error
  }
}

class Hdf5Reader implements TableReader {
  readonly format = 'hdf5'
  readonly dialect = null
  readonly skipsColumns = true
  readonly rows: number
  readonly columns: readonly ColumnDescription[]
  readonly notes: readonly string[]
  readonly groups: readonly (readonly string[])[]
  readonly #file: Hdf5File
  readonly #columns: readonly Hdf5Column[]

  constructor(file: Hdf5File, { rows, columns, notes }: TableLayout) {
    this.#file = file
    this.#columns = columns
    this.rows = rows
    this.notes = notes
    const groups = new Map<string, string[]>()
    for (const { name, dataset } of columns) groups.set(dataset.path, [...(groups.get(dataset.path) ?? []), name])
    this.groups = [...groups.values()]
    this.columns = columns.map(
      ({ dataset: _, layout: __, offset: ___, maskOffset: ____, ...description }) => description,
    )
  }

  async *batches(options: BatchOptions = {}): AsyncGenerator<RecordBatch> {
    const columns = chosenColumns(this.#columns, options.columns)
    const datasets = new Map(columns.map((column) => [column.dataset.path, column.dataset]))
    const bytes = [...datasets.values()].reduce((sum, dataset) => sum + rowBytes(dataset.metadata), 0)
    const elements = columns.reduce((sum, column) => sum + elementsOf(column), 0)
    const rows = rowsPerBatch(options.batchRows, bytes, elements)
    const memory = options.recycle ? new RecycledMemory() : null
    const sources = [...datasets.values()].map((dataset) => ({
      source: new RowSource(this.#file, dataset, this.rows),
      columns: columns.filter((column) => column.dataset.path === dataset.path),
    }))
    for (let start = 0; start < this.rows; start += rows) {
      const count = Math.min(rows, this.rows - start)
      const data = new Map<string, Data>()
      const arrays = Math.max(0, (options.arrayRows ?? Number.POSITIVE_INFINITY) - start)
      memory?.startBatch()
      for (const { source, columns } of sources) {
        source.read(start, count, (slice) => {
          for (const { name, layout, offset, maskOffset } of columns) {
            const values = decodeCells(name, layout, offset, slice, this.#file, memory ?? FRESH_MEMORY, arrays)
            data.set(name, maskOffset === undefined ? values : masked(values, slice, maskOffset))
          }
        })
      }
      yield recordBatch(
        columns,
        columns.map((column) => data.get(column.name)!),
        count,
      )
    }
  }

  async close(): Promise<void> {
    this.#file.close()
  }
}

/** A column without the values that a truth value in the same row hides. */
function masked(data: Data, { bytes, rowBytes }: Rows, maskOffset: number): Data {
  return withNulls(data, (row) => bytes[row * rowBytes + maskOffset] !== 0)
}

function elementsOf({ type, layout }: Hdf5Column): number {
  return type === 'array' ? layout.shape.reduce((product, size) => product * size, 1) : 0
}
