/** Steps that wait for parquet-wasm; each is told when it panics. */
const waiting = new Set<(error: Error) => void>()

/**
 * Waits for a step of parquet-wasm.
 *
 * A damaged page can make the Rust code panic in a task of its own: the error then belongs to no promise that we hold, and
 * the step would wait for ever. It is caught as the process's uncaught exception, for as long as steps are waiting; any
 * other uncaught exception stays what it is. After a panic the WebAssembly instance is not to be used again; tables are
 * read in a process of their own, which ends then.
 *
 * @throws Error of the name RuntimeError after a panic
 */
export async function withoutPanic<T>(step: () => Promise<T>): Promise<T> {
  let reject: (error: Error) => void = () => undefined
  const panic = new Promise<never>((_resolve, fail) => {
    reject = fail
  })
  waiting.add(reject)
  if (!process.hasUncaughtExceptionCaptureCallback()) process.setUncaughtExceptionCaptureCallback(tellOfPanic)
  try {
    return await Promise.race([step(), panic])
  } finally {
    waiting.delete(reject)
    if (waiting.size === 0) process.setUncaughtExceptionCaptureCallback(null)
  }
}

function tellOfPanic(error: Error): void {
  if (error.name !== 'RuntimeError') throw error
  for (const tell of waiting) tell(error)
}
