import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listGroups, listMemberships } from '../../src/accounts/groups.ts'
import { findUserByName, verifyPassword } from '../../src/accounts/users.ts'
import { accountsOf, addGroup, ensureAdministrator, resetPassword } from '../../src/application/people.ts'
import { recordActs, SecurityKeeper } from '../../src/application/security-acts.ts'
import { SYSTEM } from '../../src/domain/actor.ts'
import { type RecordedEvent, START } from '../../src/eventstore/port.ts'
import { type Client, type TestApp, testApp } from '../support/app.ts'
import { accepted } from '../support/products.ts'
import { type Trouble, unreliable } from '../support/unreliable-store.ts'

let app: TestApp
let admin: Client
let alice: Client
let trouble: Trouble = 'none'

beforeEach(async () => {
  trouble = 'none'
  app = await testApp({ adjust: (context) => ({ ...context, store: unreliable(context.store, () => trouble) }) })
  admin = app.as('admin')
  alice = app.as('alice')
})
afterEach(() => app.close())

async function securityEvents(): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = []
  for await (const event of app.context.store.readAll(START)) {
    if (event.stream.startsWith('security-')) events.push(event)
  }
  return events
}
const told = async () => (await securityEvents()).map(({ stream, type }) => [stream, type])
const patchPerson = (id: number, fields: object) => admin.patchJson(`/api/users/${id}/`, fields)

describe('a security act', () => {
  it('is recorded as soon as the event store is back: a token revoked', async () => {
    const { id } = accepted(await alice.post('/api/tokens/', { name: 'laptop' }))
    trouble = 'down'
    expect((await alice.delete(`/api/tokens/${id}/`)).status).toBe(503)
    expect((await alice.delete(`/api/tokens/${id}/`)).status).toBe(503)
    trouble = 'none'
    expect((await alice.delete(`/api/tokens/${id}/`)).status).toBe(204)
    expect(await told()).toEqual([
      ['security-2', 'TokenIssued'],
      ['security-2', 'TokenRevoked'],
    ])
  })

  it('keeps its time, its actor and its request until then, and its place among the others', async () => {
    trouble = 'down'
    expect((await patchPerson(3, { is_admin: true })).status).toBe(503)
    expect((await patchPerson(3, { is_admin: true })).status).toBe(503)
    const at = app.context.clock().toISOString()
    expect((await patchPerson(3, { is_admin: false, groups: ['readers'] })).status).toBe(503)
    trouble = 'none'
    accepted(await alice.post('/api/tokens/', { name: 'laptop' }))
    expect(await told()).toEqual([
      ['security-3', 'RoleGranted'],
      ['security-3', 'RoleRevoked'],
      ['security-3', 'GroupMembershipChanged'],
      ['security-2', 'TokenIssued'],
    ])
    const [granted] = await securityEvents()
    expect(granted?.metadata).toMatchObject({
      actor: { userId: 1, username: 'admin' },
      at: expect.stringMatching(/^2026-/),
      $correlationId: expect.stringMatching(/^[\w-]{36}$/),
    })
    expect(String(granted?.metadata.at) < at).toBe(true)
  })

  it('is recorded once, when the event store wrote it and did not say so', async () => {
    trouble = 'writes and does not say so'
    expect((await patchPerson(3, { active: false })).status).toBe(503)
    trouble = 'none'
    accepted(await patchPerson(3, { active: false }))
    expect(await told()).toEqual([['security-3', 'RoleRevoked']])
  })

  it('is recorded once, however many acts and servers record at a time', async () => {
    trouble = 'down'
    expect((await patchPerson(3, { is_admin: true })).status).toBe(503)
    trouble = 'none'
    const made = await Promise.all(Array.from({ length: 12 }, (_, n) => alice.post('/api/tokens/', { name: `t${n}` })))
    expect(made.map(({ status }) => status)).toEqual(Array(12).fill(201))
    const types = (await told()).map(([, type]) => type)
    expect(types[0]).toBe('RoleGranted')
    expect(types.slice(1)).toEqual(Array(12).fill('TokenIssued'))
    const ids = (await securityEvents()).slice(1).map(({ data }) => Number(data.tokenId))
    expect(ids).toEqual(ids.toSorted((a, b) => a - b))
  })

  it('is recorded by a running server without anybody asking', async () => {
    trouble = 'down'
    const keeper = await SecurityKeeper.start(app.context, 20)
    expect((await patchPerson(3, { is_admin: true })).status).toBe(503)
    await expect.poll(() => app.logged()).toContain('the log does not have all security acts yet')
    trouble = 'none'
    await expect.poll(told).toEqual([['security-3', 'RoleGranted']])
    await keeper.close()
  })

  it('does not keep a password from being changed: its tokens are on record later', async () => {
    accepted(await alice.post('/api/tokens/', { name: 'laptop' }))
    trouble = 'down'
    const next = { password: 'another password', revokeTokens: true }
    expect(await resetPassword(app.context, admin.request, 2, next)).toBe(2)
    expect(app.logged()).toContain('the log does not have all security acts yet')
    trouble = 'none'
    await recordActs(app.context)
    const revoked = (await securityEvents()).filter(({ type }) => type === 'TokenRevoked')
    expect(revoked.map(({ data }) => data.name)).toEqual(['test', 'laptop'])
  })

  it('makes an account with its groups, or nothing at all', async () => {
    const carol = { username: 'carol', password: 'long enough', groups: ['readers', 'x'.repeat(200)] }
    expect((await admin.post('/api/users/', carol)).status).toBe(400)
    const bad = { ...carol, groups: ['readers', 'no\u0000name'] }
    expect((await admin.post('/api/users/', bad)).status).toBe(400)
    expect(await findUserByName(accountsOf(app.context), 'carol')).toBeNull()
    expect(await listGroups(accountsOf(app.context))).toEqual([])
    trouble = 'down'
    expect((await admin.post('/api/users/', { ...carol, groups: ['readers'] })).status).toBe(503)
    trouble = 'none'
    expect((await admin.post('/api/users/', { ...carol, groups: ['readers'] })).status).toBe(409)
    expect(await told()).toEqual([])
    accepted(await alice.post('/api/tokens/', { name: 'laptop' }))
    expect(await told()).toEqual([
      ['security-4', 'RoleGranted'],
      ['security-4', 'GroupMembershipChanged'],
      ['security-2', 'TokenIssued'],
    ])
  })

  it('tells of each member that a group is gone', async () => {
    accepted(await patchPerson(2, { groups: ['readers', 'insiders'] }))
    accepted(await patchPerson(3, { groups: ['readers'] }))
    await addGroup(app.context, admin.request, 'empty')
    trouble = 'down'
    const form = { headers: { Accept: 'text/html' }, body: new URLSearchParams({ name: 'readers' }) }
    expect((await admin.send('POST', '/admin/groups/delete', form)).status).toBe(503)
    trouble = 'none'
    expect((await admin.send('POST', '/admin/groups/delete', form)).status).toBe(404)
    expect(await listMemberships(accountsOf(app.context))).toHaveLength(1)
    accepted(await alice.post('/api/tokens/', { name: 'laptop' }))
    const changes = (await securityEvents()).slice(2, 4)
    expect(changes.map(({ stream, data }) => [stream, data.groups])).toEqual([
      ['security-2', [expect.objectContaining({ name: 'insiders' })]],
      ['security-3', []],
    ])
  })
})

describe('the first administrator', () => {
  it('is on record although the event store was down at the first start', async () => {
    const { database } = app.context
    await database.query('delete from accounts.users')
    trouble = 'down'
    const request = { actor: SYSTEM, correlationId: app.context.newId() }
    const password = await ensureAdministrator(app.context, request, null)
    const made = await verifyPassword(accountsOf(app.context), 'admin', password ?? '')
    expect(made).toMatchObject({ user: { isAdmin: true } })
    await (await SecurityKeeper.start(app.context)).close()
    expect(await told()).toEqual([])
    trouble = 'none'
    expect(await ensureAdministrator(app.context, request, null)).toBeNull()
    await (await SecurityKeeper.start(app.context)).close()
    expect(await told()).toEqual(Array(2).fill([`security-${made?.user.id}`, 'RoleGranted']))
  })
})
