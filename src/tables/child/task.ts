import { TableError } from '../table.ts'

/**
 * Heavy work that a child process does: a module that exports `run` (a `TaskFunction`), and may export `prepare`, called in
 * a child that is started ahead of its work. Arguments, results and progress
 * travel by structured clone.
 */
export interface ChildTask<Arguments, Result> {
  readonly name: string
  readonly module: URL
  /** Carries the types; never set. */
  readonly types?: (args: Arguments) => Result
}

export interface TaskContext {
  /** Tells the parent how far the work is, 0 to 1. */
  progress(fraction: number): void
  /** Tells the parent anything else, in order; arrives at `onNews`. */
  tell(news: unknown): void
}

export type TaskFunction<Arguments, Result> = (args: Arguments, context: TaskContext) => Promise<Result>

/**
 * Does a task in a child process with limits of memory and time, so that no file stops the server.
 * @throws TableError
 */
export type RunTask = <Arguments, Result>(
  task: ChildTask<Arguments, Result>,
  args: Arguments,
  options?: { readonly signal?: AbortSignal },
) => Promise<Result>

/** What a child is told: to load a task ahead of its first work, or to do it. */
export type ChildOrder =
  | { readonly do: 'prepare'; readonly module: string }
  | { readonly do: 'run'; readonly module: string; readonly args: unknown }

/** What a child says. `table` is a `TableError` taken apart, as classes do not survive the journey. */
export type ChildMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'progress'; readonly fraction: number }
  | { readonly type: 'news'; readonly news: unknown }
  | { readonly type: 'result'; readonly result: unknown; readonly residentBytes: number }
  | {
      readonly type: 'refused'
      readonly code: TableError['code']
      readonly message: string
      readonly line: number | null
    }
  | { readonly type: 'failed'; readonly message: string; readonly stack: string }

/** What a child tells of an error: refused when it is about the file or the memory, failed when nobody foresaw it. */
export function messageOfError(error: unknown): ChildMessage {
  if (error instanceof TableError) {
    return { type: 'refused', code: error.code, message: error.message, line: error.line }
  }
  const failure = error instanceof Error ? error : new Error(String(error))
  if (
    failure instanceof RangeError &&
    /allocation failed|Invalid (typed )?array (buffer )?length/i.test(failure.message)
  ) {
    return { type: 'refused', code: 'out_of_memory', message: 'The work needed more memory than there is.', line: null }
  }
  return { type: 'failed', message: failure.message, stack: failure.stack ?? '' }
}
