import { boolean, integer, jsonb, pgSchema, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import type { Database } from '../database/database.ts'
import type { SecurityEvent } from '../domain/security/security.ts'

/** What the functions of this folder need: where people are kept, and what time it is. */
export interface Accounts {
  readonly database: Pick<Database, 'drizzle'>
  readonly clock: () => Date
}

const accounts = pgSchema('accounts')
const moment = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' })

export const users = accounts.table('users', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  username: text('username').notNull(),
  usernameKey: text('username_key').notNull(),
  passwordHash: text('password_hash').notNull(),
  firstName: text('first_name').notNull(),
  lastName: text('last_name').notNull(),
  displayName: text('display_name').notNull(),
  isAdmin: boolean('is_admin').notNull(),
  active: boolean('active').notNull().default(true),
  createdAt: moment('created_at').notNull(),
})

export const groups = accounts.table('groups', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  name: text('name').notNull(),
})

export const memberships = accounts.table(
  'memberships',
  { userId: integer('user_id').notNull(), groupId: integer('group_id').notNull() },
  (table) => [primaryKey({ columns: [table.userId, table.groupId] })],
)

export const tokens = accounts.table('tokens', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  userId: integer('user_id').notNull(),
  name: text('name').notNull(),
  prefix: text('prefix').notNull(),
  sha256: text('sha256').notNull(),
  scope: text('scope', { enum: ['read', 'write'] }).notNull(),
  createdAt: moment('created_at').notNull(),
  expiresAt: moment('expires_at'),
  lastUsedAt: moment('last_used_at'),
  revokedAt: moment('revoked_at'),
})

export const sessions = accounts.table('sessions', {
  sha256: text('sha256').primaryKey(),
  userId: integer('user_id').notNull(),
  createdAt: moment('created_at').notNull(),
  expiresAt: moment('expires_at').notNull(),
  lastSeenAt: moment('last_seen_at').notNull(),
})

export const unrecordedActs = accounts.table('unrecorded_acts', {
  number: integer('number').primaryKey().generatedAlwaysAsIdentity(),
  stream: text('stream').notNull(),
  commandId: uuid('command_id').notNull(),
  correlationId: text('correlation_id').notNull(),
  byId: integer('by_id').notNull(),
  byUsername: text('by_username').notNull(),
  at: moment('at').notNull(),
  events: jsonb('events').$type<readonly SecurityEvent[]>().notNull(),
})
