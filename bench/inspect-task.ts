import { availableParallelism } from 'node:os'
import { ThreadPartner } from '../src/tables/child/partner.ts'
import type { TaskFunction } from '../src/tables/child/task.ts'
import { inspect } from '../src/tables/inspect.ts'
import type { Inspection } from '../src/tables/inspection.ts'
import { DEFAULT_LIMITS, type TableSource } from '../src/tables/table.ts'

export interface Measured {
  readonly inspection: Inspection
  readonly seconds: number
  /** Of the processor, all threads together. */
  readonly cpuSeconds: number
  /** Most resident memory that the process ever had, bytes. */
  readonly peakBytes: number
}

/** Inspects a file `times` times in a process of its own, and says how long the fastest took, by the clock and of the processor. */
export const run: TaskFunction<{ source: TableSource; times: number }, Measured> = async ({ source, times }) => {
  let seconds = Number.POSITIVE_INFINITY
  let cpuSeconds = Number.POSITIVE_INFINITY
  let inspection = null
  // As the server's own children have it, which are started ahead of their work.
  const partner = availableParallelism() > 1 ? new ThreadPartner() : null
  await partner?.awake()
  for (let i = 0; i < times; i++) {
    const start = performance.now()
    const before = process.cpuUsage()
    inspection = await inspect(source, DEFAULT_LIMITS, { partner })
    seconds = Math.min(seconds, (performance.now() - start) / 1000)
    const { user, system } = process.cpuUsage(before)
    cpuSeconds = Math.min(cpuSeconds, (user + system) / 1e6)
  }
  await partner?.close()
  if (!inspection) throw new RangeError('times must be at least 1')
  return { inspection, seconds, cpuSeconds, peakBytes: process.resourceUsage().maxRSS * 1024 }
}
