/** What a driver must do; `connect.ts` makes a `Database` of it. Errors pass through `databaseError` there. */
export interface Connection {
  /** One statement; rows as objects. */
  rows(text: string, parameters: unknown[]): Promise<object[]>
  /** One statement; rows as arrays, with the type id of each column. */
  arrays(text: string, parameters: unknown[]): Promise<{ rows: unknown[][]; types: number[] }>
  /** Several statements without parameters. */
  script(text: string): Promise<void>
}

export interface DriverTransaction extends Connection {
  /**
   * A `COPY … FROM STDIN` statement and its input, where the driver has it.
   * @throws CopyFailed without the cause, which postgres.js does not tell
   */
  copyIn?(statement: string, input: string): Promise<void>
  /** Runs `work` behind a savepoint: what it did is undone when it throws. */
  savepoint<T>(work: (connection: DriverTransaction) => Promise<T>): Promise<T>
}

export interface Driver extends Connection {
  readonly kind: 'pglite' | 'postgres'
  transaction<T>(work: (connection: DriverTransaction) => Promise<T>): Promise<T>
  listen(channel: string, onNotify: (payload: string) => void): Promise<() => Promise<void>>
  tryLock(name: string): Promise<HeldLock | undefined>
  lock(name: string, mode: LockMode): Promise<HeldLock>
  close(): Promise<void>
}

/** Held by many at a time, or by one alone. */
export type LockMode = 'shared' | 'exclusive'

/** A lock of this session: free again after `release`, or when the process or its connection dies. */
export interface HeldLock {
  /** Aborts when the lock is gone although nobody released it. */
  readonly lost: AbortSignal
  release(): Promise<void>
}
