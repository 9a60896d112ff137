import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cellAt } from '../../src/tables/cell.ts'
import { decodeText, endOfText, TextColumn } from '../../src/tables/text-column.ts'

/** Bytes of padded strings: letters, blanks, NUL, and what is not ASCII. */
const byte = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0x41, 0x7a, 0x30, 0x7f, 0x01) },
  { weight: 3, arbitrary: fc.constantFrom(0x20, 0) },
  { weight: 1, arbitrary: fc.constantFrom(0xc3, 0xa9, 0xe9, 0x80) },
)

test('strings of fixed width end where each of them ends by itself', () => {
  const table = fc
    .record({ width: fc.integer({ min: 0, max: 11 }), gap: fc.integer({ min: 0, max: 9 }), rows: fc.nat(40) })
    .chain(({ width, gap, rows }) =>
      fc.record({
        width: fc.constant(width),
        offset: fc.nat(gap),
        rowBytes: fc.constant(width + gap),
        rows: fc.constant(rows),
        bytes: fc.array(byte, { minLength: rows * (width + gap), maxLength: rows * (width + gap) }),
      }),
    )
  fc.assert(
    fc.property(table, ({ width, offset, rowBytes, rows, bytes }) => {
      const source = Uint8Array.from(bytes)
      const column = new TextColumn('survey', rows, width)
      column.appendPadded(source, offset, rowBytes, width, rows)
      const data = column.finish()
      const expected = Array.from({ length: rows }, (_, row) => {
        const start = offset + row * rowBytes
        return decodeText(source.subarray(start, endOfText(source, start, start + width)))
      })
      expect(Array.from({ length: rows }, (_, row) => cellAt(data, 'string', row))).toEqual(expected)
    }),
    { numRuns: 2000 },
  )
})
