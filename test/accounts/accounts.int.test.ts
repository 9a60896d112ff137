import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureAdmin } from '../../src/accounts/administrator.ts'
import { addMember, createGroup, listGroups, removeMember } from '../../src/accounts/groups.ts'
import { authenticateSession, createSession, endSession } from '../../src/accounts/sessions.ts'
import { authenticateToken, issueToken, listTokens, revokeToken } from '../../src/accounts/tokens.ts'
import {
  changeUser,
  createUser,
  findUser,
  findUserByName,
  listUsers,
  setPassword,
  type User,
  verifyPassword,
} from '../../src/accounts/users.ts'
import type { Database } from '../../src/database/database.ts'
import { openMemoryDatabase } from '../support/memory-database.ts'

const PASSWORD = 'correct horse'
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

let database: Database
let now = new Date('2026-01-01T00:00:00Z')
const accounts = () => ({ database, clock: () => now })
const later = (milliseconds: number) => {
  now = new Date(now.getTime() + milliseconds)
}
let count = 0
let first: User | null = null
/** Somebody new with `PASSWORD`. Hashing it takes a while, so all share the hash of the first. */
async function person(): Promise<User> {
  count += 1
  const username = `person${count}`
  first ??= await createUser(accounts(), { username: 'first person', password: PASSWORD })
  await database.query(
    `insert into accounts.users (username, username_key, password_hash, first_name, last_name, display_name, is_admin, created_at)
     select $1, $1, password_hash, '', '', $1, false, created_at from accounts.users where id = $2`,
    [username, first.id],
  )
  const user = await findUserByName(accounts(), username)
  if (!user) throw new Error('The person was not inserted.')
  return user
}

beforeAll(async () => {
  database = await openMemoryDatabase()
})
afterAll(() => database.close())

describe('the first administrator', () => {
  it('gets a random password once, then the configured one', async () => {
    const made = await ensureAdmin(accounts(), null)
    expect(made).toMatch(/^[\w-]{20}$/)
    expect(await verifyPassword(accounts(), 'admin', made ?? '')).toMatchObject({ user: { id: 1, isAdmin: true } })
    expect(await ensureAdmin(accounts(), null)).toBeNull()
    expect(await ensureAdmin(accounts(), 'configured password')).toBeNull()
    expect(await verifyPassword(accounts(), 'admin', 'configured password')).toMatchObject({ user: { id: 1 } })
    expect(await verifyPassword(accounts(), 'admin', made ?? '')).toBeNull()
    expect((await listUsers(accounts())).filter((user) => user.isAdmin)).toHaveLength(1)
  })
})

describe('people', () => {
  it('are created with names and shown without their password', async () => {
    const user = await createUser(accounts(), {
      username: ' Vera ',
      password: PASSWORD,
      firstName: 'Vera',
      lastName: 'Rubin',
    })
    expect(user).toEqual({
      id: user.id,
      username: 'Vera',
      firstName: 'Vera',
      lastName: 'Rubin',
      displayName: 'Vera Rubin',
      isAdmin: false,
      active: true,
      createdAt: expect.stringMatching(/^2026-01-01T/),
    })
    expect(await findUser(accounts(), user.id)).toEqual(user)
    expect(await findUserByName(accounts(), 'VERA')).toEqual(user)
    expect(await findUserByName(accounts(), 'a\u0000b')).toBeNull()
    expect(await findUser(accounts(), 0)).toBeNull()
  })

  it('cannot take a name that looks like another', async () => {
    await createUser(accounts(), { username: 'Ümit', password: PASSWORD })
    for (const username of ['ümit', 'ÜMIT', 'U\u0308mit']) {
      await expect(createUser(accounts(), { username, password: PASSWORD })).rejects.toMatchObject({
        code: 'conflict',
        fields: { username: 'A user with that username already exists.' },
      })
    }
  })

  it.each([
    ['', 'username'],
    ['   ', 'username'],
    ['a\u0000b', 'username'],
    ['a\nb', 'username'],
    ['ab\u202ecd', 'username'],
    ['a\u200bb', 'username'],
    ['\ud800', 'username'],
    ['x'.repeat(151), 'username'],
    ['System', 'username'],
  ])('refuses the username %j', async (username, field) => {
    await expect(createUser(accounts(), { username, password: PASSWORD })).rejects.toMatchObject({
      code: 'invalid',
      fields: { [field]: expect.any(String) },
    })
  })

  it('need a password of at least 8 characters', async () => {
    const short = createUser(accounts(), { username: 'short', password: 'seven77' })
    await expect(short).rejects.toMatchObject({ fields: { password: 'Use at least 8 characters.' } })
  })

  it('log in with their own password alone, whatever the case of the name', async () => {
    const user = await person()
    expect(await verifyPassword(accounts(), user.username.toUpperCase(), PASSWORD)).toMatchObject({ user })
    expect(await verifyPassword(accounts(), user.username, 'correct horsf')).toBeNull()
    expect(await verifyPassword(accounts(), user.username, '')).toBeNull()
    expect(await verifyPassword(accounts(), user.username, 'x'.repeat(1_000_000))).toBeNull()
  })

  it('cannot be told from nobody by the time of a refusal', async () => {
    const user = await person()
    // Time of the processor: that of the clock says little on a busy machine.
    const time = async (name: string) => {
      const start = process.cpuUsage()
      await verifyPassword(accounts(), name, 'wrong password')
      return process.cpuUsage(start).user
    }
    await time(user.username)
    const known = Math.min(await time(user.username), await time(user.username))
    const unknown = Math.min(await time('nobody at all'), await time('nobody at all'))
    expect(unknown / known).toBeGreaterThan(0.5)
    expect(unknown / known).toBeLessThan(2)
  })

  it('change their names and password; a new password ends the sessions', async () => {
    const user = await person()
    const session = await createSession(accounts(), user.id)
    expect(await changeUser(accounts(), user.id, { displayName: 'New name' })).toMatchObject({
      displayName: 'New name',
    })
    expect(await changeUser(accounts(), user.id, {})).toMatchObject({ displayName: 'New name' })
    await setPassword(accounts(), user.id, 'another password')
    expect(await verifyPassword(accounts(), user.username, PASSWORD)).toBeNull()
    expect(await verifyPassword(accounts(), user.username, 'another password')).not.toBeNull()
    expect(await authenticateSession(accounts(), session)).toBeNull()
    await expect(setPassword(accounts(), 999_999, PASSWORD)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('can do nothing once they are not active', async () => {
    const user = await person()
    const { secret } = await issueToken(accounts(), user.id, { name: 'notebook' })
    const session = await createSession(accounts(), user.id)
    await changeUser(accounts(), user.id, { active: false })
    expect(await verifyPassword(accounts(), user.username, PASSWORD)).toBeNull()
    expect(await authenticateToken(accounts(), secret)).toBeNull()
    expect(await authenticateSession(accounts(), session)).toBeNull()
  })
})

describe('groups', () => {
  it('have members, which their identity shows', async () => {
    const user = await person()
    const second = await createGroup(accounts(), 'brazilian')
    const first = await createGroup(accounts(), 'RSP users')
    await addMember(accounts(), first.id, user.id)
    await addMember(accounts(), second.id, user.id)
    await addMember(accounts(), second.id, user.id)
    const { secret } = await issueToken(accounts(), user.id, { name: 'notebook' })
    expect((await authenticateToken(accounts(), secret))?.groupIds).toEqual([second.id, first.id])
    await removeMember(accounts(), second.id, user.id)
    expect((await authenticateToken(accounts(), secret))?.groupIds).toEqual([first.id])
    expect((await listGroups(accounts())).map((group) => group.name).sort()).toEqual(['RSP users', 'brazilian'])
  })

  it('refuse a second one of the same name, and members that do not exist', async () => {
    const group = await createGroup(accounts(), 'twins')
    await expect(createGroup(accounts(), 'twins')).rejects.toMatchObject({ code: 'conflict' })
    await expect(createGroup(accounts(), ' ')).rejects.toMatchObject({ code: 'invalid' })
    await expect(addMember(accounts(), group.id, 999_999)).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('tokens', () => {
  it('are shown once, and kept as a hash', async () => {
    const user = await person()
    const { token, secret } = await issueToken(accounts(), user.id, { name: 'notebook' })
    expect(secret).toMatch(/^pz_[\w-]{43}$/)
    expect(token).toMatchObject({ userId: user.id, name: 'notebook', prefix: secret.slice(0, 9), scope: 'write' })
    expect(JSON.stringify(await database.query('select * from accounts.tokens'))).not.toContain(secret)
    expect(await authenticateToken(accounts(), secret)).toEqual({
      userId: user.id,
      username: user.username,
      displayName: user.displayName,
      isAdmin: false,
      groupIds: [],
      proof: { kind: 'token', tokenId: token.id },
      mayWrite: true,
    })
  })

  it('may be for reading only', async () => {
    const { secret } = await issueToken(accounts(), (await person()).id, { name: 'reader', scope: 'read' })
    expect((await authenticateToken(accounts(), secret))?.mayWrite).toBe(false)
  })

  it('expire', async () => {
    const user = await person()
    const expiresAt = new Date(now.getTime() + DAY)
    const { secret } = await issueToken(accounts(), user.id, { name: 'short-lived', expiresAt })
    later(DAY - 1)
    expect(await authenticateToken(accounts(), secret)).not.toBeNull()
    later(1)
    expect(await authenticateToken(accounts(), secret)).toBeNull()
    const past = issueToken(accounts(), user.id, { name: 'late', expiresAt })
    await expect(past).rejects.toMatchObject({ code: 'invalid' })
  })

  it('are revoked by their owner alone', async () => {
    const [owner, other] = [await person(), await person()]
    const { token, secret } = await issueToken(accounts(), owner.id, { name: 'lost laptop' })
    expect(await revokeToken(accounts(), other.id, token.id)).toBe(false)
    expect(await authenticateToken(accounts(), secret)).not.toBeNull()
    expect(await revokeToken(accounts(), owner.id, token.id)).toBe(true)
    expect(await revokeToken(accounts(), owner.id, token.id)).toBe(false)
    expect(await authenticateToken(accounts(), secret)).toBeNull()
    expect((await listTokens(accounts(), owner.id))[0]?.revokedAt).not.toBeNull()
  })

  it('remember their last use, to the minute', async () => {
    const user = await person()
    const { secret } = await issueToken(accounts(), user.id, { name: 'notebook' })
    const lastUse = async () => Date.parse((await listTokens(accounts(), user.id))[0]?.lastUsedAt ?? '')
    expect(await lastUse()).toBeNaN()
    await authenticateToken(accounts(), secret)
    const first = now.getTime()
    expect(await lastUse()).toBe(first)
    later(MINUTE / 2)
    await authenticateToken(accounts(), secret)
    expect(await lastUse()).toBe(first)
    later(MINUTE)
    await authenticateToken(accounts(), secret)
    expect(await lastUse()).toBe(now.getTime())
  })

  it('are nothing when unknown', async () => {
    for (const secret of ['', 'pz_', `pz_${'A'.repeat(43)}`, "' or 1=1 --", 'x'.repeat(1_000_000)]) {
      expect(await authenticateToken(accounts(), secret)).toBeNull()
    }
  })
})

describe('sessions', () => {
  it('belong to a person until they end', async () => {
    const user = await person()
    const secret = await createSession(accounts(), user.id)
    expect(await authenticateSession(accounts(), secret)).toMatchObject({
      userId: user.id,
      proof: { kind: 'session' },
      mayWrite: true,
    })
    await endSession(accounts(), secret)
    expect(await authenticateSession(accounts(), secret)).toBeNull()
  })

  it('end after three idle days, and after two weeks at last', async () => {
    const user = await person()
    const idle = await createSession(accounts(), user.id)
    const visited = await createSession(accounts(), user.id)
    for (let day = 0; day < 13; day += 1) {
      later(DAY)
      expect(await authenticateSession(accounts(), visited)).not.toBeNull()
    }
    expect(await authenticateSession(accounts(), idle)).toBeNull()
    later(DAY)
    expect(await authenticateSession(accounts(), visited)).toBeNull()
    await createSession(accounts(), user.id)
    const left = await database.query<{ n: number }>(
      'select count(*)::int as n from accounts.sessions where user_id = $1',
      [user.id],
    )
    expect(left[0]?.n).toBe(1)
  })
})
