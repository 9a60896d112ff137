import { ensureAdmin } from '../accounts/administrator.ts'
import {
  addMember,
  createGroup,
  deleteGroup,
  type Group,
  listGroups,
  listMemberships,
  removeMember,
} from '../accounts/groups.ts'
import type { Accounts } from '../accounts/tables.ts'
import { issueToken, listTokens, revokeToken, revokeTokens, type Scope, type Token } from '../accounts/tokens.ts'
import {
  changeUser,
  createUser,
  findUser,
  findUserByName,
  listUsers,
  type NewUser,
  setPassword,
  stillHolds,
  type User,
  verifyPassword,
} from '../accounts/users.ts'
import type { AppContext } from '../context.ts'
import { type Person, personOf } from '../domain/actor.ts'
import { forbidden, invalidField, notFound } from '../domain/error.ts'
import type { SecurityEvent } from '../domain/security/security.ts'
import type { Request } from './command.ts'
import { changeAccounts, perform, tryToRecordActs } from './security-acts.ts'

/** What happens to accounts, with its trace in the log. */
export const accountsOf = (context: AppContext): Accounts => ({ database: context.database, clock: context.clock })

const subject = (user: { readonly id: number; readonly username: string }): Person => ({
  userId: user.id,
  username: user.username,
})

/** Makes an account. @throws AccountError, DomainError */
export async function createPerson(
  context: AppContext,
  request: Request,
  person: NewUser & { readonly groups: readonly string[] },
): Promise<User> {
  if (!request.actor.isAdmin) throw forbidden()
  const groupNames = checkedGroupNames(person.groups)
  return perform(context, request, async (note) => {
    const user = await createUser(accountsOf(context), person)
    const groups = await joinGroups(context, user.id, groupNames)
    await note(user.id, [
      { type: 'RoleGranted', data: { ...subject(user), role: 'member' } },
      ...(user.isAdmin ? [{ type: 'RoleGranted', data: { ...subject(user), role: 'admin' } } as const] : []),
      ...(groups.length > 0 ? [{ type: 'GroupMembershipChanged', data: { ...subject(user), groups } } as const] : []),
    ])
    return user
  })
}

/** Changes what a person may do. */
export async function changePerson(
  context: AppContext,
  request: Request,
  id: number,
  changes: {
    readonly isAdmin?: boolean
    readonly active?: boolean
    readonly firstName?: string
    readonly lastName?: string
    readonly displayName?: string
    readonly groups?: readonly string[]
  },
): Promise<User> {
  if (!request.actor.isAdmin) throw forbidden()
  const { groups: wanted, ...facts } = changes
  if (id === request.actor.userId && (facts.isAdmin === false || facts.active === false)) {
    throw invalidField('is_admin', 'You cannot take away your own rights; another administrator can.')
  }
  const groupNames = wanted === undefined ? null : checkedGroupNames(wanted)
  return perform(context, request, async (note) => {
    const before = await findUser(accountsOf(context), id)
    if (before === null) throw notFound()
    const user = await changeUser(accountsOf(context), id, facts)
    const acts: SecurityEvent[] = []
    if (user.isAdmin !== before.isAdmin) {
      acts.push({ type: user.isAdmin ? 'RoleGranted' : 'RoleRevoked', data: { ...subject(user), role: 'admin' } })
    }
    if (user.active !== before.active) {
      acts.push({ type: user.active ? 'RoleGranted' : 'RoleRevoked', data: { ...subject(user), role: 'member' } })
    }
    if (groupNames !== null) {
      const groups = await joinGroups(context, id, groupNames)
      acts.push({ type: 'GroupMembershipChanged', data: { ...subject(user), groups } })
    }
    await note(id, acts)
    return user
  })
}

function checkedGroupNames(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => name.trim()))].map((name) => {
    if (name === '' || name.length > 150) throw invalidField('groups', 'Names of groups have 1 to 150 characters.')
    return name
  })
}

/** Makes the person a member of exactly these groups; unknown ones are created. */
async function joinGroups(context: AppContext, userId: number, names: readonly string[]): Promise<Group[]> {
  const accounts = accountsOf(context)
  const known = await listGroups(accounts)
  const wanted: Group[] = []
  for (const name of names) {
    wanted.push(known.find((group) => group.name === name) ?? (await createGroup(accounts, name)))
  }
  for (const group of wanted) await addMember(accounts, group.id, userId)
  for (const group of known) {
    if (!wanted.some((each) => each.id === group.id)) await removeMember(accounts, group.id, userId)
  }
  return wanted.map(({ id, name }) => ({ id, name }))
}

/** How one wants to be called. Not in the log: names must be erasable. @throws AccountError */
export async function changeOwnName(context: AppContext, request: Request, displayName: string): Promise<void> {
  if (displayName.trim() === '') throw invalidField('display_name', 'This field may not be blank.')
  await changeUser(accountsOf(context), request.actor.userId, { displayName })
}

/** A new password, and what becomes of the tokens that the old one may have given out. */
export interface NewPassword {
  readonly password: string
  readonly revokeTokens: boolean
}

/**
 * Sets one's own password and ends all of one's sessions, also the one of this request.
 * @param address where the request comes from, for administrators
 * @returns how many tokens were revoked
 * @throws DomainError when the current password is not right, AccountError when the new one will not do, TooManyRequests
 */
export async function changeOwnPassword(
  context: AppContext,
  request: Request,
  current: string,
  next: NewPassword,
  address: string | null = null,
): Promise<number> {
  const { userId, username } = request.actor
  await context.limits.spend('password', userId)
  const wrong = () => invalidField('current_password', 'This is not your current password.')
  const proof = await verifyPassword(accountsOf(context), username, current)
  if (proof === null) throw wrong()
  const revoked = await givePassword(context, request, request.actor, next, async () => {
    if (!(await stillHolds(accountsOf(context), proof))) throw wrong()
  })
  context.audit.access({ act: 'password_changed', account: userId, address, via: 'page' })
  return revoked
}

/** Gives a person a new password, which ends their sessions. @returns how many of their tokens were revoked */
export async function resetPassword(
  context: AppContext,
  request: Request,
  id: number,
  next: NewPassword,
): Promise<number> {
  if (!request.actor.isAdmin) throw forbidden()
  await context.limits.spend('password', request.actor.userId)
  const user = await findUser(accountsOf(context), id)
  if (user === null) throw notFound()
  const revoked = await givePassword(context, request, subject(user), next)
  const byId = request.actor.userId
  context.audit.access({ act: 'password_set', account: id, byId, address: null, via: 'page' })
  return revoked
}

async function givePassword(
  context: AppContext,
  request: Request,
  { userId, username }: Person,
  { password, revokeTokens: alsoTokens }: NewPassword,
  allow = async () => {},
): Promise<number> {
  const revoked = await changeAccounts(context, request, async (note) => {
    await allow()
    await setPassword(accountsOf(context), userId, password)
    const ended = alsoTokens ? await revokeTokens(accountsOf(context), userId) : []
    await note(
      userId,
      ended.map((token) => revocation({ userId, username }, token)),
    )
    return ended.length
  })
  // The password is changed, whether or not the log can tell of the tokens now: "try again" would be the wrong answer.
  if (revoked > 0) await tryToRecordActs(context)
  return revoked
}

const revocation = (person: Person, { id, name }: Pick<Token, 'id' | 'name'>): SecurityEvent => ({
  type: 'TokenRevoked',
  data: { ...person, tokenId: id, name },
})

/** Makes a group. */
export async function addGroup(context: AppContext, request: Request, name: string): Promise<Group> {
  if (!request.actor.isAdmin) throw forbidden()
  const [checked = ''] = checkedGroupNames([name])
  return createGroup(accountsOf(context), checked)
}

/** Removes a group. A release that was open to it stays closed to all others: numbers of groups are never given again. */
export async function removeGroup(context: AppContext, request: Request, name: string): Promise<void> {
  if (!request.actor.isAdmin) throw forbidden()
  const accounts = accountsOf(context)
  await perform(context, request, async (note) => {
    const group = (await listGroups(accounts)).find((each) => each.name === name)
    if (group === undefined) throw notFound()
    const memberships = await listMemberships(accounts)
    await deleteGroup(accounts, group.id)
    for (const user of await listUsers(accounts)) {
      const before = memberships.filter(({ userId }) => userId === user.id).map((each) => each.group)
      if (!before.some(({ id }) => id === group.id)) continue
      const groups = before.filter(({ id }) => id !== group.id)
      await note(user.id, [{ type: 'GroupMembershipChanged', data: { ...subject(user), groups } }])
    }
  })
}

/**
 * Makes an API token for oneself; its secret is in the answer and nowhere else.
 * @param allow throws when it must not be made after all; asked in the transaction that makes it
 */
export async function makeToken(
  context: AppContext,
  request: Request,
  wish: { readonly name: string; readonly scope?: Scope; readonly expiresAt?: Date | null },
  allow = async () => {},
): Promise<{ readonly token: Token; readonly secret: string }> {
  await context.limits.spend('token', request.actor.userId)
  return perform(context, request, async (note) => {
    await allow()
    const made = await issueToken(accountsOf(context), request.actor.userId, wish)
    const { id: tokenId, name, scope, expiresAt } = made.token
    const data = { ...personOf(request.actor), tokenId, name, scopes: [scope], expiresAt }
    await note(request.actor.userId, [{ type: 'TokenIssued', data }])
    return made
  })
}

/** Ends one of one's own tokens. */
export async function endToken(context: AppContext, request: Request, tokenId: number): Promise<void> {
  const { userId } = request.actor
  await perform(context, request, async (note) => {
    const token = (await listTokens(accountsOf(context), userId)).find((each) => each.id === tokenId)
    if (token === undefined) throw notFound()
    if (!(await revokeToken(accountsOf(context), userId, tokenId))) return
    await note(userId, [revocation(personOf(request.actor), token)])
  })
}

/**
 * Sees to it that there is an administrator, whose making the log tells when it can: a server starts without its event store.
 * @returns a password that was made up, to be printed once; null when none was
 */
export function ensureAdministrator(
  context: AppContext,
  request: Request,
  password: string | null,
): Promise<string | null> {
  const accounts = accountsOf(context)
  const roles = ['member', 'admin'] as const
  return changeAccounts(context, request, async (note) => {
    const before = await findUserByName(accounts, 'admin')
    const made = await ensureAdmin(accounts, password)
    const admin = await findUserByName(accounts, 'admin')
    if (before === null && admin !== null) {
      await note(
        admin.id,
        roles.map((role) => ({ type: 'RoleGranted', data: { ...subject(admin), role } })),
      )
    }
    return made
  })
}
