import { eq } from 'drizzle-orm'
import { AccountError } from './error.ts'
import { passwordMatches } from './passwords.ts'
import { newSecret } from './secret.ts'
import { type Accounts, users } from './tables.ts'
import { createUser, setPassword } from './users.ts'

const USERNAME = 'admin'

/**
 * Makes sure that somebody can administer the server. Without any administrator the account `admin` is created; with
 * `password` given, that is its password from now on.
 * @returns a password that was made up, to be printed once; null when none was
 */
export async function ensureAdmin(accounts: Accounts, password: string | null): Promise<string | null> {
  const known = await accounts.database.drizzle
    .select({ id: users.id, key: users.usernameKey, isAdmin: users.isAdmin, hash: users.passwordHash })
    .from(users)
    .where(eq(users.isAdmin, true))
  const admin = known.find((user) => user.key === USERNAME)
  if (admin) {
    if (password !== null && !(await passwordMatches(password, admin.hash))) {
      await setPassword(accounts, admin.id, password)
    }
    return null
  }
  if (known.length > 0 && password === null) return null
  const secret = password ?? newSecret().slice(0, 20)
  try {
    await createUser(accounts, { username: USERNAME, password: secret, displayName: 'Administrator', isAdmin: true })
  } catch (error) {
    // Another process of ours was faster at the first start.
    if (error instanceof AccountError && error.code === 'conflict') return null
    throw error
  }
  return password === null ? secret : null
}
