import {
  Bool,
  Field,
  Float16,
  Float64,
  Int8,
  List,
  Struct,
  Table,
  TimestampMillisecond,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from 'apache-arrow'
import fc from 'fast-check'
import { Table as WasmTable } from 'parquet-wasm'
import { describe, expect, it } from 'vitest'
import { isPlain, takeBatch } from '../../../src/tables/parquet/wasm-batch.ts'

/** Columns of as many rows, of which every `gap`-th has no value. */
function table(rows: number, gap: number) {
  const cells = <T>(of: (row: number) => T) =>
    Array.from({ length: rows }, (_, row) => (gap > 0 && row % gap === 0 ? null : of(row)))
  return new Table({
    int8: vectorFromArray(
      cells((row) => (row % 200) - 100),
      new Int8(),
    ),
    uint64: vectorFromArray(BigUint64Array.from({ length: rows }, (_, row) => 2n ** 64n - 1n - BigInt(row))),
    double: vectorFromArray(
      cells((row) => Math.sqrt(row)),
      new Float64(),
    ),
    logical: vectorFromArray(
      cells((row) => row % 3 === 0),
      new Bool(),
    ),
    text: vectorFromArray(
      cells((row) => 'é'.repeat(row % 5)),
      new Utf8(),
    ),
  })
}

describe('a batch of parquet-wasm', () => {
  it('is the same, copied as it lies or sent as a stream', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 9 }), (rows, gap) => {
        const given = table(rows, gap)
        const batches = () => WasmTable.fromIPCStream(tableToIPC(given, 'stream')).recordBatches()
        const [copied, sent] = [true, false].map((plain) => batches().map((batch) => takeBatch(batch, plain)))
        const rowsOf = (of: typeof copied) => of?.flatMap((batch) => batch.toArray().map((row) => ({ ...row })))
        expect(rowsOf(copied)).toEqual(given.toArray().map((row) => ({ ...row })))
        expect(rowsOf(copied)).toEqual(rowsOf(sent))
        expect(copied?.map(({ schema }) => String(schema))).toEqual(sent?.map(({ schema }) => String(schema)))
      }),
    )
  })

  it('stays whole when the memory that it came from is used again', () => {
    const take = (rows: number) =>
      WasmTable.fromIPCStream(tableToIPC(table(rows, 4), 'stream'))
        .recordBatches()
        .map((batch) => takeBatch(batch, true))
    const [first] = take(1000)
    const before = JSON.stringify(first?.toArray().map(String))
    for (let i = 0; i < 5; i++) take(20_000)
    expect(JSON.stringify(first?.toArray().map(String))).toBe(before)
  })

  it('is copied only of types that nothing is overlooked in', () => {
    const [int, float, text] = [new Int8(), new Float16(), new Utf8()]
    expect([int, float, text, new Bool()].every(isPlain)).toBe(true)
    const child = new Field('item', int, true)
    expect([new List(child), new Struct([]), new TimestampMillisecond()].some(isPlain)).toBe(false)
  })
})
