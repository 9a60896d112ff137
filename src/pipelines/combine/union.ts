import { type Column, floatColumn, textColumn, toNumbers } from './columns.ts'
import { type CastType, castColumn, commonType } from './extra-columns.ts'

/**
 * One column from those of several catalogs, one after the other.
 * @param parts the catalogs' columns; null where a catalog has none
 * @param rows the catalogs' numbers of rows
 * @param type the type of the result; null for the one that the columns have in common
 */
export function concatenate(parts: readonly (Column | null)[], rows: readonly number[], type: CastType | null): Column {
  const to = type ?? commonType(parts.filter((part) => part !== null))
  const total = rows.reduce((sum, count) => sum + count, 0)
  const each = (place: (column: Column, from: number) => void) => {
    let from = 0
    for (const [i, part] of parts.entries()) {
      if (part) place(castColumn(part, to), from)
      from += rows[i]!
    }
  }
  if (to === 'float') {
    const values = new Float64Array(total).fill(Number.NaN)
    each((column, from) => values.set(toNumbers(column), from))
    return floatColumn(values)
  }
  if (to === 'str') {
    const texts: (string | null)[] = new Array(total).fill(null)
    each((column, from) => {
      if (column.kind === 'text') for (let i = 0; i < column.values.length; i++) texts[from + i] = column.values[i]!
    })
    return textColumn(texts)
  }
  const nulls = new Uint8Array(total).fill(1)
  const values = to === 'int' ? new BigInt64Array(total) : new Uint8Array(total)
  each((column, from) => {
    if (column.kind === 'text' || column.kind === 'float') return
    const length = column.values.length
    if (column.nulls) nulls.set(column.nulls, from)
    else nulls.fill(0, from, from + length)
    if (values instanceof BigInt64Array) values.set(column.values as BigInt64Array, from)
    else values.set(column.values as Uint8Array, from)
  })
  const mask = nulls.includes(1) ? nulls : null
  return values instanceof BigInt64Array
    ? { kind: 'integer', values, nulls: mask }
    : { kind: 'boolean', values, nulls: mask }
}
