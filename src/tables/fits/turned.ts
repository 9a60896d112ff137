import { type BinaryColumn, cellType } from './binary-columns.ts'

/** A table that lies in a single row: each column is one cell of it, with the values of all rows. */
export interface TurnedTable {
  readonly rows: number
  /** Their offsets are those of the first value, their bytes those of one. */
  readonly columns: readonly BinaryColumn[]
}

/**
 * The table that STIL (TOPCAT, STILTS) writes as "colfits": a single row of cells whose TDIMs all end in the number of rows,
 * `(1,n)` for numbers, `(w,n)` for texts of w characters. Null when a single row is what it says.
 */
export function turnedTable(columns: readonly BinaryColumn[]): TurnedTable | null {
  const rows = columns[0]?.shape[0] ?? 0
  const isTurned = ({ code, variable, shape, repeat }: BinaryColumn) =>
    variable === null &&
    code !== 'X' &&
    shape[0] === rows &&
    repeat > 0 &&
    repeat % rows === 0 &&
    (code === 'A' || shape.length > 1)
  if (rows < 2 || !columns.every(isTurned)) return null
  return { rows, columns: columns.map((column) => cellOf(column, rows)) }
}

function cellOf(column: BinaryColumn, rows: number): BinaryColumn {
  const repeat = column.repeat / rows
  const shape = column.shape.slice(1)
  return {
    ...column,
    type: cellType(column.elementType, repeat, shape),
    nativeType: `${repeat === 1 ? '' : repeat}${column.code}`,
    bytes: column.bytes / rows,
    repeat,
    shape,
  }
}
