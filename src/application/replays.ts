import type { AppContext } from '../context.ts'
import { SYSTEM } from '../domain/actor.ts'
import { notFound } from '../domain/error.ts'
import type { Comparison } from '../domain/run/events.ts'
import { runDecider, runStream } from '../domain/run/run.ts'
import type { CompareArguments } from '../pipelines/replay/compare-task.ts'
import { Replays } from '../pipelines/replay/replays.ts'
import type { Carry } from '../pipelines/worker/ports.ts'
import type { ChildTask } from '../tables/child/task.ts'
import { execute } from './command.ts'
import { readRunRecord } from './run-product.ts'
import { workplace } from './run-worker.ts'

/** Named by its address alone, so that the server does not load the readers of tables itself. */
const COMPARE: ChildTask<CompareArguments, Comparison['difference']> = {
  name: 'compare-tables',
  module: new URL('../pipelines/replay/compare-task.ts', import.meta.url),
}

/** Replays over the stores of a process. @param of the context, which has the replays in it and so is not there yet */
export function createReplays(of: () => AppContext, carry: Carry): Replays {
  return new Replays({
    carry,
    makeFolder: () => workplace(of(), carry).makeFolder(),
    prepare: (record, folder) => workplace(of(), carry).prepare(record, folder),
    async read(runId) {
      const context = of()
      const record = await readRunRecord(context, runId)
      if (record === null || record.run.deleted) throw notFound()
      return record.run
    },
    path: (sha256) => of().blobs.path(sha256),
    compare: (expected, actual) => of().runTask(COMPARE, { expected, actual }),
    async record(runId, pipelineVersion, outputs) {
      const context = of()
      const request = { actor: SYSTEM, correlationId: context.newId() }
      const { softwareVersion } = context
      const command = { type: 'RecordReplay', softwareVersion, pipelineVersion, outputs } as const
      await execute(context, request, runDecider, runStream(runId), command)
    },
  })
}
