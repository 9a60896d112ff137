import { afterAll, beforeAll, expect, it } from 'vitest'
import { AuditTrail } from '../../../src/audit/audit-trail.ts'
import { countDownloads, listDownloads } from '../../../src/audit/queries.ts'
import type { Database } from '../../../src/database/database.ts'
import { openDatabase } from '../../../src/database/open.ts'
import { KeptAnswers } from '../../../src/http/kept-answers.ts'
import { createLog } from '../../../src/log.ts'
import { type PostgresServer, startPostgresServer } from '../../support/postgres-server.ts'

/** What goes past the event log, on a PostgreSQL server and from several processes. */
let server: PostgresServer
let databases: readonly Database[]

beforeAll(async () => {
  server = await startPostgresServer({ fsync: 'off' })
  const databaseUrl = await server.newDatabase()
  databases = await Promise.all([1, 2].map(() => openDatabase({ dataDir: '/nowhere', databaseUrl })))
  await databases[0]?.query(
    `insert into accounts.users (username, username_key, password_hash, first_name, last_name, display_name, is_admin, created_at)
     values ('alice', 'alice', '', '', '', 'Alice', false, now())`,
  )
  // Of the read models, lists of downloads name products.
  await databases[0]?.query('create table products (id integer primary key, internal_name text, display_name text)')
})
afterAll(async () => {
  await Promise.all(databases.map((database) => database.close()))
  await server.stop()
})

const clock = () => new Date()

it('downloads of both processes are there, in order, with their people', async () => {
  const troubles: string[] = []
  const trails = databases.map(
    (database) =>
      new AuditTrail({ database, clock, downloads: 'named', onTrouble: (message) => void troubles.push(message) }),
  )
  const taken = { productId: 7, fileId: null, fileName: 'é "x".zip', sha256: '', via: 'api' } as const
  for (const [index, trail] of trails.entries()) {
    for (let n = 0; n < 1_500; n++)
      trail.download({ ...taken, part: 'everything', userId: index === 0 ? 1 : 99 }, false)
    trail.access({ act: 'sign_in_failed', account: { usernameKey: 'alice' }, address: '192.0.2.7', via: 'page' })
  }
  await Promise.all(trails.map((trail) => trail.close()))
  expect(troubles).toEqual([])
  const [database] = databases
  expect(await countDownloads(database!, { productId: 7 })).toEqual({ times: 3_000, people: 1 })
  expect(await countDownloads(database!, { usernameKey: 'alice' })).toEqual({ times: 1_500, people: 1 })
  const rows = await listDownloads(database!, { usernameKey: 'alice' }, null, 2)
  expect(rows[0]).toMatchObject({ username: 'alice', fileName: 'é "x".zip', at: expect.stringMatching(/Z$/) })
  expect(await trails[1]?.downloadCounts(7)).toEqual({ times: 3_000, people: 1 })
  expect(await database!.query('select user_id from audit.access')).toEqual([{ user_id: 1 }, { user_id: 1 }])
})

it('a request with a key is carried out by one of two processes', async () => {
  const log = createLog('silent')
  const kept = databases.map((database) => new KeptAnswers({ database, clock, log }))
  let acts = 0
  const act = async () => {
    acts += 1
    await new Promise((resolve) => setTimeout(resolve, 50))
    return Response.json({ id: 42 }, { status: 201, headers: { ETag: '"r0"' } })
  }
  const outcomes = await Promise.allSettled(kept.map((each) => each.once(1, 'key', { a: 1 }, act)))
  expect(acts).toBe(1)
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  for (const each of kept) {
    const again = await each.once(1, 'key', { a: 1 }, act)
    expect([again.status, again.headers.get('etag'), await again.json()]).toEqual([201, '"r0"', { id: 42 }])
  }
  await expect(kept[1]?.once(1, 'key', { a: 2 }, act)).rejects.toMatchObject({ code: 'key_reused' })
  expect(acts).toBe(1)
})
