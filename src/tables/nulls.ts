import { BufferType, Data } from 'apache-arrow'
import { Validity } from './arrow-columns.ts'

/** A column with more nulls than it had; the values under them stay where they are. */
export function withNulls(data: Data, isNull: (row: number) => boolean): Data {
  const { type, offset, length, children } = data
  const validity = new Validity(offset + length)
  for (let row = 0; row < length; row++) if (isNull(row) || !data.getValid(row)) validity.setNull(offset + row)
  if (validity.bitmap === null) return data
  const buffers = {
    [BufferType.OFFSET]: data.valueOffsets,
    [BufferType.DATA]: data.values,
    [BufferType.VALIDITY]: validity.bitmap,
  }
  return new Data(type, offset, length, validity.nulls, buffers, children)
}
