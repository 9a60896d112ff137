import { astropyMetadata, type ColumnMetadata, maskNotes, NO_METADATA } from '../column-metadata.ts'
import { TableError } from '../table.ts'
import { cellLayout, columnTypeOf } from './cells.ts'
import { memberColumns, named, type TableLayout, type UnnamedColumn } from './columns.ts'
import { checkReadable } from './filters.ts'
import type { Hdf5File } from './hdf5-file.ts'
import { pandasFrame } from './pandas.ts'
import { textAttribute, texts } from './texts.ts'
import { type Dataset, readTree, rowsOf, type Tree } from './tree.ts'

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

function attributes(file: Hdf5File, path: string): ColumnMetadata {
  const names = new Map([...file.attributeNames(path)].map((name) => [name.toLowerCase(), name]))
  const word = (...keys: string[]) => {
    const key = keys.find((candidate) => names.has(candidate))
    return key === undefined ? null : textAttribute(file, path, names.get(key)!)
  }
  return { unit: word('unit', 'units'), ucd: word('ucd'), description: word('description', 'doc', 'comment') }
}
