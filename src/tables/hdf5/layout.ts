import { type NumericType, uniqueNames } from '../arrow-columns.ts'
import { astropyMetadata, type ColumnMetadata, maskNotes, NO_METADATA } from '../column-metadata.ts'
import { type ColumnDescription, TableError } from '../table.ts'
import { decodeText } from '../text-column.ts'
import { type Cell, type CellLayout, cellLayout, columnTypeOf, hasMixedOrders, textsOfCells } from './cells.ts'
import { type Hdf5File, rowBytes } from './hdf5-file.ts'
import { type Pickled, unpickled } from './pickled.ts'
import { type Dataset, readTree, rowsOf, type Tree } from './tree.ts'

/** A column: a dataset, a member of a compound dataset, or a column of a two-dimensional block of pandas. */
export interface Hdf5Column extends ColumnDescription {
  readonly dataset: Dataset
  readonly layout: CellLayout
  /** Bytes from the beginning of the dataset's row. */
  readonly offset: number
  /** Bytes from the beginning of the row to a truth value: true where the column has no value. */
  readonly maskOffset?: number
}

/** The table that a file is taken for. */
export interface TableLayout {
  readonly rows: number
  readonly columns: readonly Hdf5Column[]
  readonly notes: readonly string[]
}

type UnnamedColumn = Omit<Hdf5Column, keyof ColumnMetadata | 'type' | 'nativeType'> & Partial<ColumnMetadata>

/** H5T_COMPOUND */
const COMPOUND = 6
const ASTROPY_META = '.__table_column_meta__'

/**
 * Decides which table a file holds: a qp ensemble, a pandas frame, a compound dataset (Astropy, PyTables), or the largest
 * group of datasets of equal length, one per column (RAIL), whose groups are flattened: `photometry/ra` is `ra`.
 *
 * @throws TableError not_a_table, unsupported
 */
export function findTable(file: Hdf5File, fileName: string): TableLayout {
  const tree = readTree(file, fileName)
  const table =
    qpEnsemble(file, tree, fileName) ?? pandasFrame(file, tree, fileName) ?? compoundOrColumns(file, tree, fileName)
  for (const path of new Set(table.columns.map((column) => column.dataset.path))) checkReadable(file, path, fileName)
  return table
}

/** qp's `is_qp_file`: a table `meta` with a `pdf_name`. */
function qpEnsemble(file: Hdf5File, { datasets }: Tree, fileName: string): TableLayout | null {
  const name = datasets.find((dataset) => dataset.path === '/meta/pdf_name')
  const data = datasets.filter((dataset) => dataset.group === '/data' && (rowsOf(dataset) ?? 0) > 0)
  if (name === undefined || data.length === 0) return null
  const rows = rowsOf(data[0]!) ?? 0
  const [pdfName] = texts(file, name)
  const points = datasets.find((dataset) => dataset.path === '/meta/xvals')?.metadata.total_size
  const kind = [points === undefined ? '' : `${points}-point`, pdfName ?? ''].filter(Boolean).join(' ')
  const parts = datasets.filter(
    (dataset) => (dataset.group === '/ancil' || dataset.group === '/data') && rowsOf(dataset) === rows,
  )
  return wholeColumns(file, parts, rows, [`qp ensemble, ${kind}, n = ${rows}`], fileName)
}

function pandasFrame(file: Hdf5File, tree: Tree, fileName: string): TableLayout | null {
  for (const group of tree.groups) {
    const type = textAttribute(file, group, 'pandas_type')
    if (type === 'frame_table') return pandasTable(file, tree, group, fileName)
    if (type === 'frame') return pandasFixed(file, tree, group, fileName)
  }
  return null
}

/** `to_hdf(format='table')`: a compound dataset whose members are columns, or blocks of columns named in a pickled list. */
function pandasTable(file: Hdf5File, { datasets }: Tree, group: string, fileName: string): TableLayout | null {
  const dataset = datasets.find((candidate) => candidate.group === group && candidate.name === 'table')
  if (dataset === undefined) return null
  const nullText = textAttribute(file, group, 'nan_rep')
  const columns: UnnamedColumn[] = []
  for (const member of memberColumns(dataset).columns) {
    if (member.name === 'index') {
      const kind = textAttribute(file, dataset.path, 'index_kind')
      const name = indexName(tableIndexName(file, group), kind)
      if (name !== null) columns.push({ ...member, name, layout: pandasLayout(member.layout, kind, null) })
      continue
    }
    const column = {
      ...member,
      layout: pandasLayout(member.layout, textAttribute(file, dataset.path, `${member.name}_dtype`), nullText),
    }
    const isBlock = /^values_block_\d+$/.test(member.name)
    const names = isBlock ? nameList(pickled(file.attribute(dataset.path, `${member.name}_kind`))) : []
    const [width] = column.layout.shape
    const words = categories(file, datasets, group, column, fileName)
    if (words !== null) columns.push({ ...column, name: names[0] ?? column.name, layout: words })
    else if (names.length === 0 || names.length !== width) columns.push(column)
    else {
      const { cell } = column.layout
      names.forEach((name, i) => {
        columns.push({ name, dataset, layout: { cell, shape: [] }, offset: column.offset + i * cell.bytes })
      })
    }
  }
  const axes = pickledAttribute(file, group, 'non_index_axes')
  const axis = Array.isArray(axes) ? axes[0] : null
  const order = Array.isArray(axis) ? nameList(axis[1]) : []
  return named(inOrder(columns, order), rowsOf(dataset) ?? 0, [], fileName)
}

/** The name of the index, as `to_hdf(format='table')` keeps it. */
function tableIndexName(file: Hdf5File, group: string): string | null {
  const info = pickledAttribute(file, group, 'info')
  const index = info instanceof Map ? info.get('index') : null
  const name = index instanceof Map ? index.get('index_name') : null
  return typeof name === 'string' || typeof name === 'number' ? String(name) : null
}

/** How an index is called as a column; null for the unnamed numbers that pandas gives each frame. */
function indexName(name: string | null, kind: string | null): string | null {
  return name ?? (kind === null || kind === 'integer' ? null : 'index')
}

/** The layout of values that pandas says more about: integers that are times, a text that stands for "no value". */
function pandasLayout({ cell, shape }: CellLayout, dtype: string | null, nullText: string | null): CellLayout {
  const time = /^datetime64(?:\[(s|ms|us|ns)\b.*\])?$/.exec(dtype ?? '')
  if (time !== null && cell.kind === 'number' && cell.bytes === 8) {
    const unit = TIME_UNITS.find((candidate) => candidate === time[1]) ?? 'ns'
    return { cell: { kind: 'time', bytes: 8, bigEndian: cell.bigEndian, unit }, shape }
  }
  if (cell.kind === 'text' && nullText !== null) return { cell: { ...cell, nullText }, shape }
  return { cell, shape }
}

const TIME_UNITS = ['s', 'ms', 'us', 'ns'] as const

/** Columns in the order of their names in the frame; the index comes first. */
function inOrder(columns: readonly UnnamedColumn[], order: readonly string[]): UnnamedColumn[] {
  const places = new Map(order.map((name, i) => [name, i]))
  const place = ({ name }: UnnamedColumn) => places.get(name) ?? -1
  return [...columns].sort((one, other) => place(one) - place(other))
}

/** The names in a pickled list. */
function nameList(value: Pickled | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

function pickledAttribute(file: Hdf5File, path: string, name: string): Pickled | undefined {
  return file.attributeNames(path).has(name) ? pickled(file.attribute(path, name)) : undefined
}

const pickled = (bytes: Uint8Array | null) => (bytes === null ? undefined : unpickled(bytes))

/** Most words of a categorical column: they are held in memory. */
const MOST_CATEGORIES = 1_000_000

/** How the cells of a categorical column are read: numbers of words that pandas keeps beside the table. Null for others. */
function categories(
  file: Hdf5File,
  datasets: readonly Dataset[],
  group: string,
  { dataset, name, layout }: UnnamedColumn,
  fileName: string,
): CellLayout | null {
  if (layout.cell.kind !== 'number' || textAttribute(file, dataset.path, `${name}_meta`) !== 'category') return null
  const kept = datasets.find(({ path }) => path === `${group}/meta/${name}/meta/table`)
  const values = kept && memberColumns(kept).columns.find((column) => column.name.startsWith('values'))
  const rows = kept && rowsOf(kept)
  if (kept === undefined || values === undefined || typeof rows !== 'number' || rows > MOST_CATEGORIES) {
    throw new TableError(
      'unsupported',
      `${fileName}: the words of the categorical column ${name} cannot be read. Please write it as text, with df.astype(str).`,
    )
  }
  const words = file.readRows(kept.path, kept.metadata, 0, rows, (bytes) =>
    textsOfCells(values.layout.cell, values.offset, { bytes, count: rows, rowBytes: rowBytes(kept.metadata) }, file),
  )
  const cell: Cell = { kind: 'category', bytes: layout.cell.bytes, code: layout.cell, words }
  return { cell, shape: [] }
}

/** `to_hdf(format='fixed')`: blocks of columns of one type; a block of Python objects is a pickle, which we do not read. */
function pandasFixed(file: Hdf5File, { datasets }: Tree, group: string, fileName: string): TableLayout {
  const columns: UnnamedColumn[] = []
  const notes: string[] = []
  const byName = new Map(
    datasets.filter((dataset) => dataset.group === group).map((dataset) => [dataset.name, dataset]),
  )
  for (const { path } of byName.values()) checkReadable(file, path, fileName)
  const order = byName.has('axis0') ? texts(file, byName.get('axis0')!) : []
  let rows = 0
  const axis = byName.get('axis1')
  if (axis === undefined || isPickledObjects(file, axis)) {
    notes.push('The index of the pandas table has several levels, or is of pickled Python objects; it is left out.')
  } else {
    const kept = textAttribute(file, axis.path, 'name')
    const name = indexName(kept === PICKLED_NONE ? null : kept, textAttribute(file, axis.path, 'kind'))
    const block = fixedBlock(file, axis, 'kind')
    rows = block.rows
    if (name !== null && block.layout !== null) columns.push({ name, dataset: axis, layout: block.layout, offset: 0 })
  }
  for (let n = 0; byName.has(`block${n}_values`); n++) {
    const dataset = byName.get(`block${n}_values`)!
    const names = texts(file, byName.get(`block${n}_items`)!)
    if (isPickledObjects(file, dataset)) {
      throw new TableError(
        'unsupported',
        `${fileName}: the columns ${names.join(', ')} are stored by pandas as pickled Python objects, which we do not read. Please write the table with df.to_hdf(…, format="table") or df.to_parquet(…).`,
      )
    }
    const block = fixedBlock(file, dataset, 'value_type')
    const { layout, width } = block
    if (layout === null || (width !== null && width !== names.length)) continue
    rows = block.rows
    names.forEach((name, i) => {
      columns.push({ name, dataset, layout, offset: i * layout.cell.bytes })
    })
  }
  return named(inOrder(columns, order), rows, notes, fileName)
}

/** How the attribute of a missing name looks. */
const PICKLED_NONE = 'N.'

function isPickledObjects(file: Hdf5File, dataset: Dataset): boolean {
  return textAttribute(file, dataset.path, 'PSEUDOATOM') !== null
}

interface FixedBlock {
  readonly rows: number
  /** Values in a row; null when there are no rows. */
  readonly width: number | null
  readonly layout: CellLayout | null
}

/** A dataset of a frame. PyTables keeps an array without values as one value; the attributes tell what it would be. */
function fixedBlock(file: Hdf5File, dataset: Dataset, typeAttribute: 'value_type' | 'kind'): FixedBlock {
  const { path, metadata } = dataset
  const shape = metadata.shape ?? []
  const isEmpty = shape.includes(0) || textAttribute(file, path, 'shape') !== null
  const layout = isEmpty ? emptyLayout(textAttribute(file, path, 'value_type')) : cellLayout(metadata)
  return {
    rows: isEmpty ? 0 : (rowsOf(dataset) ?? 0),
    width: isEmpty ? null : (shape[1] ?? 1),
    layout: layout && pandasLayout(layout, textAttribute(file, path, typeAttribute), null),
  }
}

const NUMERIC_TYPES: readonly NumericType[] = [
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'float32',
  'float64',
]

/** The layout of values of which there are none. */
function emptyLayout(valueType: string | null): CellLayout {
  if (valueType === 'bool') return { cell: { kind: 'logical', bytes: 1 }, shape: [] }
  const word = valueType?.startsWith('datetime64') ? 'int64' : valueType
  const type = NUMERIC_TYPES.find((candidate) => candidate === word)
  if (type === undefined) return { cell: { kind: 'text', bytes: 1 }, shape: [] }
  return { cell: { kind: 'number', type, bytes: 8, bigEndian: false }, shape: [] }
}

/** The largest of: compound datasets, and groups of datasets that have the same number of rows. */
function compoundOrColumns(file: Hdf5File, { datasets }: Tree, fileName: string): TableLayout {
  const candidates = datasets.filter((dataset) => rowsOf(dataset) !== null && !dataset.name.endsWith(ASTROPY_META))
  const isCompound = ({ metadata }: Dataset) => metadata.type === COMPOUND && cellLayout(metadata) === null
  const tables = candidates.filter((dataset) => isCompound(dataset) && dataset.metadata.shape?.length === 1)
  const byRows = new Map<number, Dataset[]>()
  for (const dataset of candidates) {
    if (isCompound(dataset) || cellLayout(dataset.metadata) === null) continue
    const rows = rowsOf(dataset) ?? 0
    byRows.set(rows, [...(byRows.get(rows) ?? []), dataset])
  }
  const [columns] = [...byRows.entries()].sort(
    ([rows, group], [otherRows, other]) => other.length - group.length || otherRows - rows,
  )
  const [compound] = tables
  if (compound !== undefined && cells(compound) >= (columns === undefined ? 0 : columns[0] * columns[1].length)) {
    return compoundTable(file, compound, tables.length, datasets, fileName)
  }
  if (columns === undefined) {
    throw new TableError('not_a_table', `${fileName} is an HDF5 file without a table: it has no datasets with rows.`)
  }
  const [rows, group] = columns
  const others = candidates.filter((dataset) => !group.includes(dataset))
  return wholeColumns(
    file,
    group,
    rows,
    leftOut(
      others.map((dataset) => dataset.path.slice(1)),
      rows,
    ),
    fileName,
  )
}

function cells({ metadata }: Dataset): number {
  return (metadata.shape?.[0] ?? 0) * (metadata.compound_type?.nmembers ?? 0)
}

function leftOut(names: readonly string[], rows: number): string[] {
  if (names.length === 0) return []
  const shown = names.slice(0, 5).join(', ') + (names.length > 5 ? ', …' : '')
  return [`${names.length} datasets without ${rows} rows, or of other types, are left out: ${shown}.`]
}

function compoundTable(
  file: Hdf5File,
  dataset: Dataset,
  tables: number,
  datasets: readonly Dataset[],
  fileName: string,
): TableLayout {
  const { columns, skipped } = memberColumns(dataset)
  const notes = tables > 1 ? [`The file holds ${tables} tables; this is the first (${dataset.path.slice(1)}).`] : []
  if (skipped.length > 0) notes.push(`Columns of types that a table cannot hold are left out: ${skipped.join(', ')}.`)
  const yaml = datasets.find((candidate) => candidate.path === dataset.path + ASTROPY_META)
  const metadata = astropyMetadata(yaml === undefined ? '' : texts(file, yaml).join('\n'))
  const described = maskedColumns(columns, metadata.masks).map((column) => ({
    ...column,
    ...(metadata.columns.get(column.name) ?? NO_METADATA),
  }))
  notes.push(...maskNotes(described, metadata.masks))
  return named(described, rowsOf(dataset) ?? 0, notes, fileName)
}

/** Columns and their masks in one. A mask with a truth value for each element of an array stays a column. */
function maskedColumns(columns: readonly UnnamedColumn[], masks: ReadonlyMap<string, string>): UnnamedColumn[] {
  const byName = new Map(columns.map((column) => [column.name, column]))
  const used = new Set<string>()
  const masked = columns.map((column) => {
    const mask = byName.get(masks.get(column.name) ?? '')
    if (mask === undefined || columnTypeOf(mask.layout) !== 'bool') return column
    used.add(mask.name)
    return { ...column, maskOffset: mask.offset }
  })
  return masked.filter(({ name }) => !used.has(name))
}

function memberColumns(dataset: Dataset): { columns: UnnamedColumn[]; skipped: string[] } {
  const columns: UnnamedColumn[] = []
  const skipped: string[] = []
  const mixed = hasMixedOrders(dataset.metadata)
  for (const member of dataset.metadata.compound_type?.members ?? []) {
    const layout = cellLayout(member, mixed && !(member.array_type ?? member).littleEndian)
    if (layout === null) skipped.push(member.name)
    else columns.push({ name: member.name, dataset, layout, offset: member.offset })
  }
  return { columns, skipped }
}

/** One column per dataset, under its own name, or under its path where two groups have datasets of the same name. */
function wholeColumns(
  file: Hdf5File,
  datasets: readonly Dataset[],
  rows: number,
  notes: readonly string[],
  fileName: string,
): TableLayout {
  const times = new Map<string, number>()
  for (const { name } of datasets) times.set(name, (times.get(name) ?? 0) + 1)
  const columns = datasets.flatMap((dataset): UnnamedColumn[] => {
    const layout = cellLayout(dataset.metadata)
    if (layout === null) return []
    const name = times.get(dataset.name) === 1 ? dataset.name : dataset.path.slice(1)
    const shape = [...(dataset.metadata.shape ?? []).slice(1), ...layout.shape]
    return [{ name, dataset, layout: { cell: layout.cell, shape }, offset: 0, ...attributes(file, dataset.path) }]
  })
  return named(columns, rows, notes, fileName)
}

function named(
  columns: readonly UnnamedColumn[],
  rows: number,
  notes: readonly string[],
  fileName: string,
): TableLayout {
  if (columns.length === 0)
    throw new TableError('no_columns', `${fileName} holds an HDF5 table without readable columns.`)
  const names = uniqueNames(columns.map((column) => column.name))
  return {
    rows,
    notes,
    columns: columns.map((column, i) => ({
      ...NO_METADATA,
      ...column,
      name: names[i]!,
      type: columnTypeOf(column.layout),
      nativeType: nativeType(column),
    })),
  }
}

function nativeType({ layout: { cell, shape } }: UnnamedColumn): string {
  const kinds = {
    half: 'float16',
    logical: 'bool',
    'variable text': 'string',
    sequence: 'vlen',
    complex: 'complex',
    category: 'category',
  }
  const word =
    cell.kind === 'number'
      ? cell.type
      : cell.kind === 'text'
        ? `string[${cell.bytes}]`
        : cell.kind === 'time'
          ? `datetime64[${cell.unit}]`
          : kinds[cell.kind]
  return shape.length === 0 ? word : `${word}(${shape.join(', ')})`
}

/** Filters that the library can undo, by their registered numbers. */
const KNOWN_FILTERS = new Set([1, 2, 3, 5, 6])
const FILTER_NAMES: Readonly<Record<number, string>> = {
  4: 'szip',
  307: 'bzip2',
  32000: 'lzf',
  32001: 'blosc',
  32004: 'lz4',
  32008: 'bitshuffle',
  32013: 'zfp',
  32015: 'zstd',
  32026: 'blosc2',
}

/** @throws TableError unsupported: h5wasm gives silent garbage for filters that it lacks */
function checkReadable(file: Hdf5File, path: string, fileName: string): void {
  const name = path.slice(1)
  if ((file.dataset(path).virtual_sources?.length ?? 0) > 0) {
    throw new TableError('unsupported', `${fileName}: "${name}" is a virtual dataset whose values are in other files.`)
  }
  const unknown = file.filters(path).find((filter) => !KNOWN_FILTERS.has(filter.id))
  if (unknown === undefined) return
  const filter = FILTER_NAMES[unknown.id] ?? (unknown.name || `number ${unknown.id}`)
  throw new TableError(
    'unsupported',
    `${fileName}: column "${name}" is compressed with the filter ${filter}, which we cannot read. Please write it with gzip or without compression.`,
  )
}

function attributes(file: Hdf5File, path: string): ColumnMetadata {
  const names = new Map([...file.attributeNames(path)].map((name) => [name.toLowerCase(), name]))
  const word = (...keys: string[]) => {
    const key = keys.find((candidate) => names.has(candidate))
    return key === undefined ? null : textAttribute(file, path, names.get(key)!)
  }
  return { unit: word('unit', 'units'), ucd: word('ucd'), description: word('description', 'doc', 'comment') }
}

function textAttribute(file: Hdf5File, path: string, name: string): string | null {
  if (!file.attributeNames(path).has(name)) return null
  const bytes = file.attribute(path, name)
  return bytes === null ? null : decodeText(bytes).replace(/\0.*$/s, '').trim() || null
}

/** The strings of a small one-dimensional dataset. */
function texts(file: Hdf5File, { path, metadata }: Dataset): string[] {
  const layout = cellLayout(metadata)
  const rows = metadata.shape?.[0] ?? 0
  if (layout === null || rows > 100_000) return []
  return file.readRows(path, metadata, 0, rows, (bytes) =>
    Array.from({ length: rows }, (_, i) =>
      textOf(bytes.subarray(i * metadata.size, (i + 1) * metadata.size), layout, file),
    ),
  )
}

function textOf(bytes: Uint8Array, { cell }: CellLayout, file: Hdf5File): string {
  if (cell.kind === 'variable text') {
    return decodeText(file.text(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)))
  }
  return decodeText(bytes).replace(/\0.*$/s, '').trimEnd()
}
