import type { RunStatus } from '../../domain/run/run.ts'

/**
 * The words of the reference server. A run that waits is *Pending*, never "Queued": the client's `run_and_wait` would take
 * that for the end.
 */
export const RUN_WORDS: Readonly<Record<RunStatus, string>> = {
  pending: 'Pending',
  running: 'Running',
  stopping: 'Stopping',
  stopped: 'Stopped',
  succeeded: 'Successful',
  failed: 'Failed',
}

/** The statuses that a word stands for, in any case. */
export const statusesOfWord = (word: string): RunStatus[] =>
  (Object.keys(RUN_WORDS) as RunStatus[]).filter((status) => RUN_WORDS[status].toLowerCase() === word.toLowerCase())
