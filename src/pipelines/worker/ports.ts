import type { Blob } from '../../blobs/blob-store.ts'
import type { RunRequest } from '../../domain/run/events.ts'
import type { RunCommand, RunState, RunStatus } from '../../domain/run/run.ts'
import type { ChildTask } from '../../tables/child/task.ts'
import type { PipelineOutcome, PipelineWork } from '../pipeline.ts'

/** A run that some worker has to do something about. */
export interface OpenRun {
  readonly id: number
  readonly status: RunStatus
  readonly worker: string | null
}

/** A lock of this process: free again after `release`, or when the process dies. */
export interface RunLock {
  /** Aborts when the lock is gone although nobody released it. */
  readonly lost: AbortSignal
  release(): Promise<void>
}

/** Does a task where it can be killed, and passes on what it tells. */
export type Carry = (
  task: ChildTask<PipelineWork, PipelineOutcome>,
  work: PipelineWork,
  options: { readonly signal: AbortSignal; readonly onNews: (news: unknown) => void },
) => Promise<PipelineOutcome>

/** Where the bytes of a record lie, and where a run may work. */
export interface Workplace {
  /** An empty folder. The caller removes it. */
  makeFolder(): Promise<string>
  /** @throws BlobMissing when the bytes of an input are gone */
  prepare(record: RunRequest, folder: string): Promise<PipelineWork>
  readonly carry: Carry
}

/** What a worker needs of the rest of the program. */
export interface WorkerPorts extends Workplace {
  /** Runs that have not ended, and those whose product does not show yet how they ended; oldest first. */
  openRuns(): Promise<readonly OpenRun[]>
  /** Asks runs to stop whose product was deleted meanwhile. */
  stopOrphans(): Promise<void>
  /** Undefined when another worker holds it. */
  lock(runId: number): Promise<RunLock | undefined>
  /** Carries a command out, exactly where the run stands; returns the run after it. */
  command(runId: number, command: RunCommand): Promise<RunState>
  /** Makes a file permanent. */
  keep(path: string): Promise<Blob>
  /** Brings the product in line with its run that has ended: publishes it, or says why it failed. Safe to repeat. */
  settle(runId: number): Promise<void>
  /** Calls back whenever something may have to be done, until `signal` aborts. */
  watch(wake: () => void, signal: AbortSignal): Promise<void>
  /** ISO 8601. */
  now(): string
  trouble(error: unknown, message: string): void
}
