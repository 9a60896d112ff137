import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { WorkerPorts } from '../../../src/pipelines/worker/ports.ts'
import { RunWorker } from '../../../src/pipelines/worker/worker.ts'

const unused = () => {
  throw new Error('There is nothing to carry out')
}

it('does not look again and again when the read model is behind, and names a worker that is done', async () => {
  let looks = 0
  const told: string[] = []
  const ports: WorkerPorts = {
    openRuns: async () => {
      looks++
      return [{ id: 7, status: 'running', worker: 'elsewhere/1/a' }]
    },
    stopOrphans: async () => {},
    async lock() {
      await setImmediate()
      return { lost: new AbortController().signal, release: async () => {} }
    },
    // The log knows better: nothing is recorded.
    command: async (_, command) => {
      told.push(command.type)
      return { status: 'absent' }
    },
    watch: async () => {},
    makeFolder: unused,
    prepare: unused,
    carry: unused,
    keep: unused,
    settle: unused,
    now: () => '2026-03-14T09:00:00.000Z',
    trouble: unused,
  }
  const ending = new AbortController()
  const worker = new RunWorker(ports, { capacity: 1, pollMs: 60_000 })
  worker.start(ending.signal)
  for (let turn = 0; turn < 100; turn++) await setImmediate()
  expect([looks, told]).toEqual([1, ['AbandonRun']])
  worker.wake()
  for (let turn = 0; turn < 100; turn++) await setImmediate()
  expect(looks).toBe(2)
  ending.abort()
  await worker.stopped()
})
