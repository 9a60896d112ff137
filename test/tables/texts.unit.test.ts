import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Texts, TextsBuilder } from '../../src/tables/texts.ts'
import { TextBuffer } from '../../src/tables/writers/text-buffer.ts'

const WORDS = ['', 'DESI', 'desi', ' 2dFGRS', 'é', '🔭', 'none']
/** Repeated words and names of their own, with nulls. */
const cells = fc.array(fc.option(fc.oneof(fc.constantFrom(...WORDS), fc.string({ unit: 'grapheme' }))), {
  maxLength: 40,
})
const rowsOf = (values: readonly unknown[]) =>
  values.length === 0 ? fc.constant([]) : fc.array(fc.nat({ max: values.length - 1 }), { maxLength: 60 })

const written = ({ bytes, offsets, nulls }: ReturnType<Texts['utf8']>) =>
  Array.from({ length: offsets.length - 1 }, (_, row) =>
    nulls?.[row] === 1 ? null : Buffer.from(bytes.subarray(offsets[row], offsets[row + 1])).toString(),
  )

describe('texts', () => {
  it('keep every cell, however they are taken, cut or put together', () => {
    fc.assert(
      fc.property(
        cells.chain((values) => fc.tuple(fc.constant(values), rowsOf(values), fc.nat(values.length))),
        ([values, rows, cut]) => {
          const texts = Texts.of(values)
          expect(texts.length).toBe(values.length)
          expect(texts.strings()).toEqual(values)
          expect(values.map((_, row) => texts.at(row))).toEqual(values)
          expect(written(texts.utf8())).toEqual(values)
          expect(texts.isAllNull).toBe(values.every((value) => value === null))
          const taken = texts.take(Uint32Array.from(rows))
          expect(taken.strings()).toEqual(rows.map((row) => values[row]))
          const [head, tail] = [texts.slice(0, cut), texts.slice(cut, values.length)]
          expect(written(tail.utf8())).toEqual(values.slice(cut))
          const all = Texts.concatenate([head, null, tail, taken], [cut, 2, values.length - cut, rows.length])
          expect(all.strings()).toEqual([
            ...values.slice(0, cut),
            null,
            null,
            ...values.slice(cut),
            ...rows.map((row) => values[row]),
          ])
        },
      ),
    )
  })

  it('are told apart, spelled and counted by word', () => {
    fc.assert(
      fc.property(cells, (values) => {
        const texts = Texts.of(values)
        const spell = (text: string) => (text === 'none' ? null : text.toUpperCase())
        expect(texts.map(spell).strings()).toEqual(values.map((text) => (text === null ? null : spell(text))))
        expect([...texts.numbers((text) => text.length, -1)]).toEqual(values.map((text) => text?.length ?? -1))
        const rows = new Map<string, number[]>()
        for (const [row, text] of values.entries()) if (text !== null) rows.set(text, [...(rows.get(text) ?? []), row])
        expect([...texts.rowsByText()]).toEqual([...rows])
      }),
    )
  })

  it('compare as bytes do', () => {
    const texts = Texts.of(['CRD1_10', 'CRD1_2', 'CRD10_1', 'CRD1_2', 'CRD1_'])
    expect([0, 1, 2, 3, 4].sort((a, b) => texts.compare(a, b))).toEqual([2, 4, 0, 1, 3])
    expect(texts.compare(1, 3)).toBe(0)
  })

  it('go on beyond the words that are kept once', () => {
    const values = Array.from({ length: 30_000 }, (_, i) => `${i % 12_000}`)
    expect(Texts.of(values).strings()).toEqual(values)
  })

  it('of a constant, or of nothing, have every row', () => {
    expect(Texts.constant('DESI', 3).strings()).toEqual(['DESI', 'DESI', 'DESI'])
    expect(Texts.constant(null, 2).isAllNull).toBe(true)
    expect(new TextsBuilder(0).finish().strings()).toEqual([])
    expect(Texts.of(['a', '', null]).withoutEmpty().strings()).toEqual(['a', null, null])
  })
})

describe('printed integers', () => {
  it('have all digits of 64 bits', () => {
    const edges = [
      0n,
      -1n,
      2n ** 53n,
      2n ** 53n - 1n,
      10n ** 18n,
      2n ** 63n - 1n,
      -(2n ** 63n),
      -(2n ** 32n),
      2n ** 64n - 1n,
    ]
    const any = fc.oneof(fc.constantFrom(...edges), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }))
    fc.assert(
      fc.property(any, (value) => {
        const buffer = new TextBuffer(1)
        const words = new Uint32Array(BigUint64Array.of(BigInt.asUintN(64, value)).buffer)
        buffer.words(words[0]!, words[1]!, value < 2n ** 63n)
        expect(Buffer.from(buffer.take()).toString()).toBe(String(value))
      }),
      { numRuns: 2_000 },
    )
  })
})
