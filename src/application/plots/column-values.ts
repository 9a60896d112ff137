import type { Data } from 'apache-arrow'
import { isValid } from '../../tables/cell.ts'

/** The values of a numeric column of a batch; NaN where there is none. */
export function numbersOf(data: Data): Float64Array {
  const { values, length } = data
  const numbers = new Float64Array(length)
  const hasNulls = data.nullCount > 0
  for (let row = 0; row < length; row++) {
    numbers[row] = hasNulls && !isValid(data, row) ? Number.NaN : Number(values[row])
  }
  return numbers
}

/** Column types that `numbersOf` reads. */
export const isNumericType = (type: string): boolean => /^(u?int|float)/.test(type)
