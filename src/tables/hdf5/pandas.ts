import type { NumericType } from '../arrow-columns.ts'
import { TableError } from '../table.ts'
import { TIME_UNITS } from '../time-unit.ts'
import { type Cell, type CellLayout, cellLayout, textsOfCells } from './cells.ts'
import { memberColumns, named, type TableLayout, type UnnamedColumn } from './columns.ts'
import { checkReadable } from './filters.ts'
import { type Hdf5File, rowBytes } from './hdf5-file.ts'
import { type Pickled, unpickled } from './pickled.ts'
import { textAttribute, texts } from './texts.ts'
import { type Dataset, rowsOf, type Tree } from './tree.ts'

/** A frame that pandas wrote with `to_hdf`; null when the file holds none. @throws TableError */
export function pandasFrame(file: Hdf5File, tree: Tree, fileName: string): TableLayout | null {
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
