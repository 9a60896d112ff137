import { sql } from 'drizzle-orm'
import { memberships, users } from './tables.ts'

/** Who makes a request, and how they showed it. */
export interface Identity {
  readonly userId: number
  readonly username: string
  readonly displayName: string
  readonly isAdmin: boolean
  /** Ids of the groups that open releases, in order. */
  readonly groupIds: readonly number[]
  readonly proof: { readonly kind: 'token'; readonly tokenId: number } | { readonly kind: 'session' }
  /** False for a token that may only read. */
  readonly mayWrite: boolean
}

/** The columns of an identity, groups included, for a query on `accounts.users`. */
export const IDENTITY = {
  userId: users.id,
  username: users.username,
  displayName: users.displayName,
  isAdmin: users.isAdmin,
  groupIds: sql<number[]>`(
    select coalesce(jsonb_agg(m.group_id order by m.group_id), '[]') from ${memberships} m where m.user_id = ${users.id}
  )`,
}
