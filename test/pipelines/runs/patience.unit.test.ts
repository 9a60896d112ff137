import { describe, expect, it } from 'vitest'
import { BlobStoreUnavailable } from '../../../src/blobs/error.ts'
import { patience } from '../../../src/pipelines/worker/patience.ts'

const away = () => Promise.reject(new BlobStoreUnavailable('it answered 503'))

/** Work that fails so often before it succeeds. */
function failing(times: number) {
  let calls = 0
  return async () => (++calls > times ? calls : away())
}

describe('patience', () => {
  const never = new AbortController().signal

  it('waits for files that are out of reach, and says so once for each wait', async () => {
    let told = 0
    const waiting = patience(never, () => told++, { firstMs: 1 })
    expect(await waiting(failing(4))).toBe(5)
    expect(told).toBe(1)
    expect(await waiting(failing(1))).toBe(2)
    expect(told).toBe(2)
    expect(await waiting(failing(0))).toBe(1)
    expect(told).toBe(2)
  })

  it('does not wait for anything else', async () => {
    const waiting = patience(never, () => expect.unreachable())
    await expect(waiting(() => Promise.reject(new Error('a defect')))).rejects.toThrow('a defect')
  })

  it('has an end', async () => {
    await expect(patience(never, () => {}, { forMs: 20, firstMs: 5 })(away)).rejects.toThrow('it answered 503')
  })

  it('ends at once when nobody wants the result any more', async () => {
    const stop = new AbortController()
    const waited = patience(stop.signal, () => stop.abort('ending'), { firstMs: 60_000 })(away)
    await expect(waited).rejects.toBe('ending')
  })

  it('does not wait for a store that says nothing, either', async () => {
    const stop = new AbortController()
    const silence = () => new Promise<never>(() => {})
    const waited = patience(stop.signal, () => expect.unreachable())(silence)
    stop.abort('stopped')
    await expect(waited).rejects.toBe('stopped')
  })
})
