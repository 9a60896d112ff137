import { openTable } from '../open.ts'
import type { TableLimits, TableSource } from '../table.ts'
import type { ChildTask, TaskFunction } from './task.ts'

/** Numbers outside a closed range, or exactly one value. */
export type CellCondition = { readonly low: number; readonly high: number } | { readonly value: number }

export interface RowsArguments {
  readonly source: TableSource
  readonly limits: TableLimits
  readonly questions: readonly { readonly column: string; readonly cells: CellCondition }[]
}

/** Rows with a cell that was asked for: how many, and the numbers of the first ones, from 1. */
export interface FoundRows {
  readonly count: number
  readonly first: readonly number[]
}

const MOST_ROWS = 12

export const ROWS_TASK: ChildTask<RowsArguments, FoundRows[]> = {
  name: 'rows',
  module: new URL('./rows-task.ts', import.meta.url),
}

/** Looks through columns of numbers for cells that are odd. One pass; one answer for each question. */
export const run: TaskFunction<RowsArguments, FoundRows[]> = async ({ source, limits, questions }) => {
  const reader = await openTable(source, limits)
  try {
    const names = [...new Set(questions.map(({ column }) => column))]
    const found = questions.map(() => ({ count: 0, first: [] as number[] }))
    let rows = 0
    for await (const batch of reader.batches({ columns: names })) {
      for (const [index, { column, cells }] of questions.entries()) {
        const vector = batch.getChildAt(names.indexOf(column))
        const answer = found[index]
        if (vector === null || answer === undefined) continue
        for (let row = 0; row < batch.numRows; row++) {
          const cell: unknown = vector.get(row)
          if ((typeof cell !== 'number' && typeof cell !== 'bigint') || !isMeant(Number(cell), cells)) continue
          answer.count += 1
          if (answer.first.length < MOST_ROWS) answer.first.push(rows + row + 1)
        }
      }
      rows += batch.numRows
    }
    return found
  } finally {
    await reader.close()
  }
}

const isMeant = (number: number, cells: CellCondition): boolean =>
  'value' in cells ? Math.abs(number - cells.value) < 1e-4 : number < cells.low || number > cells.high
