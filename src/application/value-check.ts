import type { AppContext } from '../context.ts'
import { DomainError } from '../domain/error.ts'
import { type ValueProblem, valueProblems } from '../domain/product/value-problems.ts'
import { productColumns } from '../projections/columns/queries.ts'
import type { ColumnRow } from '../projections/columns/tables.ts'
import { currentFiles } from '../projections/files/queries.ts'
import type { FileRow } from '../projections/files/tables.ts'
import { ROWS_TASK } from '../tables/child/rows-task.ts'
import type { Inspection } from '../tables/inspection.ts'
import { DEFAULT_LIMITS, TableError } from '../tables/table.ts'
import { readInspection } from './inspection.ts'

/** A problem with where it is: how many rows, and the numbers of the first ones, from 1. */
export interface LocatedProblem extends ValueProblem {
  readonly count: number | null
  readonly rows: readonly number[]
}

/**
 * What is odd in the values of the columns that have roles, and in which rows. The inspection knows that something is odd;
 * only then is the file looked through again, in a child process, to find out where.
 * @param columns of the main file, in its order, with the roles that they have or are to have
 */
export async function checkValues(
  context: AppContext,
  main: FileRow,
  inspection: Inspection,
  columns: readonly Pick<ColumnRow, 'place' | 'alias'>[],
): Promise<LocatedProblem[]> {
  const holders = columns.flatMap(({ place, alias }) => {
    const profile = inspection.columns[place]
    return profile === undefined || alias === null ? [] : [{ ...profile, role: alias }]
  })
  const problems = valueProblems(holders, inspection.rows)
  const questions = problems.flatMap(({ column, cells }) => (cells === null ? [] : [{ column, cells }]))
  if (questions.length === 0) return problems.map((problem) => ({ ...problem, count: null, rows: [] }))
  const source = { path: await context.blobs.path(main.sha256), fileName: main.name }
  const found = await context
    .runTask(ROWS_TASK, { source, limits: DEFAULT_LIMITS, questions })
    .catch((error: unknown) => {
      // The file was read when it came; if it cannot be read in time now, the problems are told without their rows.
      if (error instanceof TableError) return []
      throw error
    })
  return problems.map((problem) => {
    const index = questions.findIndex((each) => each.column === problem.column && each.cells === problem.cells)
    const answer = found[index]
    return { ...problem, count: answer?.count ?? null, rows: answer?.first ?? [] }
  })
}

/**
 * A product is not published with values that cannot be: a declination of 95° is a mistake that its owner wants to know of.
 * @throws DomainError `conflict` with all reasons
 */
export async function requirePossibleValues(context: AppContext, id: number): Promise<void> {
  const main = (await currentFiles(context.database.drizzle, [id])).find((file) => file.role === 'main')
  const inspection = main === undefined ? null : await readInspection(context, main)
  if (main === undefined || inspection === null) return
  const columns = await productColumns(context.database.drizzle, id)
  const problems = await checkValues(context, main, inspection, columns)
  const serious = problems
    .filter((problem) => problem.serious)
    .map(({ text, rows, count }) => located(text, rows, count))
  if (serious.length > 0) throw new DomainError('conflict', serious.join(' '))
}

/** A sentence with the first rows that it is about. */
function located(text: string, rows: readonly number[], count: number | null): string {
  const [first, ...more] = rows
  if (first === undefined) return text
  const listed = more.length === 0 ? `row ${first}` : `rows ${rows.slice(0, MOST_NAMED).join(', ')}`
  const all = count ?? rows.length
  return `${text} See ${listed}${all > MOST_NAMED ? ` and ${all - MOST_NAMED} more` : ''}.`
}

const MOST_NAMED = 5
