import { createHash } from 'node:crypto'
import type { AppContext } from '../context.ts'
import { invalidField } from '../domain/error.ts'
import type { ColumnRow } from '../projections/columns/tables.ts'
import type { FileRow } from '../projections/files/tables.ts'
import type { ChildTask } from '../tables/child/task.ts'
import type { TableComparison } from '../tables/comparison.ts'
import { DEFAULT_LIMITS } from '../tables/table.ts'
import type { Request } from './command.ts'
import type { TablesArguments } from './compare-tables-task.ts'
import type { Derived } from './derived-files.ts'
import type { ProductState } from './product-record.ts'

/** Named by its address, so that the server does not load the readers of tables itself. */
const TABLES: ChildTask<TablesArguments, TableComparison> = {
  name: 'compare tables',
  module: new URL('./compare-tables-task.ts', import.meta.url),
}

/** Raise it when the task would give another answer for the same files. */
const FORM = 1
/** Rows of each kind that are given, and cells: wide tables give fewer rows. */
const MOST_ROWS = 100
const MOST_CELLS = 20_000
/** 64 MB. */
const MOST_DIGESTS = 16_000_000

/** A column that says which row is which. Null asks for the one with the role ID. */
export interface IdChoice {
  readonly left: string | null
  readonly right: string | null
}

export type ComparedTables =
  | Derived<TableComparison>
  /** Both are the very same file. */
  | { readonly state: 'identical'; readonly rows: number }
  /** There are no two tables, or nobody said which row is which; then `columns` could. */
  | { readonly state: 'missing'; readonly reason: string; readonly columns: readonly string[] }

/**
 * Rows added, removed and changed between the main files of two products, by id. The work is done in a child process with
 * limits of memory and time, once for two files and a choice of ids.
 * @param patience how long to wait for the answer, ms; the work goes on behind it
 * @throws DomainError `invalid` when a chosen column does not exist; TooManyRequests
 */
export async function compareTables(
  context: AppContext,
  request: Request,
  left: ProductState,
  right: ProductState,
  choice: IdChoice,
  patience: number,
): Promise<ComparedTables> {
  const [before, after] = [tableOf(left), tableOf(right)]
  if (before === null || after === null) {
    const names = [before === null ? left : null, after === null ? right : null].flatMap((side) => side ?? [])
    const words = names.map(({ listed }) => listed.product.displayName).join(' and ')
    return { state: 'missing', reason: `There is no table in ${words}.`, columns: [] }
  }
  const id = {
    left: idColumn(left, choice.left, 'id'),
    right: idColumn(right, choice.right ?? choice.left, choice.right === null ? 'id' : 'right_id'),
  }
  if (before.sha256 === after.sha256 && before.rows !== null) return { state: 'identical', rows: before.rows }
  if (id.left === null || id.right === null) {
    const others = new Set(right.columns.map(({ name }) => name))
    const shared = left.columns.map(({ name }) => name).filter((name) => others.has(name))
    return {
      state: 'missing',
      reason: 'Rows are compared by their ids: choose the column that holds them, or give it the role ID.',
      columns: shared,
    }
  }
  const args: TablesArguments = {
    left: { path: await context.blobs.path(before.sha256), fileName: before.name },
    right: { path: await context.blobs.path(after.sha256), fileName: after.name },
    limits: DEFAULT_LIMITS,
    id: { left: id.left, right: id.right },
    mostRows: MOST_ROWS,
    mostCells: MOST_CELLS,
    mostDigests: MOST_DIGESTS,
  }
  using _ = context.limits.enter('table', request.actor.userId)
  const choices = createHash('sha256').update(JSON.stringify(args.id)).digest('hex').slice(0, 16)
  const name = `${before.sha256}.${after.sha256}.rows${FORM}.${choices}`
  return await context.derived.get(name, () => context.runTask(TABLES, args), patience)
}

/** The main file, when it is a table whose bytes are still there. */
function tableOf({ files }: ProductState): FileRow | null {
  const main = files.find(({ role }) => role === 'main')
  return main === undefined || main.purged || main.inspection === null ? null : main
}

function idColumn({ listed, columns }: ProductState, chosen: string | null, field: string): string | null {
  const { displayName } = listed.product
  if (chosen === null) return (columns.find(hasIdRole) ?? columns.find(hasIdUcd))?.name ?? null
  if (columns.some(({ name }) => name === chosen)) return chosen
  throw invalidField(field, `There is no column ${chosen.slice(0, 100)} in ${displayName}.`)
}

const hasIdRole = ({ alias }: ColumnRow): boolean => alias === 'ID'
const hasIdUcd = ({ ucd, fileUcd }: ColumnRow): boolean => /(^|;)meta\.id(;|$)/i.test(ucd ?? fileUcd ?? '')
