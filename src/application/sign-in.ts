import { usernameKey } from '../accounts/names.ts'
import { createSession } from '../accounts/sessions.ts'
import { type PasswordProof, stillHolds, verifyPassword } from '../accounts/users.ts'
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
): Promise<PasswordProof | null> {
  const account = { usernameKey: usernameKey(username) }
  try {
    await context.loginThrottle.attempt(username, door.address)
  } catch (error) {
    context.audit.access({ act: 'sign_in_throttled', account, ...door })
    throw error
  }
  const proof = await verifyPassword(accountsOf(context), username, password)
  if (proof === null) {
    context.audit.access({ act: 'sign_in_failed', account, ...door })
    return null
  }
  await context.loginThrottle.succeeded(username, door.address)
  context.audit.access({ act: 'sign_in', account: proof.user.id, ...door })
  return proof
}

/** Begins a session. @returns its secret; null when the password was changed since, which ends all sessions of the old one */
export function beginSession(context: AppContext, proof: PasswordProof): Promise<string | null> {
  const accounts = accountsOf(context)
  return context.database.transaction(async () =>
    (await stillHolds(accounts, proof)) ? createSession(accounts, proof.user.id) : null,
  )
}
