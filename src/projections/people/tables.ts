import { boolean, index, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core'
import { moment } from '../moment.ts'

/** What the log knows of each person: rights, groups, and how much they did. Names and passwords are in the accounts. */
export const people = pgTable(
  'people',
  {
    userId: integer('user_id').primaryKey(),
    username: text('username').notNull(),
    isMember: boolean('is_member').notNull(),
    isAdmin: boolean('is_admin').notNull(),
    groups: jsonb('groups').$type<readonly { id: number; name: string }[]>().notNull(),
    products: integer('products').notNull(),
    events: integer('events').notNull(),
    firstSeen: moment('first_seen').notNull(),
    lastSeen: moment('last_seen').notNull(),
  },
  (table) => [index('people_username').on(table.username)],
)

export type PersonRow = typeof people.$inferSelect
