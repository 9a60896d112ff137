import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../../src/application/compare-tables-task.ts'
import type { NumericValues } from '../../src/tables/arrow-columns.ts'
import type { TableComparison } from '../../src/tables/comparison.ts'
import { DEFAULT_LIMITS } from '../../src/tables/table.ts'
import type { OutputTable } from '../../src/tables/writers/output-table.ts'
import { writeTable } from '../../src/tables/writers/write-table.ts'
import { SAMPLE_TABLE } from '../tables/writers/sample-table.ts'

const FORMATS = ['csv', 'fits', 'hdf5', 'parquet', 'votable'] as const
const ENDINGS = { csv: 'csv', fits: 'fits', hdf5: 'hdf5', parquet: 'parquet', votable: 'vot' } as const

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'photoz-compare-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const compare = (left: string, right: string, id = 'id', rightId = id, mostDigests = 1_000): Promise<TableComparison> =>
  run(
    {
      left: { path: join(folder, left), fileName: left },
      right: { path: join(folder, right), fileName: right },
      limits: DEFAULT_LIMITS,
      id: { left: id, right: rightId },
      mostRows: 100,
      mostCells: 20_000,
      mostDigests,
    },
    { progress: () => undefined, tell: () => undefined },
  )

const text = (name: string, content: string): Promise<void> => writeFile(join(folder, name), content)

async function compareTexts(left: string, right: string, id = 'id', rightId = id): Promise<TableComparison> {
  await text('left.csv', left)
  await text('right.csv', right)
  return compare('left.csv', 'right.csv', id, rightId)
}

const countsOf = ({ same, changed, removed, added }: TableComparison) => ({ same, changed, removed, added })

describe('two tables', () => {
  it('tell rows added, removed and changed, with both values, to the last digit of a 64-bit id', async () => {
    const found = await compareTexts(
      'id,z,name\n2305843019946942123,0.5,a\n2305843019946942124,1,b\n2305843019946942125,2,c\n',
      'id,z,name\n2305843019946942125,2,c\n2305843019946942124,1.5,B\n2305843019946942126,9,d\n',
    )
    expect(countsOf(found)).toEqual({ same: 1, changed: 1, removed: 1, added: 1 })
    expect(found.removedRows).toEqual([['2305843019946942123', 0.5, 'a']])
    expect(found.addedRows).toEqual([['2305843019946942126', 9, 'd']])
    expect(found.changedRows).toEqual([
      {
        id: '2305843019946942124',
        cells: [
          { column: 'z', left: 1, right: 1.5 },
          { column: 'name', left: 'b', right: 'B' },
        ],
        more: 0,
      },
    ])
    expect(found.columns.compared).toEqual([
      { name: 'z', changed: 1 },
      { name: 'name', changed: 1 },
    ])
  })

  it('report ids that come more than once, and rows without an id, and merge neither', async () => {
    const found = await compareTexts('id,z\n1,1\n1,2\n2,5\n3,3\n3,4\n,9\n', 'id,z\n3,4\n3,3\n1,1\n2,5\n2,6\n4,4\n4,4\n')
    expect(countsOf(found)).toEqual({ same: 0, changed: 0, removed: 0, added: 0 })
    expect(found.withoutId).toEqual({ left: 1, right: 0 })
    expect(found.repeated).toEqual({
      ids: 4,
      left: 5,
      right: 7,
      same: 1, // 3, in another order
      first: [
        { id: 1, left: 2, right: 1 },
        { id: 2, left: 1, right: 2 },
        { id: 3, left: 2, right: 2 },
        { id: 4, left: 0, right: 2 },
      ],
    })
  })

  it('may call their ids differently, and have columns that the other lacks', async () => {
    const found = await compareTexts('ID,z,old\n7,1,x\n8,2,y\n', 'new,name,z\n1,8,2\n2,7,1\n', 'ID', 'name')
    expect(countsOf(found)).toEqual({ same: 2, changed: 0, removed: 0, added: 0 })
    expect(found.columns).toMatchObject({ compared: [{ name: 'z', changed: 0 }], left: ['ID', 'z', 'old'] })
  })

  it('match the text "42" with the number 42, and keep apart what only looks alike', async () => {
    const found = await compareTexts('id,z\n42,1\n043,2\nx,3\n', 'id,z\n42,1\n43,2\n44,3\n')
    expect(countsOf(found)).toEqual({ same: 2, changed: 0, removed: 1, added: 1 })
  })

  it('may be empty', async () => {
    const found = await compareTexts('id,z\n', 'id,z\n1,2\n')
    expect([found.rows, countsOf(found)]).toEqual([
      { left: 0, right: 1 },
      { same: 0, changed: 0, removed: 0, added: 1 },
    ])
  })

  it('name a column that is not there', async () => {
    await expect(compareTexts('id,z\n1,2\n', 'key,z\n1,2\n')).rejects.toThrow('The table has no column id.')
  })
})

describe('the same table in two formats', () => {
  const rows = SAMPLE_TABLE.rows
  beforeAll(async () => {
    for (const format of FORMATS) await writeTable(format, SAMPLE_TABLE, join(folder, `sample.${ENDINGS[format]}`))
  })

  it.each(FORMATS.flatMap((left) => FORMATS.map((right) => [left, right] as const)))(
    '%s and %s have the same rows',
    async (left, right) => {
      const found = await compare(`sample.${ENDINGS[left]}`, `sample.${ENDINGS[right]}`, 'objectId')
      const differing = found.columns.compared.filter(({ changed }) => changed > 0)
      expect({ ...countsOf(found), differing }).toEqual({ same: rows, changed: 0, removed: 0, added: 0, differing: [] })
    },
  )
})

describe('numbers of two types', () => {
  const column = (values: NumericValues, type: OutputTable['columns'][number]['type']): OutputTable => ({
    rows: values.length,
    metadata: { title: 'Numbers' },
    columns: [
      { name: 'id', type: 'int32', values: Int32Array.from({ length: values.length }, (_, row) => row) },
      { name: 'x', type, values },
    ],
  })

  /** Numbers of the rows that differ. */
  async function differing(left: OutputTable, right: OutputTable): Promise<unknown[]> {
    await writeTable('parquet', left, join(folder, 'n.parquet'))
    await writeTable('fits', right, join(folder, 'n.fits'))
    return (await compare('n.parquet', 'n.fits')).changedRows.map(({ id }) => id)
  }

  it('are the same when they are one number: whole ones to the last digit, however they are kept', async () => {
    const longs = BigInt64Array.of(7n, 2n ** 53n, 2n ** 60n, 2n ** 60n + 1n, -(2n ** 63n), 0n)
    const doubles = Float64Array.of(7, 2 ** 53, 2 ** 60, 2 ** 60, -(2 ** 63), -0)
    expect(await differing(column(longs, 'int64'), column(doubles, 'float64'))).toEqual([3])
  })

  it('are told apart when they have the same bits and another sign', async () => {
    const signed = BigInt64Array.of(-1n, -(2n ** 63n), 2n ** 62n)
    const unsigned = BigUint64Array.of(2n ** 64n - 1n, 2n ** 63n, 2n ** 62n)
    expect(await differing(column(signed, 'int64'), column(unsigned, 'uint64'))).toEqual([0, 1])
  })

  it('are compared in single precision where one side has no more', async () => {
    const single = Float32Array.of(0.1, 23.4567, 1)
    const double = Float64Array.of(0.1, 23.4567, 1.000001)
    expect(await differing(column(single, 'float32'), column(double, 'float64'))).toEqual([2])
    expect((await compare('n.parquet', 'n.fits')).columns.single).toEqual(['x'])
  })
})

describe('any two tables', () => {
  interface Row {
    readonly id: bigint
    readonly z: number
    readonly name: string | null
  }
  const id = fc.oneof(
    fc.bigInt(0n, 12n),
    fc.bigInt(2n ** 62n, 2n ** 62n + 6n),
    fc.bigInt(-(2n ** 63n), -(2n ** 63n) + 3n),
  )
  const row: fc.Arbitrary<Row> = fc.record({
    id,
    z: fc.constantFrom(0, 0.1, -1, Number.NaN, 1e300),
    name: fc.constantFrom(null, 'a', 'ä', 'a, b'),
  })
  const table = fc.array(row, { minLength: 1, maxLength: 30 })

  const outputOf = (all: readonly Row[]): OutputTable => ({
    rows: all.length,
    metadata: { title: 'Any' },
    columns: [
      { name: 'id', type: 'int64', values: BigInt64Array.from(all, (each) => each.id) },
      { name: 'z', type: 'float64', values: Float64Array.from(all, (each) => each.z) },
      { name: 'name', type: 'string', values: all.map((each) => each.name) },
    ],
  })

  it('differ as a comparison of everything with everything says', async () => {
    await fc.assert(
      fc.asyncProperty(table, table, async (left, right) => {
        await writeTable('parquet', outputOf(left), join(folder, 'any.parquet'))
        await writeTable('fits', outputOf(right), join(folder, 'any.fits'))
        // With one digest at a time, the columns are looked at one by one.
        const found = await compare('any.parquet', 'any.fits', 'id', 'id', 1)
        const of = (all: readonly Row[], id: bigint) => all.filter((each) => each.id === id)
        const ids = [...new Set([...left, ...right].map((each) => each.id))]
        const once = ids.filter((id) => of(left, id).length <= 1 && of(right, id).length <= 1)
        const [removed, added] = [once.filter((id) => !of(right, id)[0]), once.filter((id) => !of(left, id)[0])]
        const both = once.filter((id) => !removed.includes(id) && !added.includes(id))
        const isSame = (a: Row | undefined, b: Row | undefined) => Object.is(a?.z, b?.z) && a?.name === b?.name
        const changed = both.filter((id) => !isSame(of(left, id)[0], of(right, id)[0]))
        expect(countsOf(found)).toEqual({
          same: both.length - changed.length,
          changed: changed.length,
          removed: removed.length,
          added: added.length,
        })
        expect(found.repeated.ids).toBe(ids.length - once.length)
        expect(found.changedRows.map((each) => String(each.id))).toEqual(changed.map(String))
        expect(found.removedRows.map(([first]) => String(first))).toEqual(removed.map(String))
        expect(found.addedRows.map(([first]) => String(first))).toEqual(added.map(String))
        for (const [place, name] of (['z', 'name'] as const).entries()) {
          const differ = changed.filter((id) => !Object.is(of(left, id)[0]?.[name], of(right, id)[0]?.[name]))
          expect(found.columns.compared[place]).toEqual({ name, changed: differ.length })
        }
      }),
      { numRuns: 60 },
    )
  })
})
