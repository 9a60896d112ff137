import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { listTokens } from '../../../src/accounts/tokens.ts'
import { findUser } from '../../../src/accounts/users.ts'
import { accountsOf, changePerson, createPerson, endToken, makeToken } from '../../../src/application/people.ts'
import { recordActs } from '../../../src/application/security-acts.ts'
import { readConfig } from '../../../src/config.ts'
import type { AppContext } from '../../../src/context.ts'
import { START } from '../../../src/eventstore/port.ts'
import { createLog } from '../../../src/log.ts'
import { openContext } from '../../../src/server.ts'
import { type PostgresServer, startPostgresServer } from '../../support/postgres-server.ts'
import { unreliable } from '../../support/unreliable-store.ts'

/** Two servers that share a PostgreSQL database change the same people. */
let postgres: PostgresServer
let folder: string
let servers: readonly AppContext[]
const steps: (() => unknown)[] = []
const request = { actor: { userId: 9, username: 'root', isAdmin: true, groupIds: [] }, correlationId: 'a test' }

beforeAll(async () => {
  postgres = await startPostgresServer({ fsync: 'off' })
  folder = await mkdtemp(join(tmpdir(), 'photoz-people-'))
  const databaseUrl = await postgres.newDatabase()
  const open = (name: string) => {
    const env = { DATA_DIR: join(folder, name), DATABASE_URL: databaseUrl, LOG_LEVEL: 'silent' }
    const { config, secrets } = readConfig(env)
    const teardown = { add: (step: () => unknown) => void steps.unshift(step) }
    return openContext(config, secrets, createLog('silent'), () => new Date(), teardown)
  }
  servers = [await open('one'), await open('two')]
})
afterAll(async () => {
  for (const step of steps) await step()
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
})

it('tells the log of every act once, in the order in which they were done', async () => {
  const [one, two] = [servers[0]!, servers[1]!]
  const { id } = await createPerson(one, request, { username: 'ada', password: 'long enough', groups: [] })
  const ada = { ...request, actor: { userId: id, username: 'ada', isAdmin: false, groupIds: [] } }
  // What was left by a server whose event store was away.
  const down = { ...one, store: unreliable(one.store, () => 'down') }
  await expect(changePerson(down, request, id, { isAdmin: true })).rejects.toThrow('not now')
  await Promise.all(
    servers.flatMap((server) =>
      Array.from({ length: 8 }, async (_, n) => {
        await changePerson(server, request, id, { isAdmin: n % 2 === 0 })
        const { token } = await makeToken(server, ada, { name: `${n}` })
        await endToken(server, ada, token.id)
        await recordActs(server)
      }),
    ),
  )
  const acts = []
  for await (const { type, data, stream } of two.store.readAll(START))
    if (stream === `security-${id}`) acts.push({ type, data })

  const roles = acts.filter(({ data }) => data.role === 'admin').map(({ type }) => type)
  // Each act changed something, so they alternate; the last one says what is.
  expect(roles).toEqual(roles.map((_, n) => (n % 2 === 0 ? 'RoleGranted' : 'RoleRevoked')))
  expect(roles.at(-1)).toBe((await findUser(accountsOf(one), id))?.isAdmin ? 'RoleGranted' : 'RoleRevoked')
  const tokens = (await listTokens(accountsOf(one), id)).map((token) => token.id)
  expect(tokens).toHaveLength(16)
  for (const tokenId of tokens) {
    const types = acts.filter(({ data }) => data.tokenId === tokenId).map(({ type }) => type)
    expect(types).toEqual(['TokenIssued', 'TokenRevoked'])
  }
  expect(await one.database.query('select * from accounts.unrecorded_acts')).toEqual([])
})
