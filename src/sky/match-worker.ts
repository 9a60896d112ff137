import { parentPort } from 'node:worker_threads'
import { TooManyPairs } from './errors.ts'
import { Kernel } from './kernel/kernel.ts'
import type { MatchAnswer, MatchOrder, SweepOrder } from './match-workers.ts'
import { type CollectedPairs, countPairs, PairSink, placePairs } from './pairs.ts'
import { ZoneSweep } from './zones.ts'

/** One thread of `MatchWorkers`: sweeps its stripes, keeps the pairs, and puts them to their places when told. */
let found: Found | null = null

interface Found {
  readonly pairs: CollectedPairs
  readonly several: readonly number[]
}

function obey(order: MatchOrder): void {
  if (order.do === 'sweep') {
    forget()
    found = sweep(order)
    return
  }
  if (order.do === 'place' && found !== null) placePairs(found.pairs, found.several, order.pairs, order.rank)
  forget()
}

function sweep({ left, right, request, stripes, part, turn, counts, board }: SweepOrder): Found {
  const kernel = Kernel.lease()
  try {
    const sweep = new ZoneSweep(kernel, left, right, request, stripes, part)
    const sink = new PairSink(kernel, request, Math.ceil(left.report.valid / 2))
    for (let z = part[0]; z < part[1] && Atomics.load(board, 0) === 0; z++) {
      sweep.sweep(z, sink)
      Atomics.add(board, 1, 1)
    }
    const pairs = sink.bucketed(left.ra.length, turn)
    return { pairs, several: countPairs(pairs, counts) }
  } catch (error) {
    kernel[Symbol.dispose]()
    throw error
  }
}

function forget(): void {
  found?.pairs.kernel[Symbol.dispose]()
  found = null
}

parentPort?.on('message', (order: MatchOrder) => {
  let answer: MatchAnswer = { ok: true }
  try {
    obey(order)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    answer = { ok: false, tooMany: error instanceof TooManyPairs, message }
  }
  parentPort?.postMessage(answer)
})
