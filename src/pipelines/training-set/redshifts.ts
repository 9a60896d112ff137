import { type Positions, positionsOf } from '../../sky/positions.ts'
import type { TableReader } from '../../tables/table.ts'
import { type CatalogInput, type ColumnMapping, type Role, readColumns } from '../combine/catalog.ts'
import { takeValues, toNumbers } from '../combine/columns.ts'
import { checkCoordinates } from '../combine/coordinates.ts'
import { closestNames, quoted } from '../names.ts'
import type { ColumnWords } from './naming.ts'
import type { TrainingSetParameters } from './parameters.ts'
import { columnProblem, type Problem } from './problems.ts'

/** A redshift catalog in columns, all of them. */
export interface RedshiftCatalog extends CatalogInput {
  /** Units, UCDs and descriptions by column. */
  readonly words: ReadonlyMap<string, ColumnWords>
}

/** Reads all columns of an open table. @throws TableError */
export async function readRedshifts(
  reader: TableReader,
  name: string,
  mapping: ColumnMapping,
): Promise<RedshiftCatalog> {
  const columnNames = reader.columns.map((column) => column.name)
  const { rows, columns } = await readColumns(reader, columnNames)
  const words = new Map(
    reader.columns.map(({ name: column, unit, ucd, description }) => [column, { unit, ucd, description }]),
  )
  return { name, mapping, rows, columnNames, columns, words }
}

/** The redshifts that take part. */
export interface SelectedRedshifts {
  /** Row by row; those that do not take part have no position. */
  readonly positions: Positions
  readonly report: RedshiftReport
}

/** What became of the rows of the redshift catalog. */
export interface RedshiftReport {
  readonly name: string
  readonly rowsRead: number
  /** Rows that `specz_selection` leaves out. */
  readonly rowsNotSelected: number
  readonly rowsWithInvalidCoordinates: number
  /** Rows whose right ascension is matched in [0, 360), though written otherwise. */
  readonly rowsWithOtherRa: number
  readonly rowsWithoutRedshift: number
}

const WINNER = 1
const TIED = 2
const REQUIRED = ['ra', 'dec', 'z'] as const

/** Checks a redshift catalog and selects its rows. Null when there are problems, which are added to `problems`. */
export function selectRedshifts(
  catalog: RedshiftCatalog,
  parameters: TrainingSetParameters,
  problems: Problem[],
): SelectedRedshifts | null {
  const found = [...roleProblems(catalog), ...selectionProblems(catalog, parameters)]
  problems.push(...found)
  if (found.length > 0) return null
  const numbersOf = (role: Role) => toNumbers(catalog.columns.get(catalog.mapping[role] ?? '')!)
  const selected = selectedRows(catalog, parameters)
  const ra = takeValues(numbersOf('ra'), selected)
  const dec = takeValues(numbersOf('dec'), selected)
  const rowNumber = (place: number) => selected[place]! + 1
  const { invalid, problem, wrapped } = checkCoordinates(catalog.name, ra, dec, rowNumber, { ra: true, dec: true })
  if (problem !== null && parameters.onInvalidRows === 'fail') {
    problems.push(problem)
    return null
  }
  const z = numbersOf('z')
  return {
    positions: placed(catalog.rows, selected, ra, dec, invalid),
    report: {
      name: catalog.name,
      rowsRead: catalog.rows,
      rowsNotSelected: catalog.rows - selected.length,
      rowsWithInvalidCoordinates: invalid.length,
      rowsWithOtherRa: wrapped,
      rowsWithoutRedshift: selected.reduce((count, row) => count + (Number.isNaN(z[row]!) ? 1 : 0), 0),
    },
  }
}

function roleProblems({ name, mapping, columnNames }: RedshiftCatalog): Problem[] {
  const missing = REQUIRED.filter((role) => !mapping[role])
  const problems: Problem[] = []
  if (missing.length > 0) {
    problems.push(
      columnProblem(
        'missing_roles',
        name,
        missing,
        `[${name}] The redshift catalog must define the columns ra, dec and z. Missing: ${quoted(missing)}. Associate a column with each on the product's page.`,
      ),
    )
  }
  const known = new Set(columnNames)
  const absent = REQUIRED.flatMap((role) => mapping[role] ?? []).filter((column) => !known.has(column))
  if (absent.length > 0) {
    const meant = absent.flatMap((column) => closestNames(column, columnNames))
    const hint = meant.length > 0 ? ` Did you mean ${quoted(meant)}?` : ''
    const message = `[${name}] The redshift catalog has no column ${quoted(absent)}.${hint}`
    problems.push(columnProblem('missing_columns', name, absent, message))
  }
  return problems
}

function selectionProblems({ name, columns }: RedshiftCatalog, { speczSelection }: TrainingSetParameters): Problem[] {
  if (speczSelection === 'all' || columns.has('tie_result')) return []
  const message = `[${name}] specz_selection: ${speczSelection} needs the column tie_result of Combine Redshift Catalogs, which this catalog does not have. Mark its duplicates first, or use specz_selection: all.`
  return [columnProblem('no_tie_result', name, ['tie_result'], message)]
}

function selectedRows({ rows, columns }: RedshiftCatalog, { speczSelection }: TrainingSetParameters): Uint32Array {
  const all = Uint32Array.from({ length: rows }, (_, row) => row)
  if (speczSelection === 'all') return all
  const ties = toNumbers(columns.get('tie_result')!)
  return all.filter((row) => ties[row] === WINNER || (ties[row] === TIED && speczSelection === 'winners_and_ties'))
}

/** Positions at the rows' own places; all other rows have none. */
function placed(
  rows: number,
  selected: Uint32Array,
  ra: Float64Array,
  dec: Float64Array,
  invalid: readonly number[],
): Positions {
  const allRa = new Float64Array(rows).fill(Number.NaN)
  const allDec = new Float64Array(rows).fill(Number.NaN)
  for (const place of invalid) ra[place] = Number.NaN
  for (let place = 0; place < selected.length; place++) {
    allRa[selected[place]!] = ra[place]!
    allDec[selected[place]!] = dec[place]!
  }
  return positionsOf(allRa, allDec)
}
