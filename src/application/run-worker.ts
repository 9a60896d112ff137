import { createReadStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryName } from '../blobs/temporary-files.ts'
import type { Config } from '../config.ts'
import type { AppContext } from '../context.ts'
import { SYSTEM } from '../domain/actor.ts'
import type { RunRequest } from '../domain/run/events.ts'
import { runDecider, runStream } from '../domain/run/run.ts'
import { resubscribing } from '../eventstore/resubscribing.ts'
import type { PipelineWork } from '../pipelines/pipeline.ts'
import type { Carry, WorkerPorts, Workplace } from '../pipelines/worker/ports.ts'
import { RunWorker, type WorkerOptions } from '../pipelines/worker/worker.ts'
import { openRuns, orphanedRuns } from '../projections/runs/queries.ts'
import { ChildPool } from '../tables/child/child-pool.ts'
import { execute } from './command.ts'
import { ensureRegistered, readRunRecord, settleProduct } from './run-product.ts'

/** How long a watcher waits for the read models before it looks all the same, in ms. */
const PROJECTION_MS = 2_000

/** Events after which a worker may have something to do. */
const WAKING: ReadonlySet<string> = new Set([
  'RunRequested',
  'RunStopRequested',
  'RunAbandoned',
  'ProductDeleted',
  'ProductRestored',
])

/** Runs in child processes, each with the memory and the time that the configuration allows. */
export function childCarrier(config: Config, size: number): { readonly carry: Carry; close(): Promise<void> } {
  const { memory, seconds } = config.runs
  const pool = new ChildPool({ size, memoryBytes: memory, timeMs: seconds * 1000 })
  return {
    carry: (task, work, { signal, onNews }) => pool.run(task, work, { signal, onNews }),
    close: () => pool.close(),
  }
}

/** Where the bytes of a record lie: inputs in the blob store, object catalogs below their folder. */
export function workplace(context: AppContext, carry: Carry): Workplace {
  return {
    carry,
    async makeFolder() {
      const folder = join(context.config.dataDir, 'tmp', temporaryName())
      await mkdir(folder, { recursive: true })
      return folder
    },
    prepare: (record, folder) => prepareWork(context, record, folder),
  }
}

async function prepareWork(context: AppContext, record: RunRequest, folder: string): Promise<PipelineWork> {
  const { pipeline, parameters, outputFormat, objects, rules } = record
  const inputs: { input: (typeof record.inputs)[number]; path: string }[] = []
  for (const input of record.inputs) inputs.push({ input, path: await context.blobs.path(input.sha256) })
  return {
    pipeline,
    parameters,
    outputFormat,
    inputs,
    objects: objects === null ? null : { catalog: objects, path: await objectsPath(context, objects) },
    rules: rules === null ? null : await readText(context, rules.sha256),
    folder,
  }
}

async function objectsPath(context: AppContext, objects: NonNullable<RunRequest['objects']>): Promise<string> {
  if (objects.kind === 'product') return context.blobs.path(objects.sha256)
  const root = context.config.objectCatalogs
  if (root === null) throw new Error('OBJECT_CATALOGS is not set on this machine')
  return join(root, objects.path)
}

async function readText(context: AppContext, sha256: string): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of context.blobs.read(sha256)) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** A worker over the stores of this process. */
export function createRunWorker(context: AppContext, options: WorkerOptions & { readonly carry: Carry }): RunWorker {
  return new RunWorker(workerPorts(context, options.carry), options)
}

export function workerPorts(context: AppContext, carry: Carry): WorkerPorts {
  const { database, store, projections, log } = context
  const trouble = (error: unknown, message: string) => log.warn({ err: error }, message)
  /** What ties the events of a run to the request that began it, for the runs of this worker. */
  const correlations = new Map<number, string>()
  return {
    ...workplace(context, carry),
    openRuns: () => openRuns(database.drizzle),
    async stopOrphans() {
      for (const id of await orphanedRuns(database.drizzle)) {
        const request = { actor: SYSTEM, correlationId: context.newId() }
        await execute(context, request, runDecider, runStream(id), { type: 'StopRun', by: SYSTEM })
      }
    },
    lock: (runId) => database.tryLock(`run-${runId}`),
    async command(runId, command) {
      if (command.type === 'ClaimRun') {
        const record = await readRunRecord(context, runId)
        if (record !== null) await ensureRegistered(context, record)
        if (record !== null) correlations.set(runId, record.correlationId)
      }
      const correlationId = correlations.get(runId) ?? (await readRunRecord(context, runId))?.correlationId
      const request = { actor: SYSTEM, correlationId: correlationId ?? context.newId() }
      return (await execute(context, request, runDecider, runStream(runId), command)).state
    },
    async keep(path) {
      const blob = await context.blobs.receive(createReadStream(path))
      return blob.keep()
    },
    settle: (runId) => settleProduct(context, runId),
    async watch(wake, signal) {
      const lost = (error: unknown) => trouble(error, 'the worker lost sight of the log, looking again')
      for await (const message of resubscribing(store, 'now', signal, lost)) {
        if (message.kind !== 'event' || !WAKING.has(message.event.type)) continue
        try {
          await projections.waitFor(message.event.position, PROJECTION_MS)
        } catch (error) {
          trouble(error, 'the worker looks without knowing how far the read models are')
        }
        wake()
      }
    },
    now: () => context.clock().toISOString(),
    trouble,
  }
}
