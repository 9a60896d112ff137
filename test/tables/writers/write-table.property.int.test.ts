import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OutputColumn } from '../../../src/tables/writers/output-table.ts'
import { writeTable } from '../../../src/tables/writers/write-table.ts'
import { temporaryDirectory } from '../read-table.ts'
import { plain, readBack, WAYS } from './read-back.ts'
import { cellsOf } from './sample-table.ts'

describe('any table', () => {
  const MAX_ROWS = 6
  const nulls = fc.array(fc.boolean(), { minLength: MAX_ROWS, maxLength: MAX_ROWS })
  const values = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: MAX_ROWS, maxLength: MAX_ROWS })
  const wholes = {
    int8: [-128, 127],
    int16: [-32768, 32767],
    int32: [-2147483648, 2147483647],
    uint8: [0, 255],
    uint16: [0, 65535],
    uint32: [0, 4294967295],
  } as const
  const made = {
    int8: Int8Array,
    int16: Int16Array,
    int32: Int32Array,
    uint8: Uint8Array,
    uint16: Uint16Array,
    uint32: Uint32Array,
  } as const
  const column = fc.oneof(
    ...(Object.keys(wholes) as (keyof typeof wholes)[]).map((type) =>
      fc.tuple(values(fc.integer({ min: wholes[type][0], max: wholes[type][1] })), nulls).map(([some, mask]) => ({
        type,
        values: made[type].from(some),
        nulls: Uint8Array.from(mask, Number),
      })),
    ),
    fc.tuple(values(fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n })), nulls).map(([some, mask]) => ({
      type: 'int64' as const,
      values: BigInt64Array.from(some),
      nulls: Uint8Array.from(mask, Number),
    })),
    fc.tuple(values(fc.double()), nulls).map(([some, mask]) => ({
      type: 'float64' as const,
      values: Float64Array.from(some),
      nulls: Uint8Array.from(mask, Number),
    })),
    fc.tuple(values(fc.float()), nulls).map(([some, mask]) => ({
      type: 'float32' as const,
      values: Float32Array.from(some),
      nulls: Uint8Array.from(mask, Number),
    })),
    // Blanks at an end are not kept by FITS, control characters not by XML; `nan` is no value in a text file.
    values(fc.option(fc.string({ unit: 'grapheme' }).map((text) => `t${text.replace(/\p{Cc}/gu, '')}.`))).map(
      (some) => ({
        type: 'string' as const,
        values: some,
        nulls: null,
      }),
    ),
  )

  it.each(WAYS.filter(([format]) => format !== 'csv'))('reads back from %s %o', async (format, options) => {
    await fc.assert(
      fc.asyncProperty(fc.array(column, { minLength: 1, maxLength: 5 }), async (some) => {
        const columns = some.map((data, i): OutputColumn => ({ name: `c${i}`, ...data }))
        const { cells } = await readBack(format, { rows: MAX_ROWS, columns, metadata: {} }, options)
        for (const written of columns) expect(cells[written.name]).toEqual(cellsOf(written).map(plain))
      }),
      { numRuns: 25 },
    )
  })

  it('prints every float so that it reads back', () => {
    return fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ noNaN: true }), { minLength: 1 }),
        fc.array(fc.float({ noNaN: true })),
        async (doubles, floats) => {
          const singles = Float32Array.from(doubles, (_, i) => floats[i] ?? i / 10)
          const path = join(temporaryDirectory(), 'x.csv')
          const columns: OutputColumn[] = [
            { name: 'd', type: 'float64', values: Float64Array.from(doubles) },
            { name: 'f', type: 'float32', values: singles },
          ]
          await writeTable('csv', { rows: doubles.length, columns, metadata: {} }, path)
          const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(1)
          const number = (text: string) => Number(text.replace('inf', 'Infinity'))
          lines.forEach((line, i) => {
            const [d, f] = line.split(',')
            expect(number(d!)).toBe(doubles[i])
            expect(Math.fround(number(f!))).toBe(singles[i])
          })
        },
      ),
      { numRuns: 40 },
    )
  })
})
