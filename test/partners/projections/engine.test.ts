import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase } from '../../../src/database/open.ts'
import { PostgresEventLog } from '../../../src/eventstore/postgres/event-log.ts'
import { ProjectionEngine } from '../../../src/projections/engine.ts'
import { engineContract } from '../../projections/contract.ts'
import { appendMany, linesProjection, registry, totalsProjection } from '../../projections/samples.ts'
import { type PostgresServer, startPostgresServer } from '../../support/postgres-server.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgresServer({ fsync: 'off' })
})
afterAll(() => server.stop())

const open = async (url?: string) =>
  openDatabase({ dataDir: '/nowhere', databaseUrl: url ?? (await server.newDatabase()) })

engineContract(() => open())

describe('the engine with the log in PostgreSQL', () => {
  it('serves on while another process rebuilds, is killed, and rebuilds again', async () => {
    const url = await server.newDatabase()
    const database = await open(url)
    const store = new PostgresEventLog(database)
    const engine = new ProjectionEngine({
      database,
      store,
      registry,
      projections: [totalsProjection(), linesProjection()],
      pollMs: 100,
    })
    const abort = new AbortController()
    await engine.start(abort.signal)
    expect(await engine.waitFor(await appendMany(store, 2_000), 20_000)).toBe(true)
    const oid = async () => (await database.query<{ oid: number }>(`SELECT 'read.lines'::regclass::oid AS oid`))[0]?.oid
    const before = await oid()

    const rebuilder = (batchSize: number) =>
      spawn(
        process.execPath,
        ['--import', 'tsx', fileURLToPath(new URL('./rebuild-process.ts', import.meta.url)), url, String(batchSize)],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      )
    const doomed = rebuilder(5)
    await once(doomed.stdout, 'data')
    doomed.kill('SIGKILL')
    await once(doomed, 'exit')
    expect(await oid()).toBe(before)

    const second = rebuilder(200)
    let finished = false
    second.stdout.resume()
    const exit = once(second, 'exit').finally(() => {
      finished = true
    })
    for (let i = 0; !finished; i++) {
      const position = await appendMany(store, 5, `during ${i} `)
      expect(await engine.waitFor(position, 10_000)).toBe(true)
    }
    expect((await exit)[0]).toBe(0)
    expect(await oid()).not.toBe(before)
    const position = await appendMany(store, 50, 'after ')
    expect(await engine.waitFor(position, 10_000)).toBe(true)
    expect(await engine.compareWithLog()).toEqual([])
    expect(engine.ready).toBe(true)
    abort.abort()
    await engine.stopped()
    await store.close()
    await database.close()
  })

  it('goes on after the server crashed', async () => {
    const database = await open()
    const store = new PostgresEventLog(database)
    const engine = new ProjectionEngine({
      database,
      store,
      registry,
      projections: [totalsProjection(), linesProjection()],
    })
    const abort = new AbortController()
    await engine.start(abort.signal)
    await appendMany(store, 500)
    await server.restart()
    const append = () => appendMany(store, 100, 'later ').catch(() => '')
    await expect.poll(append, { timeout: 20_000, interval: 200 }).not.toBe('')
    expect(await engine.waitFor(await store.head(), 20_000)).toBe(true)
    expect(await engine.compareWithLog()).toEqual([])
    abort.abort()
    await engine.stopped()
    await store.close()
    await database.close()
  })
})
