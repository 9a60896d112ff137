import { parentPort } from 'node:worker_threads'
import { TooManyPairs } from './errors.ts'
import type { MatchAnswer, MatchOrder } from './match-workers.ts'
import { PairSink, placePairs } from './pairs.ts'
import { ZoneSweep } from './zones.ts'

/** One thread of `MatchWorkers`: sweeps its stripes, keeps the pairs, and puts them to their places when told. */
let found: PairSink | null = null

function obey(order: MatchOrder): void {
  if (order.do === 'sweep') {
    const { left, right, request, stripes, part, counts, board } = order
    found?.[Symbol.dispose]()
    found = new PairSink(request, Math.ceil(left.report.valid / 2))
    using sweep = new ZoneSweep(left, right, request, stripes, part, found, counts)
    for (let z = part[0]; z < part[1] && Atomics.load(board, 0) === 0; z++) {
      sweep.sweep(z)
      Atomics.add(board, 1, 1)
    }
    return
  }
  if (order.do === 'place' && found !== null) placePairs(found, order.pairs)
  found?.[Symbol.dispose]()
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
