import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RecordedEvent } from '../../src/eventstore/port.ts'
import { comparedTrees, isSame, pairs } from '../../src/provenance/compare/compared.ts'
import { firstDivergence } from '../../src/provenance/compare/events.ts'
import { compareFiles } from '../../src/provenance/compare/files.ts'
import { KeyedRows, type Lanes } from '../../src/provenance/compare/keyed-rows.ts'
import { compareInputs, type InputFacts } from '../../src/provenance/compare/runs.ts'

describe('values side by side', () => {
  it('are the same whatever the order of their members', () => {
    expect(isSame({ a: 1, b: { c: [1, 2], d: null } }, { b: { d: null, c: [1, 2] }, a: 1 })).toBe(true)
    expect(isSame([1, 2], [2, 1])).toBe(false)
    expect(isSame('1', 1)).toBe(false)
  })

  it('are taken apart to their leaves, with those that one side has', () => {
    const left = { radius: 1, rules: [{ flag: 4 }], bands: ['g', 'r'], empty: {} }
    const right = { rules: [{ flag: 3 }], radius: 1, bands: ['g'], seed: 7, empty: {} }
    expect(comparedTrees(left, right)).toEqual([
      { field: 'radius', left: 1, right: 1, same: true },
      { field: 'rules[0].flag', left: 4, right: 3, same: false },
      { field: 'bands', left: ['g', 'r'], right: ['g'], same: false },
      { field: 'empty', left: {}, right: {}, same: true },
      { field: 'seed', left: null, right: 7, same: false },
    ])
  })

  it('go together by their keys, and none is lost', () => {
    const items = fc.array(fc.constantFrom('a', 'b', 'c'))
    fc.assert(
      fc.property(items, items, (left, right) => {
        const found = pairs(left, right, (item) => item)
        expect(found.flatMap((pair) => pair.left ?? [])).toEqual(left)
        expect(found.flatMap((pair) => pair.right ?? []).toSorted()).toEqual(right.toSorted())
        expect(found.every((pair) => pair.left === null || pair.right === null || pair.left === pair.right)).toBe(true)
      }),
    )
  })

  it('finds files by their role and inputs by their bytes', () => {
    const file = (role: string, name: string, sha256: string) => ({ role, name, size: 1, sha256, rows: null })
    const files = compareFiles(
      [file('main', 'a.csv', '1'), file('auxiliary', 'notes.txt', '2')],
      [file('auxiliary', 'notes.txt', '2'), file('main', 'b.fits', '3'), file('auxiliary', 'more.txt', '4')],
    )
    expect(files.map(({ left, right, same }) => [left?.name, right?.name, same])).toEqual([
      ['a.csv', 'b.fits', false],
      ['notes.txt', 'notes.txt', true],
      [undefined, 'more.txt', false],
    ])
    const input = (productId: number, digest: string): InputFacts => ({ role: 'input', productId, name: 'x', digest })
    const inputs = compareInputs([input(1, 'old'), input(2, 'b')], [input(3, 'b'), input(1, 'new'), input(4, 'd')])
    expect(inputs.map(({ left, right, same }) => [left?.digest, right?.digest, same])).toEqual([
      ['old', 'new', false],
      ['b', 'b', true],
      [undefined, 'd', false],
    ])
  })
})

describe('two histories', () => {
  const event = (index: number, type: string, data: object): RecordedEvent =>
    ({
      id: `e${index}`,
      type,
      data,
      metadata: { actor: { userId: 1, username: 'ana' }, at: `2026-03-0${index + 1}T00:00:00.000Z` },
      stream: 'product-1',
      revision: BigInt(index),
      position: String(index).padStart(20, '0'),
      recordedAt: '',
    }) as RecordedEvent
  const attached = (fileId: number, sha256: string) => ({
    fileId,
    role: 'main',
    name: 'a.csv',
    mediaType: null,
    sha256,
    size: 10,
    original: null,
  })
  const edited = (to: string) => ({ changes: { description: { from: null, to } } })

  it('are the same when they say the same under other numbers', () => {
    const left = [event(0, 'FileAttached', attached(1, 'aa')), event(1, 'ProductPublished', {})]
    const right = [event(4, 'FileAttached', attached(9, 'aa')), event(6, 'ProductPublished', {})]
    expect(firstDivergence(left, right)).toBeNull()
    expect(firstDivergence([], [])).toBeNull()
  })

  it('part at the first event that says something else, told in words with what differs', () => {
    const left = [event(0, 'FileAttached', attached(1, 'aa')), event(1, 'MetadataEdited', edited('one'))]
    const right = [event(0, 'FileAttached', attached(2, 'aa')), event(1, 'MetadataEdited', edited('two'))]
    expect(firstDivergence(left, right)).toMatchObject({
      shared: 1,
      left: { number: 2, actor: 'ana', words: 'changed the description' },
      right: { number: 2, type: 'MetadataEdited' },
      differences: [{ field: 'changes.description.to', left: 'one', right: 'two', same: false }],
    })
  })

  it('part where one of them ends', () => {
    const left = [event(0, 'FileAttached', attached(1, 'aa'))]
    const right = [...left, event(1, 'ProductPublished', {})]
    expect(firstDivergence(left, right)).toMatchObject({ shared: 1, left: null, right: { words: 'published it' } })
  })

  it('do not part by how often a run told of its progress, nor by the time that it took', () => {
    const progress = (index: number) => event(index, 'RunProgressed', { stage: 'match', fraction: 0.5, lines: [] })
    const done = (index: number, metrics: object) =>
      event(index, 'RunSucceeded', { outputs: [], associations: {}, metrics: { rows: 3, ...metrics } })
    const left = [progress(0), progress(1), done(2, { secondsByStage: { match: 1 }, peakMemoryBytes: 5 })]
    const right = [progress(0), done(1, { secondsByStage: { match: 2 }, peakMemoryBytes: 6 })]
    expect(firstDivergence(left, right)).toBeNull()
    expect(firstDivergence(left, [done(0, { rows: 4 })])?.left?.number).toBe(3)
  })
})

describe('rows by their ids', () => {
  const lanes = (id: number): Lanes => ({ low: id, high: id & 1, tag: 1 })
  const table = fc.array(fc.record({ id: fc.nat(40), hash: fc.nat(2) }), { maxLength: 60 })

  it('differ as a comparison of everything with everything says', () => {
    fc.assert(
      fc.property(table, table, (left, right) => {
        const rows = new KeyedRows()
        for (const [row, { id, hash }] of left.entries()) rows.add('left', row, lanes(id), hash, hash)
        for (const [row, { id, hash }] of right.entries()) rows.add('right', row, lanes(id), hash, hash)
        const { same, changed, removed, added, repeated } = rows.differences(1_000)
        const of = (all: typeof left, id: number) => all.filter((each) => each.id === id)
        const ids = [...new Set([...left, ...right].map(({ id }) => id))]
        const twice = ids.filter((id) => of(left, id).length > 1 || of(right, id).length > 1)
        const once = ids.filter((id) => !twice.includes(id))
        const both = once.filter((id) => of(left, id).length === 1 && of(right, id).length === 1)
        const differ = both.filter((id) => of(left, id)[0]?.hash !== of(right, id)[0]?.hash)
        expect(same).toBe(both.length - differ.length)
        expect([...changed.left].map((row) => left[row]?.id)).toEqual(differ)
        expect([...changed.right].map((row) => right[row]?.id)).toEqual(differ)
        expect(removed.first.map((row) => left[row]?.id)).toEqual(once.filter((id) => of(right, id).length === 0))
        expect(added.first.map((row) => right[row]?.id)).toEqual(once.filter((id) => of(left, id).length === 0))
        expect([repeated.ids, repeated.first.length]).toEqual([twice.length, twice.length])
        const rowsOfTwice = (all: typeof left) => all.filter(({ id }) => twice.includes(id)).length
        expect([repeated.left, repeated.right]).toEqual([rowsOfTwice(left), rowsOfTwice(right)])
      }),
    )
  })

  it('names no more of them than wanted, and counts all, also beyond the first size of its memory', () => {
    const rows = new KeyedRows()
    for (let row = 0; row < 10_000; row++) rows.add('left', row, { low: row, high: row * 7, tag: 3 }, row, row)
    for (let row = 0; row < 10_000; row += 2) rows.add('right', row / 2, { low: row, high: row * 7, tag: 3 }, row, row)
    const { same, removed } = rows.differences(3)
    expect([same, removed]).toEqual([5_000, { count: 5_000, first: [1, 3, 5] }])
  })
})
