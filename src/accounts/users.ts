import { and, asc, eq } from 'drizzle-orm'
import { AccountError } from './error.ts'
import { checkedName, checkedUsername, usernameKey } from './names.ts'
import { checkPassword, hashPassword, passwordMatches } from './passwords.ts'
import { type Accounts, sessions, users } from './tables.ts'

/** A person as others may see them. */
export interface User {
  readonly id: number
  readonly username: string
  readonly firstName: string
  readonly lastName: string
  readonly displayName: string
  readonly isAdmin: boolean
  readonly active: boolean
  readonly createdAt: string
}

export interface NewUser {
  readonly username: string
  readonly password: string
  readonly firstName?: string
  readonly lastName?: string
  /** First and last name, or the username, when it is not given. */
  readonly displayName?: string
  readonly isAdmin?: boolean
}

const PUBLIC = {
  id: users.id,
  username: users.username,
  firstName: users.firstName,
  lastName: users.lastName,
  displayName: users.displayName,
  isAdmin: users.isAdmin,
  active: users.active,
  createdAt: users.createdAt,
}

/** @throws AccountError when a value is impossible, or the username is taken in any case */
export async function createUser({ database, clock }: Accounts, person: NewUser): Promise<User> {
  const username = checkedUsername(person.username)
  checkPassword(person.password)
  const firstName = checkedName('first_name', person.firstName ?? '')
  const lastName = checkedName('last_name', person.lastName ?? '')
  const displayName = checkedName('display_name', person.displayName ?? '') || `${firstName} ${lastName}`.trim()
  const created = await database.drizzle
    .insert(users)
    .values({
      username,
      usernameKey: usernameKey(username),
      passwordHash: await hashPassword(person.password),
      firstName,
      lastName,
      displayName: displayName || username,
      isAdmin: person.isAdmin ?? false,
      createdAt: clock().toISOString(),
    })
    .onConflictDoNothing()
    .returning(PUBLIC)
  if (!created[0]) {
    const taken = 'A user with that username already exists.'
    throw new AccountError('conflict', taken, { username: taken })
  }
  return created[0]
}

/** Whose password was given, and what tells later whether it still is theirs. */
export interface PasswordProof {
  readonly user: User
  readonly passwordHash: string
}

/** The account, when the password is its own and it is active. Takes the same time for unknown names. */
export async function verifyPassword(
  { database }: Accounts,
  username: string,
  password: string,
): Promise<PasswordProof | null> {
  const [found] = await database.drizzle
    .select({ ...PUBLIC, passwordHash: users.passwordHash })
    .from(users)
    .where(eq(users.usernameKey, storable(usernameKey(username))))
  const matches = await passwordMatches(password, found?.passwordHash ?? null)
  if (!found || !matches || !found.active) return null
  const { passwordHash, ...user } = found
  return { user, passwordHash }
}

/**
 * Whether the password that was right is still the person's. To be asked in the transaction that gives something for it: hashing
 * takes a while, and who sets a new password in between ends only what is there by then. The row stays as it is until its end.
 */
export async function stillHolds({ database }: Accounts, { user, passwordHash }: PasswordProof): Promise<boolean> {
  const [found] = await database.drizzle
    .select({ passwordHash: users.passwordHash })
    .from(users)
    .where(and(eq(users.id, user.id), users.active))
    .for('share')
  return found?.passwordHash === passwordHash
}

export async function findUser({ database }: Accounts, id: number): Promise<User | null> {
  const [user] = await database.drizzle.select(PUBLIC).from(users).where(eq(users.id, id))
  return user ?? null
}

export async function findUserByName({ database }: Accounts, username: string): Promise<User | null> {
  const key = storable(usernameKey(username))
  const [user] = await database.drizzle.select(PUBLIC).from(users).where(eq(users.usernameKey, key))
  return user ?? null
}

/** Everybody, in order of username. */
export function listUsers({ database }: Accounts): Promise<User[]> {
  return database.drizzle.select(PUBLIC).from(users).orderBy(asc(users.usernameKey))
}

export interface UserChanges {
  readonly firstName?: string
  readonly lastName?: string
  readonly displayName?: string
  readonly isAdmin?: boolean
  /** A person who is not active cannot log in, and their tokens and sessions do nothing. */
  readonly active?: boolean
}

/** @throws AccountError */
export async function changeUser({ database }: Accounts, id: number, changes: UserChanges): Promise<User> {
  const { firstName, lastName, displayName, isAdmin, active } = changes
  const values = {
    ...(firstName !== undefined && { firstName: checkedName('first_name', firstName) }),
    ...(lastName !== undefined && { lastName: checkedName('last_name', lastName) }),
    ...(displayName !== undefined && { displayName: checkedName('display_name', displayName) }),
    ...(isAdmin !== undefined && { isAdmin }),
    ...(active !== undefined && { active }),
  }
  const unchanged = Object.keys(values).length === 0
  const changed = unchanged
    ? await database.drizzle.select(PUBLIC).from(users).where(eq(users.id, id))
    : await database.drizzle.update(users).set(values).where(eq(users.id, id)).returning(PUBLIC)
  return required(changed[0])
}

/** Sets a new password and ends all sessions of the person; their tokens stay. @throws AccountError */
export async function setPassword({ database }: Accounts, id: number, password: string): Promise<void> {
  checkPassword(password)
  const passwordHash = await hashPassword(password)
  const changed = await database.drizzle
    .update(users)
    .set({ passwordHash })
    .where(eq(users.id, id))
    .returning({ id: users.id })
  required(changed[0])
  await database.drizzle.delete(sessions).where(eq(sessions.userId, id))
}

function required<T>(row: T | undefined): T {
  if (row === undefined) throw new AccountError('not_found', 'There is no such user.')
  return row
}

/** PostgreSQL refuses U+0000, and no name has one. */
const storable = (text: string): string => text.replaceAll('\u0000', '\ufffd')
