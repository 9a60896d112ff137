import type { Data } from 'apache-arrow'

/** Memory shared by all columns, for values as doubles. */
let scratch = new Float64Array(0)

/** Room for so many values, until it is asked for again. */
export function scratchOf(length: number): Float64Array {
  if (scratch.length < length) scratch = new Float64Array(length)
  return scratch
}

/** Writes NaN where the bitmap says null. @returns how many. */
export function markNulls(data: Data, values: Float64Array): number {
  const bitmap = data.nullBitmap
  if (!bitmap || bitmap.length === 0 || data.nullCount === 0) return 0
  const { offset, length } = data
  let nulls = 0
  for (let row = 0; row < length; row++) {
    const bit = offset + row
    if ((bitmap[bit >> 3]! & (1 << (bit & 7))) === 0) {
      values[row] = Number.NaN
      nulls++
    }
  }
  return nulls
}
