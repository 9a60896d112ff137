import type { Sql } from '../database/database.ts'
import { Recent } from './recent.ts'
import type { WriteBuffer } from './write-buffer.ts'

/** What happens at the door: successes, failures and refusals, and new passwords by the person or by an administrator. */
export const ACCESS_ACTS = [
  'sign_in',
  'sign_in_failed',
  'sign_in_throttled',
  'password_changed',
  'password_set',
] as const
export type AccessAct = (typeof ACCESS_ACTS)[number]

export interface Access {
  readonly act: AccessAct
  /** Whose account: by its number, or by the key of the name that was typed, which is not kept when nobody has it. */
  readonly account: number | { readonly usernameKey: string }
  /** Who did it, when it was not that person. */
  readonly byId?: number
  readonly address: string | null
  readonly via: 'page' | 'api'
}

export interface AccessRow {
  readonly act: AccessAct
  readonly userId: number | null
  readonly usernameKey: string | null
  readonly byId: number | null
  readonly address: string | null
  readonly via: 'page' | 'api'
  readonly at: string
}

const HOUR = 3_600_000
const LONGEST_KEY = 150
/** Addresses are personal data: what happened longer ago is of no use to find out who is at the door. */
export const ACCESS_KEPT_DAYS = 180

/** Notes what happens at the door. Refusals of the same guesser are noted once an hour, so that nobody can fill the disk. */
export class AccessNotes {
  readonly #recent = new Recent({ milliseconds: HOUR, most: 20_000 })

  constructor(private readonly options: { readonly clock: () => Date; readonly buffer: WriteBuffer<AccessRow> }) {}

  note({ act, account, byId, address, via }: Access): void {
    const now = this.options.clock()
    const isId = typeof account === 'number'
    const row: AccessRow = {
      act,
      userId: isId ? account : null,
      // PostgreSQL refuses U+0000, and no name has one.
      usernameKey: isId ? null : account.usernameKey.slice(0, LONGEST_KEY).replaceAll('\u0000', ''),
      byId: byId ?? null,
      address,
      via,
      at: now.toISOString(),
    }
    if (act === 'sign_in_throttled') {
      const key = JSON.stringify([row.usernameKey, address])
      if (this.#recent.has(key, now)) return
      this.#recent.note(key, now)
    }
    this.options.buffer.add(row)
  }
}

/** Writes them, and forgets those that are too old. */
export async function writeAccess(database: Sql, rows: readonly AccessRow[], now: Date): Promise<void> {
  await database.query(
    `insert into audit.access (act, user_id, by_id, address, via, at)
     select r.act, u.id, b.id, r.address, r.via, r.at
     from json_to_recordset($1::text::json) as r(act text, "userId" integer, "usernameKey" text, "byId" integer,
       address text, via text, at timestamptz, place integer)
     left join accounts.users u on u.id = r."userId" or u.username_key = r."usernameKey"
     left join accounts.users b on b.id = r."byId" order by r.place`,
    [JSON.stringify(rows.map((row, place) => ({ ...row, place })))],
  )
  const oldest = new Date(now.getTime() - ACCESS_KEPT_DAYS * 24 * HOUR).toISOString()
  await database.query('delete from audit.access where at < $1::timestamptz', [oldest])
}
