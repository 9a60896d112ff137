import { timestamp } from 'drizzle-orm/pg-core'

/** A column that holds a time: ISO 8601 UTC in the program, millisecond precision. */
export const moment = (name: string) => timestamp(name, { withTimezone: true, mode: 'string', precision: 3 })
