import { run as combine } from '../src/pipelines/combine/run-task.ts'
import type { PipelineOutcome, PipelineWork } from '../src/pipelines/pipeline.ts'
import type { TaskFunction } from '../src/tables/child/task.ts'

export interface MeasuredRun {
  readonly outcome: PipelineOutcome
  /** Seconds of processor time of the child, its start included; they say more on a busy machine. */
  readonly cpuSeconds: number
}

/** A run of *Combine Redshift Catalogs* as the server carries it out, and the processor time that it took. */
export const run: TaskFunction<PipelineWork, MeasuredRun> = async (work, context) => {
  const outcome = await combine(work, context)
  const { user, system } = process.cpuUsage()
  return { outcome, cpuSeconds: (user + system) / 1e6 }
}
