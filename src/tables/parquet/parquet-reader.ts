import { type Data, type DataType, type Field, type RecordBatch, tableFromIPC, Vector } from 'apache-arrow'
import { ParquetFile, RecordBatch as WasmBatch } from 'parquet-wasm'
import { checkSize, chosenColumns, recordBatch, rowsPerBatch, uniqueNames, withNulls } from '../arrow-columns.ts'
import {
  type AstropyMetadata,
  astropyMetadata,
  type ColumnMetadata,
  maskNotes,
  NO_METADATA,
  votableColumnMetadata,
} from '../column-metadata.ts'
import { RandomAccessFile } from '../random-access-file.ts'
import {
  type BatchOptions,
  type ColumnDescription,
  TableError,
  type TableLimits,
  type TableReader,
  type TableSource,
} from '../table.ts'
import { convertColumn } from './conversion.ts'
import { FileBlob, type Patch } from './file-blob.ts'
import { ARROW_SCHEMA, type Footer, readFooter } from './footer.ts'
import { withoutPanic } from './panic.ts'
import { columnTypeOf, typeWords } from './types.ts'
import { isPlain, takeBatch } from './wasm-batch.ts'

/** Most compressed bytes of the chosen columns of one row group: they are in memory together. */
const MAX_ROW_GROUP_BYTES = 1_500_000_000

/**
 * Opens a Parquet file. The footer is read first and its cells are counted; values are then read row group by row group,
 * of the chosen columns alone. Lists, structs and maps are `array` columns. Units, UCDs and descriptions come from
 * VOParquet or from Astropy's metadata; what Astropy masked is null.
 *
 * @throws TableError not_a_table, malformed, unsupported (encrypted), too_large, no_columns
 */
export async function openParquet(source: TableSource, limits: TableLimits): Promise<TableReader> {
  const file = new RandomAccessFile(source.path, source.stretch)
  try {
    const footer = await readFooter(file, source.fileName)
    const columns = footer.metadata.schema[0]?.num_children ?? 0
    checkSize(source.fileName, footer.rows, columns, limits)
    const parquet = await decoding(source.fileName, () =>
      ParquetFile.fromFile(new FileBlob(file, withoutArrowSchema(footer))),
    )
    return new ParquetReader(file, parquet, footer, source.fileName)
  } catch (error) {
    file.close()
    throw error
  }
}

interface ParquetColumn extends ColumnDescription {
  /** Its name in the file, which another column may have too. */
  readonly fileName: string
  /** Which of the columns of that name it is, from 0. */
  readonly occurrence: number
  /** The name in the file of a column that is true where this one has no value. */
  readonly mask: string | null
}

class ParquetReader implements TableReader {
  readonly format = 'parquet'
  readonly dialect = null
  readonly skipsColumns = true
  readonly rows: number
  readonly columns: readonly ColumnDescription[]
  readonly notes: readonly string[]
  readonly groups: readonly (readonly string[])[]
  readonly #file: RandomAccessFile
  readonly #parquet: ParquetFile
  readonly #footer: Footer
  readonly #fileName: string
  readonly #fields: readonly Field[]
  readonly #columns: readonly ParquetColumn[]

  constructor(file: RandomAccessFile, parquet: ParquetFile, footer: Footer, fileName: string) {
    this.#file = file
    this.#parquet = parquet
    this.#footer = footer
    this.#fileName = fileName
    this.rows = footer.rows
    this.#fields = tableFromIPC(parquet.schema().intoIPCStream()).schema.fields
    const astropy = astropyMetadata(footer.keyValues.get(ASTROPY_META) ?? '')
    this.#columns = describeColumns(this.#fields, footer, astropy)
    this.columns = this.#columns.map(({ fileName: _, occurrence: __, mask: ___, ...column }) => column)
    this.notes = [...notesOf(this.#columns), ...maskNotes(this.#columns, astropy.masks)]
    this.groups = this.#groups()
  }

  async *batches(options: BatchOptions = {}): AsyncGenerator<RecordBatch> {
    const columns = chosenColumns(this.#columns, options.columns)
    const names = namesInFile(columns)
    const batchSize = this.#batchRows(names, options.batchRows)
    this.#checkRowGroups(names)
    const projects = this.#canProject(names)
    const projection = projects ? { columns: [...names] } : {}
    const plain = this.#fields.every(({ name, type }) => isPlain(type) || (projects && !names.has(name)))
    const stream = await decoding(this.#fileName, () =>
      this.#parquet.stream({ batchSize, concurrency: 1, ...projection }),
    )
    const reader: ReadableStreamDefaultReader<unknown> = stream.getReader()
    let rows = 0
    let isOpen = true
    try {
      while (true) {
        isOpen = false
        const { done, value } = await decoding(this.#fileName, () => reader.read())
        if (done) break
        isOpen = true
        if (!(value instanceof WasmBatch)) throw new Error('parquet-wasm gave something else than a batch.')
        const batch = this.#convert(value, plain, columns, (options.arrayRows ?? Number.POSITIVE_INFINITY) - rows)
        rows += batch.numRows
        yield batch
      }
    } finally {
      if (isOpen) await reader.cancel()
    }
    if (rows !== this.rows && columns.length > 0) {
      throw new TableError(
        'malformed',
        `${this.#fileName} is damaged: ${rows} rows of ${this.rows} could be read.`,
        rows,
      )
    }
  }

  async close(): Promise<void> {
    this.#parquet.free()
    this.#file.close()
  }

  #convert(wasmBatch: WasmBatch, plain: boolean, columns: readonly ParquetColumn[], arrays: number): RecordBatch {
    const batch = takeBatch(wasmBatch, plain)
    const { fields } = batch.schema
    const data = columns.map((column) => {
      const places = fields.flatMap((field, place) => (field.name === column.fileName ? [place] : []))
      const values = batch.data.children[places[column.occurrence] ?? -1]
      if (values === undefined)
        throw new TableError('malformed', `${this.#fileName}: column "${column.name}" is missing.`)
      const converted = convertColumn(column.name, values, arrays)
      if (column.mask === null) return converted
      const mask = batch.data.children[fields.findIndex(({ name }) => name === column.mask)]
      return mask === undefined ? converted : masked(converted, mask)
    })
    return recordBatch(columns, data, batch.numRows)
  }

  /** Columns can be read one by one, unless they share a name, or one has a name that cannot be asked for. */
  #groups(): string[][] {
    const groups = new Map<string, string[]>()
    const canProject = this.#canProject(namesInFile(this.#columns))
    for (const { name, fileName } of this.#columns) {
      const key = canProject ? fileName : ''
      groups.set(key, [...(groups.get(key) ?? []), name])
    }
    return [...groups.values()]
  }

  /** parquet-wasm takes a dot in a chosen name for a path into a struct. */
  #canProject(names: ReadonlySet<string>): boolean {
    return names.size > 0 && [...names].every((name) => !name.includes('.'))
  }

  #chunks(names: ReadonlySet<string>, group: Footer['metadata']['row_groups'][number]) {
    const chosen = group.columns.flatMap((column) => (column.meta_data ? [column.meta_data] : []))
    return this.#canProject(names) ? chosen.filter((chunk) => names.has(chunk.path_in_schema[0] ?? '')) : chosen
  }

  #batchRows(names: ReadonlySet<string>, requested: number | undefined): number {
    let bytes = 0
    let elements = 0
    let rows = 0
    for (const group of this.#footer.metadata.row_groups) {
      rows += Number(group.num_rows)
      for (const chunk of this.#chunks(names, group)) {
        bytes += Math.max(Number(chunk.total_uncompressed_size), Number(chunk.num_values))
        if (chunk.path_in_schema.length > 1) elements += Number(chunk.num_values)
      }
    }
    return rowsPerBatch(requested, bytes / Math.max(1, rows), elements / Math.max(1, rows))
  }

  #checkRowGroups(names: ReadonlySet<string>): void {
    for (const group of this.#footer.metadata.row_groups) {
      const bytes = this.#chunks(names, group).reduce((sum, chunk) => sum + Number(chunk.total_compressed_size), 0)
      if (bytes > MAX_ROW_GROUP_BYTES) {
        throw new TableError(
          'too_large',
          `${this.#fileName} has a row group of ${bytes} bytes. Please write it with smaller row groups, e.g. of 1,000,000 rows.`,
        )
      }
    }
  }
}

const ASTROPY_META = 'table_meta_yaml'

/** The names in the file of columns, and of their masks. */
function namesInFile(columns: readonly ParquetColumn[]): Set<string> {
  return new Set(columns.flatMap(({ fileName, mask }) => (mask === null ? [fileName] : [fileName, mask])))
}

/** A column without the values that its mask hides. */
function masked(data: Data, mask: Data): Data {
  const hidden = new Vector([mask])
  return withNulls(data, (row) => hidden.get(row) === true)
}

function describeColumns(all: readonly Field<DataType>[], footer: Footer, astropy: AstropyMetadata): ParquetColumn[] {
  const metadata = columnMetadata(footer, astropy)
  const bools = new Set(all.flatMap(({ name, type }) => (columnTypeOf(type) === 'bool' ? [name] : [])))
  const masks = new Map([...astropy.masks].filter(([, mask]) => bools.has(mask)))
  const hidden = new Set(masks.values())
  const fields = all.filter(({ name }) => !hidden.has(name))
  const names = uniqueNames(fields.map((field) => field.name))
  const seen = new Map<string, number>()
  return fields.map((field, i) => {
    const occurrence = seen.get(field.name) ?? 0
    seen.set(field.name, occurrence + 1)
    const known = metadata.get(field.name) ?? NO_METADATA
    return {
      name: names[i]!,
      type: columnTypeOf(field.type),
      nativeType: typeWords(field.type),
      ...known,
      fileName: field.name,
      occurrence,
      mask: masks.get(field.name) ?? null,
    }
  })
}

/**
 * Hides the writer's Arrow schema from parquet-wasm, so that plain Parquet types arrive: no dictionaries, views and large
 * strings, of which it cannot decode some (dictionaries of logicals) and dies.
 */
function withoutArrowSchema({ arrowSchemaKey }: Footer): Patch | null {
  return arrowSchemaKey === null ? null : { position: arrowSchemaKey, byte: '-'.charCodeAt(0) }
}

function columnMetadata({ keyValues }: Footer, astropy: AstropyMetadata): ReadonlyMap<string, ColumnMetadata> {
  const votable = keyValues.get('IVOA.VOTable-Parquet.content')
  if (votable !== undefined) return votableColumnMetadata(votable)
  if (keyValues.has(ASTROPY_META)) return astropy.columns
  return arrowColumnMetadata(keyValues.get(ARROW_SCHEMA))
}

/** Units and descriptions that LSST keeps at the fields of the Arrow schema. */
function arrowColumnMetadata(schema: string | undefined): ReadonlyMap<string, ColumnMetadata> {
  if (schema === undefined) return new Map()
  try {
    const { fields } = tableFromIPC(Buffer.from(schema, 'base64')).schema
    return new Map(fields.map(({ name, metadata }) => [name, { ...NO_METADATA, ...wordsOf(metadata) }]))
  } catch {
    // The schema is a hint of the writer; one with types that Apache Arrow for JavaScript does not know has no words for us.
    return new Map()
  }
}

function wordsOf(metadata: ReadonlyMap<string, string>): Partial<ColumnMetadata> {
  const word = (key: string) => metadata.get(key)?.trim() || null
  return { unit: word('unit'), ucd: word('ucd'), description: word('description') }
}

function notesOf(columns: readonly ParquetColumn[]): string[] {
  const notes = columns
    .filter((column) => column.occurrence > 0)
    .map((column) => `The file has more than one column "${column.fileName}"; one is shown as "${column.name}".`)
  if (columns.some((column) => /^__index_level_\d+__$/.test(column.fileName))) {
    notes.push('The columns __index_level_…__ are the index of a pandas table.')
  }
  return notes
}

/** Runs a step of parquet-wasm, whose errors say what is wrong with the file. */
async function decoding<T>(fileName: string, step: () => Promise<T>): Promise<T> {
  try {
    return await withoutPanic(step)
  } catch (error) {
    if (error instanceof Error && (error.name === 'RuntimeError' || error instanceof RangeError)) {
      throw new TableError('malformed', `${fileName}: the Parquet file is damaged, or too large to be decoded.`)
    }
    const message = error instanceof Error ? error.message : String(error)
    throw new TableError('malformed', `${fileName}: the Parquet file cannot be decoded (${message.slice(0, 300)}).`)
  }
}
