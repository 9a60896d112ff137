import { describe, expect, it } from 'vitest'
import { Recent } from '../../src/audit/recent.ts'
import { WriteBuffer } from '../../src/audit/write-buffer.ts'

/** A buffer over a list, and a switch that makes writing fail. */
function buffered(options: { readonly most?: number } = {}) {
  const state = { fails: false, written: [] as number[], batches: 0, troubles: 0, lost: 0 }
  const buffer = new WriteBuffer<number>({
    ...options,
    write: async (rows) => {
      if (state.fails) throw new Error('the database is away')
      state.batches += 1
      state.written.push(...rows)
    },
    onTrouble: () => {
      state.troubles += 1
    },
    onLoss: (rows) => {
      state.lost += rows
    },
  })
  return { buffer, state }
}

describe('a write buffer', () => {
  it('writes every row once and in order, a thousand at a time', async () => {
    const { buffer, state } = buffered()
    const rows = Array.from({ length: 2_500 }, (_, index) => index)
    for (const row of rows) buffer.add(row)
    expect(state.written).toEqual([])
    await Promise.all([buffer.flush(), buffer.flush()])
    expect(state.written).toEqual(rows)
    expect(state.batches).toBe(3)
  })

  it('writes by itself a moment later', async () => {
    const { buffer, state } = buffered()
    buffer.add(1)
    await expect.poll(() => state.written).toEqual([1])
  })

  it('keeps rows while writing fails, tells the trouble, and never rejects', async () => {
    const { buffer, state } = buffered()
    state.fails = true
    buffer.add(1)
    await buffer.flush()
    buffer.add(2)
    await buffer.flush()
    expect(state).toMatchObject({ troubles: 2, written: [], lost: 0 })
    state.fails = false
    await buffer.flush()
    expect(state.written).toEqual([1, 2])
  })

  it('is bounded: what does not fit is lost, and told', async () => {
    const { buffer, state } = buffered({ most: 3 })
    for (const row of [1, 2, 3, 4, 5]) buffer.add(row)
    await buffer.flush()
    expect(state).toMatchObject({ written: [1, 2, 3], lost: 2 })
    buffer.add(6)
    await buffer.close()
    expect(state).toMatchObject({ written: [1, 2, 3, 6], lost: 2 })
  })

  it('tells at the end what it could not write', async () => {
    const { buffer, state } = buffered()
    state.fails = true
    buffer.add(1)
    buffer.add(2)
    await buffer.close()
    expect(state.lost).toBe(2)
  })
})

describe('what happened lately', () => {
  it('is forgotten after its time, and beyond its room', () => {
    const recent = new Recent({ milliseconds: 1_000, most: 2 })
    const at = (milliseconds: number) => new Date(1e12 + milliseconds)
    recent.note('a', at(0))
    expect(recent.has('a', at(999))).toBe(true)
    expect(recent.has('a', at(1_000))).toBe(false)
    recent.note('b', at(1))
    recent.note('c', at(2))
    expect(['a', 'b', 'c'].map((key) => recent.has(key, at(3)))).toEqual([false, true, true])
  })
})
