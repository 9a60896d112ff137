import { usernameKey } from '../accounts/names.ts'
import { type User, verifyPassword } from '../accounts/users.ts'
import type { AppContext } from '../context.ts'
import { accountsOf } from './people.ts'

/** Where an attempt to come in comes from. */
export interface Door {
  readonly address: string
  readonly via: 'page' | 'api'
}

/**
 * Whose name and password these are; null when they do not fit. Slowed down for who guesses, and noted for administrators.
 * @throws TooManyAttempts
 */
export async function signIn(
  context: AppContext,
  { username, password }: { readonly username: string; readonly password: string },
  door: Door,
): Promise<User | null> {
  const account = { usernameKey: usernameKey(username) }
  try {
    await context.loginThrottle.attempt(username, door.address)
  } catch (error) {
    context.audit.access({ act: 'sign_in_throttled', account, ...door })
    throw error
  }
  const user = await verifyPassword(accountsOf(context), username, password)
  if (user === null) {
    context.audit.access({ act: 'sign_in_failed', account, ...door })
    return null
  }
  await context.loginThrottle.succeeded(username, door.address)
  context.audit.access({ act: 'sign_in', account: user.id, ...door })
  return user
}
