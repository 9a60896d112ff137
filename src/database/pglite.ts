import { PGlite, type Transaction } from '@electric-sql/pglite'
import type { Connection, Driver, DriverTransaction, HeldLock } from './driver.ts'
import { quoteIdentifier } from './names.ts'
import { ProcessLocks } from './process-locks.ts'
import { parsers, serializers } from './values.ts'

type Client = Pick<Transaction, 'query' | 'exec'>

function connection(client: Client): Connection {
  return {
    async rows(text, parameters) {
      return (await client.query<object>(text, parameters)).rows
    },
    async arrays(text, parameters) {
      const result = await client.query<unknown[]>(text, parameters, { rowMode: 'array' })
      return { rows: result.rows, types: result.fields.map((field) => field.dataTypeID) }
    },
    async script(text) {
      await client.exec(text)
    },
  }
}

function transaction(client: Client, depth: number): DriverTransaction {
  return {
    ...connection(client),
    async savepoint(work) {
      const name = `level_${depth}`
      await client.exec(`SAVEPOINT ${name}`)
      try {
        const result = await work(transaction(client, depth + 1))
        await client.exec(`RELEASE SAVEPOINT ${name}`)
        return result
      } catch (error) {
        await client.exec(`ROLLBACK TO SAVEPOINT ${name}`)
        throw error
      }
    },
  }
}

/** A PGlite driver that can also be copied: `dump` gives the data directory as a tar file for `loadDataDir`. */
export interface PgliteDriver extends Driver {
  dump(): Promise<Blob>
}

/**
 * PGlite: PostgreSQL inside this process, one session. Its transactions queue, so they are safe under concurrency; a
 * long statement blocks the event loop, so keep them short. It runs without fsync.
 */
export async function openPglite(options: { dataDir?: string; loadDataDir?: Blob } = {}): Promise<PgliteDriver> {
  const client = await PGlite.create({ ...options, parsers, serializers })
  await client.exec(`SET search_path = read, public; SET timezone = 'UTC'; SET datestyle = 'ISO, MDY'`)
  // No autovacuum runs in here: without this the planner would know nothing of the tables. 0.4 s after 100,000 events.
  if (options.dataDir !== undefined) await client.exec('ANALYZE')
  const held = new Set<string>()
  const locks = new ProcessLocks()
  return {
    kind: 'pglite',
    ...connection(client),
    transaction: (work) => client.transaction((tx) => work(transaction(tx, 1))),
    async listen(channel, onNotify) {
      // PGlite 0.5.16 does not find a callback again when its channel needed quotes, so we stop it ourselves
      let listening = true
      const stop = await client.listen(quoteIdentifier(channel), (payload) => {
        if (listening) onNotify(payload)
      })
      return async () => {
        listening = false
        await stop()
      }
    },
    // one process and one session: the names held here are all there are
    async tryLock(name): Promise<HeldLock | undefined> {
      if (held.has(name)) return undefined
      held.add(name)
      return { lost: new AbortController().signal, release: async () => void held.delete(name) }
    },
    lock: (name, mode) => locks.take(name, mode),
    dump: async () => client.dumpDataDir('none'),
    async close() {
      if (client.closed) return
      await client.exec('CHECKPOINT')
      await client.close()
    },
  }
}
