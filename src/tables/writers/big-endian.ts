import type { NumericValues } from '../arrow-columns.ts'
import type { EncodedChunk } from './encoded.ts'

/** Writes one column of a chunk into rows: `view` begins at the first of them. */
export type ColumnPacker = (view: DataView, bytes: Uint8Array, offset: number, rowBytes: number) => void

/** Bytes of a value of a typed array. */
export type ValueBytes = 1 | 2 | 4 | 8

/**
 * Packs numbers in big-endian order, as FITS and VOTable keep them. Integers may be stored with more bytes than they have, and
 * shifted by `zero` (FITS TZERO); `nullValue` (as stored) takes the place of a null.
 */
export function packNumbers(
  values: NumericValues,
  nulls: Uint8Array | null,
  stored: { readonly bytes: ValueBytes; readonly zero?: bigint; readonly nullValue?: bigint | null },
): ColumnPacker {
  const zero = stored.zero ?? 0n
  if (values instanceof Float64Array) {
    return (view, _bytes, offset, rowBytes) => {
      for (let row = 0, at = offset; row < values.length; row++, at += rowBytes) view.setFloat64(at, values[row]!)
    }
  }
  if (values instanceof Float32Array) {
    return (view, _bytes, offset, rowBytes) => {
      for (let row = 0, at = offset; row < values.length; row++, at += rowBytes) view.setFloat32(at, values[row]!)
    }
  }
  const pack =
    values instanceof BigInt64Array || values instanceof BigUint64Array
      ? packWords(values, zero !== 0n)
      : packSmall(values, stored.bytes, Number(zero))
  if (nulls === null) return pack
  const nullValue = stored.nullValue ?? 0n
  return (view, bytes, offset, rowBytes) => {
    pack(view, bytes, offset, rowBytes)
    for (let row = 0, at = offset; row < values.length; row++, at += rowBytes) {
      if (nulls[row] !== 0) setInteger(view, at, nullValue, stored.bytes)
    }
  }
}

/** 64-bit integers, word by word: no BigInt is made. */
function packWords(values: BigInt64Array | BigUint64Array, flipsSign: boolean): ColumnPacker {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2)
  const flip = flipsSign ? 0x8000_0000 : 0
  return (view, _bytes, offset, rowBytes) => {
    for (let row = 0, at = offset; row < values.length; row++, at += rowBytes) {
      view.setUint32(at, words[2 * row + 1]! ^ flip)
      view.setUint32(at + 4, words[2 * row]!)
    }
  }
}

function packSmall(
  values: Exclude<NumericValues, BigInt64Array | BigUint64Array | Float32Array | Float64Array>,
  bytes: ValueBytes,
  zero: number,
): ColumnPacker {
  return (view, _bytes, offset, rowBytes) => {
    for (let row = 0, at = offset; row < values.length; row++, at += rowBytes) {
      const value = values[row]! - zero
      if (bytes === 1) view.setUint8(at, value)
      else if (bytes === 2) view.setInt16(at, value)
      else if (bytes === 4) view.setInt32(at, value)
      else {
        view.setInt32(at, Math.floor(value / 2 ** 32))
        view.setInt32(at + 4, value | 0)
      }
    }
  }
}

function setInteger(view: DataView, at: number, value: bigint, bytes: ValueBytes): void {
  if (bytes === 1) view.setUint8(at, Number(BigInt.asUintN(8, value)))
  else if (bytes === 2) view.setInt16(at, Number(value))
  else if (bytes === 4) view.setInt32(at, Number(value))
  else view.setBigInt64(at, value)
}

/** Rows of a chunk, block by block of about this many bytes. */
export const BLOCK_BYTES = 4 << 20

/** The part of a chunk that a block holds. */
export function chunkRows(chunk: EncodedChunk, start: number, end: number): EncodedChunk {
  return {
    rows: end - start,
    columns: chunk.columns.map((column) => {
      const nulls = column.nulls?.subarray(start, end) ?? null
      return 'offsets' in column
        ? { bytes: column.bytes, offsets: column.offsets.subarray(start, end + 1), nulls }
        : { values: column.values.subarray(start, end), nulls }
    }),
  }
}
