import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openCsv } from '../../../src/tables/csv/csv-reader.ts'
import { NumberScanner } from '../../../src/tables/number-scanner.ts'
import { DEFAULT_LIMITS } from '../../../src/tables/table.ts'
import { rowsOf, tableFiles } from '../table-files.ts'

const files = tableFiles()

type Value = number | bigint | boolean | string | null

const COLUMN = fc.oneof(
  fc.constant({ type: 'int64', values: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) }),
  fc.constant({ type: 'float64', values: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
  fc.constant({ type: 'bool', values: fc.boolean() }),
  fc.constant({
    type: 'string',
    // No text that means "no value", and no spaces at its ends (a blank alone cannot be told from nothing).
    values: fc
      .string({ unit: 'binary', minLength: 1, maxLength: 12 })
      .map((text) => `x${text.replace(/[\ud800-\udfff\0]/g, '')}y`),
  }),
)

const TABLE = fc
  .record({
    columns: fc.array(COLUMN, { minLength: 1, maxLength: 6 }),
    rows: fc.integer({ min: 1, max: 30 }),
    delimiter: fc.constantFrom(',', ';', '\t', '|'),
    lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
    encoding: fc.constantFrom('utf8', 'bom', 'utf16le', 'utf16be'),
    quoteAll: fc.boolean(),
    lastLineEnd: fc.boolean(),
    batchRows: fc.integer({ min: 1, max: 40 }),
  })
  .chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      cells: fc.tuple(
        ...shape.columns.map((column) =>
          fc
            .array(fc.option<Value>(column.values, { freq: 8 }), { minLength: shape.rows, maxLength: shape.rows })
            // A column without any value has no type of its own.
            .filter((values) => values.some((value) => value !== null)),
        ),
      ),
    }),
  )

test('a table written in any dialect is read as it was', async () => {
  await fc.assert(
    fc.asyncProperty(TABLE, async ({ shape, cells }) => {
      const { columns, delimiter, lineEnd } = shape
      const write = (value: Value) => {
        const text = value === null ? '' : typeof value === 'number' ? printed(value) : String(value)
        const mustQuote = shape.quoteAll || /["\r\n\t,;|]/.test(text) || (columns.length === 1 && text === '')
        return mustQuote ? `"${text.replaceAll('"', '""')}"` : text
      }
      const names = columns.map((_, index) => `name_${index}`)
      const lines = [names.join(delimiter)]
      for (let row = 0; row < shape.rows; row++) lines.push(cells.map((column) => write(column[row]!)).join(delimiter))
      const text = lines.join(lineEnd) + (shape.lastLineEnd ? lineEnd : '')
      const reader = await openCsv(await files.write('t.csv', encode(text, shape.encoding)), DEFAULT_LIMITS)
      expect(reader.columns.map(({ name }) => name)).toEqual(names)
      expect(reader.columns.map(({ type }) => type)).toEqual(columns.map(({ type }) => type))
      const expected = Array.from({ length: shape.rows }, (_, row) => cells.map((column) => shown(column[row]!)))
      expect(await rowsOf(reader, { batchRows: shape.batchRows })).toEqual(expected)
    }),
    { numRuns: 300 },
  )
})

test('numbers are rounded as JavaScript does', () => {
  const number = new NumberScanner()
  const check = (text: string) => {
    const end = number.scan(new TextEncoder().encode(`${text}\n`), 0)
    expect(end).toBe(text.length)
    expect(number.value).toBe(Number(text))
  }
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 24 })
  fc.assert(
    fc.property(
      digits,
      fc.option(digits),
      fc.option(fc.integer({ min: -330, max: 330 })),
      (whole, fraction, exponent) => {
        check(`${whole}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : `e${exponent}`}`)
      },
    ),
    { numRuns: 3000 },
  )
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      check(String(value))
      if (Math.abs(value) < 1e15) check(value.toFixed(15))
      check(value.toExponential(17))
    }),
    { numRuns: 3000 },
  )
})

/** With a mark of a fraction, as programs print floating point columns. */
function printed(value: number): string {
  const text = Object.is(value, -0) ? '-0' : String(value)
  return /[.e]/.test(text) ? text : `${text}.0`
}

function shown(value: Value): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  return value === 0 ? 0 : value
}

function encode(text: string, encoding: string): Uint8Array {
  if (encoding === 'utf16le') return Buffer.from(`\ufeff${text}`, 'utf16le')
  if (encoding === 'utf16be') return Buffer.from(`\ufeff${text}`, 'utf16le').swap16()
  return Buffer.from(encoding === 'bom' ? `\ufeff${text}` : text)
}
