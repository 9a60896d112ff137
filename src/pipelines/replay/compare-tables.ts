import type { Comparison } from '../../domain/run/events.ts'
import { cellAt } from '../../tables/cell.ts'
import type { Cell } from '../../tables/inspection.ts'
import { openTable } from '../../tables/open.ts'
import type { ColumnDescription, TableReader, TableSource } from '../../tables/table.ts'

type Difference = NonNullable<Comparison['difference']>

/** Rows that are compared at a time. */
const BATCH_ROWS = 8_192
const LONGEST_VALUE = 200

/**
 * The first place where two tables differ: their columns, then row by row (from 1) and column by column, then their length;
 * null when every value is the same, so that only the bytes around them differ.
 * @throws TableError when one of them cannot be read
 */
export async function firstDifference(expected: TableSource, actual: TableSource): Promise<Difference | null> {
  const left = await openTable(expected)
  try {
    const right = await openTable(actual)
    try {
      return columnsDiffer(left.columns, right.columns) ?? (await rowsDiffer(left, right))
    } finally {
      await right.close()
    }
  } finally {
    await left.close()
  }
}

function columnsDiffer(left: readonly ColumnDescription[], right: readonly ColumnDescription[]): Difference | null {
  for (let place = 0; place < Math.max(left.length, right.length); place++) {
    const [a, b] = [left[place], right[place]].map((column) =>
      column ? `${column.name} (${column.type})` : 'no column',
    )
    const column = left[place]?.name ?? right[place]?.name ?? null
    if (a !== b) return { row: null, column, expected: String(a), actual: String(b) }
  }
  return null
}

async function rowsDiffer(left: TableReader, right: TableReader): Promise<Difference | null> {
  const others = rowsOf(right)
  try {
    let row = 0
    for await (const cells of rowsOf(left)) {
      row++
      const next = await others.next()
      if (next.done) return { row, column: null, expected: 'a row', actual: 'the end of the table' }
      for (const [place, value] of cells.entries()) {
        const [a, b] = [words(value), words(next.value[place] ?? null)]
        if (a !== b) return { row, column: left.columns[place]?.name ?? null, expected: a, actual: b }
      }
    }
    const extra = await others.next()
    return extra.done ? null : { row: row + 1, column: null, expected: 'the end of the table', actual: 'a row' }
  } finally {
    await others.return(undefined) // or its file would stay open
  }
}

async function* rowsOf(reader: TableReader): AsyncGenerator<Cell[]> {
  for await (const batch of reader.batches({ batchRows: BATCH_ROWS })) {
    const { children } = batch.data
    for (let row = 0; row < batch.numRows; row++) {
      yield reader.columns.map(({ type }, place) => {
        const data = children[place]
        return data === undefined ? null : cellAt(data, type, row)
      })
    }
  }
}

function words(value: Cell): string {
  if (value === null) return 'null'
  const text = typeof value === 'object' ? JSON.stringify(value) : Object.is(value, -0) ? '-0' : String(value)
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text
}
