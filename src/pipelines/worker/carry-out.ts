import { rm } from 'node:fs/promises'
import type { RunOutput } from '../../domain/run/events.ts'
import type { Run, RunCommand } from '../../domain/run/run.ts'
import { TableError } from '../../tables/table.ts'
import type { PipelineNews, PipelineOutcome } from '../pipeline.ts'
import { findPipeline } from '../registry.ts'
import { patience } from './patience.ts'
import type { WorkerPorts } from './ports.ts'
import { Reporter } from './reporter.ts'

type Ending = Extract<RunCommand, { readonly type: 'ReportSuccess' | 'ReportFailure' }>

/**
 * Carries out a run that this worker has claimed, in a child process, and says how it ended. Nothing is recorded of the end yet:
 * that is the caller's, who knows whether the run was stopped.
 * @throws the signal's reason when it aborts; whatever the event store throws
 */
export async function carryOut(run: Run, worker: string, ports: WorkerPorts, signal: AbortSignal): Promise<Ending> {
  const failure = (code: string, reason: string, problems: readonly string[] = []): Ending => ({
    type: 'ReportFailure',
    worker,
    code,
    reason,
    problems,
  })
  const pipeline = findPipeline(run.pipeline.name)
  if (pipeline === undefined) {
    return failure('unknown_pipeline', `This worker knows no pipeline ${run.pipeline.name}: update its software.`)
  }
  const reporter = new Reporter(
    async (report) => void (await ports.command(run.runId, { type: 'ReportProgress', worker, ...report })),
    ports.now,
  )
  const folder = await ports.makeFolder()
  try {
    // Not on which worker: whoever downloads the product reads this, and the run's events have it.
    reporter.line(`${pipeline.displayName} ${pipeline.version}, attempt ${run.attempts}`)
    const waiting = patience(signal, (error) => {
      reporter.line('The files are not reachable now; trying again.', 'warn')
      ports.trouble(error, `run ${run.runId} waits for the store of files`)
    })
    const work = await waiting(() => ports.prepare(run, folder))
    signal.throwIfAborted()
    const outcome = await ports.carry(pipeline.task, work, { signal, onNews: (news) => hear(reporter, news) })
    signal.throwIfAborted()
    if (outcome.kind === 'refused') {
      for (const line of [outcome.reason, ...outcome.problems]) reporter.line(line, 'warn')
      await reporter.end()
      return failure(outcome.code, outcome.reason, outcome.problems)
    }
    const outputs = await keepFiles(outcome.files, (path) => waiting(() => ports.keep(path)))
    for (const { name, size, sha256 } of outputs) reporter.line(`${name}: ${size} bytes, SHA-256 ${sha256}`)
    await reporter.end()
    const metrics: unknown = JSON.parse(JSON.stringify(outcome.metrics)) // plain JSON: no undefined, no NaN
    return {
      type: 'ReportSuccess',
      worker,
      outputs,
      associations: outcome.associations,
      metrics: metrics as Readonly<Record<string, unknown>>,
    }
  } catch (error) {
    signal.throwIfAborted()
    const told = explain(error)
    if (told === null) throw error
    reporter.line(told.reason, 'warn')
    if (told.cause !== undefined) ports.trouble(told.cause, `run ${run.runId} broke off`)
    await reporter.end()
    return failure(told.code, told.reason)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Our own tasks tell nothing else. */
function hear(reporter: Reporter, news: unknown): void {
  const told = news as PipelineNews
  if (told.kind === 'progress') reporter.progress(told.stage, told.fraction)
  else reporter.line(told.text, told.level)
}

async function keepFiles(
  files: Extract<PipelineOutcome, { readonly kind: 'done' }>['files'],
  keep: WorkerPorts['keep'],
): Promise<RunOutput[]> {
  const outputs: RunOutput[] = []
  for (const { role, name, path, rows } of files) outputs.push({ role, name, ...(await keep(path)), rows })
  return outputs
}

/** Why a run could not be carried out, for people; null for trouble of ours that another attempt may not have. */
export function explain(error: unknown): { code: string; reason: string; cause?: unknown } | null {
  if (error instanceof TableError) {
    if (error.cause === undefined) return { code: error.code, reason: error.message }
    const words = error.cause instanceof Error ? error.cause.message : String(error.cause)
    return {
      code: 'defect',
      reason: `The pipeline itself failed: ${words} Please report this run.`,
      cause: error.cause,
    }
  }
  if (!(error instanceof Error) || !('code' in error)) return null
  if (error.code === 'blob_missing') {
    return { code: 'input_missing', reason: 'The bytes of an input are not on this server any more; they were purged.' }
  }
  if (error.code === 'blob_store_unavailable') {
    return { code: 'files_unreachable', reason: 'The files were not reachable for too long. Run it again later.' }
  }
  if (error.code === 'disk_full') return { code: 'disk_full', reason: error.message }
  return null
}
