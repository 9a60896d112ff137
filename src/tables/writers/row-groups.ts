import { chunkRows } from './big-endian.ts'
import { type EncodedChunk, type EncodedColumn, numbersOf, textsOf, zeros } from './encoded.ts'
import type { ColumnSpec, OutputType } from './output-table.ts'

/** Chunks cut anew, so that each but the last has exactly `rows` rows, however they came. */
export async function* regrouped(
  chunks: AsyncIterable<EncodedChunk>,
  columns: readonly ColumnSpec[],
  rows: number,
): AsyncGenerator<EncodedChunk> {
  let waiting: EncodedChunk[] = []
  let count = 0
  for await (const chunk of chunks) {
    if (count === 0 && chunk.rows === rows) {
      yield chunk
      continue
    }
    let start = 0
    while (count + chunk.rows - start >= rows) {
      const end = start + rows - count
      yield joined([...waiting, chunkRows(chunk, start, end)], columns)
      waiting = []
      count = 0
      start = end
    }
    if (start < chunk.rows) {
      waiting.push(chunkRows(chunk, start, chunk.rows))
      count += chunk.rows - start
    }
  }
  if (count > 0) yield joined(waiting, columns)
}

/** Chunks as one, in memory of its own. */
export function joined(parts: readonly EncodedChunk[], columns: readonly ColumnSpec[]): EncodedChunk {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  return {
    rows,
    columns: columns.map(({ type }, i) => {
      const pieces = parts.map((part) => part.columns[i]!)
      const nulls = joinedMasks(pieces, parts, rows)
      return type === 'string'
        ? { ...joinedTexts(pieces, rows), nulls }
        : { values: joinedNumbers(pieces, type, rows), nulls }
    }),
  }
}

function joinedMasks(
  pieces: readonly EncodedColumn[],
  parts: readonly EncodedChunk[],
  rows: number,
): Uint8Array | null {
  if (!pieces.some(({ nulls }) => nulls !== null)) return null
  const nulls = new Uint8Array(rows)
  let at = 0
  pieces.forEach((piece, i) => {
    if (piece.nulls) nulls.set(piece.nulls, at)
    at += parts[i]!.rows
  })
  return nulls
}

function joinedNumbers(pieces: readonly EncodedColumn[], type: Exclude<OutputType, 'string'>, rows: number) {
  const values = zeros(type, rows)
  let at = 0
  for (const piece of pieces) {
    const { values: some } = numbersOf(piece)
    if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
      if (some instanceof BigInt64Array || some instanceof BigUint64Array) values.set(some, at)
    } else if (!(some instanceof BigInt64Array || some instanceof BigUint64Array)) values.set(some, at)
    at += some.length
  }
  return values
}

function joinedTexts(pieces: readonly EncodedColumn[], rows: number) {
  const all = pieces.map(textsOf)
  const size = all.reduce((sum, { offsets }) => sum + offsets.at(-1)! - offsets[0]!, 0)
  const bytes = new Uint8Array(size)
  const offsets = new Int32Array(rows + 1)
  let row = 0
  for (const { bytes: some, offsets: places } of all) {
    const from = places[0]!
    const at = offsets[row]!
    bytes.set(some.subarray(from, places.at(-1)), at)
    for (let i = 1; i < places.length; i++) offsets[row + i] = at + places[i]! - from
    row += places.length - 1
  }
  return { bytes, offsets }
}
