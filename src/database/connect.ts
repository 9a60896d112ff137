import { AsyncLocalStorage } from 'node:async_hooks'
import { drizzle } from 'drizzle-orm/pg-proxy'
import type { Database, Sql } from './database.ts'
import type { Connection, Driver, DriverTransaction } from './driver.ts'
import { databaseError } from './errors.ts'
import { checkedParameters, forDrizzle } from './values.ts'

/** A transaction that is running, as the code called from it finds it. */
interface Scope {
  readonly connection: DriverTransaction
  /** The last savepoint asked for: they must follow one another, because they nest on one connection. */
  lastSavepoint: Promise<unknown>
  open: boolean
}

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw databaseError(error)
  }
}

const query = async <Row extends object>(connection: Connection, text: string, parameters: readonly unknown[]) =>
  translated(async () => (await connection.rows(text, checkedParameters(parameters))) as Row[])

/**
 * Makes a `Database` of a driver: one kind of error, one kind of value, and transactions that nest. What runs inside
 * `transaction` uses that transaction, also through `database.query` and `database.drizzle`; a transaction inside a
 * transaction is a savepoint.
 */
export function databaseOver(driver: Driver): Database {
  const scopes = new AsyncLocalStorage<Scope>()
  const current = (): Scope | undefined => {
    const scope = scopes.getStore()
    return scope?.open ? scope : undefined
  }

  async function inScope<T>(connection: DriverTransaction, work: (tx: Sql) => Promise<T>): Promise<T> {
    const scope: Scope = { connection, lastSavepoint: Promise.resolve(), open: true }
    const mustBeOpen = () => {
      if (!scope.open) throw new Error('This transaction is over; await everything that uses it')
    }
    const tx: Sql = {
      async query(text, parameters = []) {
        mustBeOpen()
        return query(connection, text, parameters)
      },
      ...(connection.copyIn && {
        async copyIn(statement, input) {
          mustBeOpen()
          await translated(async () => connection.copyIn?.(statement, input))
        },
      }),
    }
    try {
      return await scopes.run(scope, () => work(tx))
    } finally {
      scope.open = false
    }
  }

  async function transaction<T>(work: (tx: Sql) => Promise<T>): Promise<T> {
    const outer = current()
    if (!outer) return translated(() => driver.transaction((connection) => inScope(connection, work)))
    const savepoint = outer.lastSavepoint.then(() =>
      translated(() => outer.connection.savepoint((connection) => inScope(connection, work))),
    )
    outer.lastSavepoint = savepoint.catch(() => undefined)
    return savepoint
  }

  return {
    kind: driver.kind,
    // drizzle's own drivers for postgres.js and PGlite each change how values are parsed; this one leaves it to us
    drizzle: drizzle(async (text, parameters, method) => {
      const connection = current()?.connection ?? driver
      if (method === 'execute') return { rows: await query(connection, text, parameters) }
      return translated(async () => {
        const result = await connection.arrays(text, checkedParameters(parameters))
        return { rows: forDrizzle(result.rows, result.types) }
      })
    }),
    query: (text, parameters = []) => query(current()?.connection ?? driver, text, parameters),
    transaction,
    listen: (channel, onNotify) => translated(() => driver.listen(channel, onNotify)),
    lock: (name, mode) => translated(() => driver.lock(name, mode)),
    tryLock: (name) => translated(() => driver.tryLock(name)),
    close: () => translated(() => driver.close()),
  }
}
