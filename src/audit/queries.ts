import type { Sql } from '../database/database.ts'
import type { DownloadPart } from './downloads.ts'

/** What lists of downloads are narrowed to; everything given must hold. */
export interface DownloadFilter {
  readonly productId?: number
  /** A username, in any case. */
  readonly usernameKey?: string
  /** ISO 8601; both included. */
  readonly since?: string
  readonly until?: string
}

export interface ListedDownload {
  /** Decimal string. */
  readonly id: string
  readonly at: string
  readonly productId: number
  /** Null when the read models do not know the product (yet). */
  readonly internalName: string | null
  readonly displayName: string | null
  readonly part: DownloadPart
  readonly fileId: number | null
  readonly fileName: string
  /** Null: nobody in particular. */
  readonly username: string | null
  readonly personName: string | null
  readonly via: 'page' | 'api'
}

function conditions({ productId, usernameKey, since, until }: DownloadFilter): { where: string; values: unknown[] } {
  const values: unknown[] = []
  const told = (sql: string, value: unknown): string[] =>
    value === undefined ? [] : [sql.replace('?', `$${values.push(value)}`)]
  const parts = [
    ...told('d.product_id = ?', productId),
    ...told('u.username_key = ?', usernameKey),
    ...told('d.at >= ?::timestamptz', since),
    ...told('d.at <= ?::timestamptz', until),
  ]
  return { where: parts.length === 0 ? 'true' : parts.join(' and '), values }
}

/** Downloads that fit, newest first, at most `limit`: of those older than the one with the id `before`. */
export async function listDownloads(
  db: Sql,
  filter: DownloadFilter,
  before: string | null,
  limit: number,
  offset = 0,
): Promise<ListedDownload[]> {
  const { where, values } = conditions(filter)
  return db.query<ListedDownload>(
    `select d.id::text as id, d.at, d.product_id as "productId", p.internal_name as "internalName",
       p.display_name as "displayName", d.part, d.file_id as "fileId", d.file_name as "fileName",
       u.username, u.display_name as "personName", d.via
     from audit.downloads d left join accounts.users u on u.id = d.user_id left join products p on p.id = d.product_id
     where ${where} ${before === null ? '' : `and d.id < $${values.push(before)}::bigint`}
     order by d.id desc limit $${values.push(limit)} offset $${values.push(offset)}`,
    values,
  )
}

/** How many downloads fit, and of how many people who are named. */
export async function countDownloads(db: Sql, filter: DownloadFilter): Promise<{ times: number; people: number }> {
  const { where, values } = conditions(filter)
  const [row] = await db.query<{ times: string; people: string }>(
    `select count(*) as times, count(distinct d.user_id) as people
     from audit.downloads d left join accounts.users u on u.id = d.user_id where ${where}`,
    values,
  )
  return { times: Number(row?.times ?? 0), people: Number(row?.people ?? 0) }
}

export interface SecurityActFilter {
  /** Types of events of the log, or acts at the door. */
  readonly act?: string
  /** Whoever did it or had it done to them: a username, in any case. */
  readonly usernameKey?: string
  readonly since?: string
  readonly until?: string
}

/** Something that changed, used or tried what a person may do. */
export interface SecurityAct {
  /** Where it stands in the list: newest first, by time and then by this. */
  readonly key: string
  readonly at: string
  readonly act: string
  /** Who did it; null: nobody whom we know. */
  readonly by: string | null
  /** Whose account it is about; null: none of ours. */
  readonly account: string | null
  readonly address: string | null
  readonly via: string | null
  /** Position in the log, when it is an event. */
  readonly position: string | null
  readonly data: Readonly<Record<string, unknown>> | null
}

/** A place in the list of security acts. */
export interface SecurityPlace {
  readonly at: string
  readonly key: string
}

/**
 * Acts that fit, newest first, at most `limit`, of those after a place in the list: events of the log (roles, tokens, groups)
 * and what happened at the door (sign-ins, failures, new passwords), which the log does not hold.
 */
export async function listSecurityActs(
  db: Sql,
  { act, usernameKey, since, until }: SecurityActFilter,
  after: SecurityPlace | null,
  limit: number,
): Promise<SecurityAct[]> {
  const values: unknown[] = []
  const told = (sql: string, value: unknown): string[] =>
    value === undefined ? [] : [sql.replaceAll('?', `$${values.push(value)}`)]
  const both = [
    ...told('act = ?', act),
    ...told('(by_key = ? or account_key = ?)', usernameKey),
    ...told('at >= ?::timestamptz', since),
    ...told('at <= ?::timestamptz', until),
    ...(after === null
      ? []
      : [`(at, key) < ($${values.push(after.at)}::timestamptz, $${values.push(after.key)}::text)`]),
  ]
  return db.query<SecurityAct>(
    `select key, at, act, by_name as by, account, address, via, position, data from (
       select 'log-' || h.position as key, h.at, h.type as act, h.actor as by_name, h.data->>'username' as account,
         lower(h.actor) as by_key, lower(h.data->>'username') as account_key, null as address, null as via, h.position, h.data
       from history h where h.stream like 'security-%'
       union all
       select 'door-' || lpad(a.id::text, 20, '0'), a.at, a.act, b.username, u.username, b.username_key, u.username_key,
         a.address, a.via, null, null
       from audit.access a left join accounts.users u on u.id = a.user_id
         -- whoever failed to come in is nobody whom we know
         left join accounts.users b on b.id = case when a.act in ('sign_in', 'password_changed') then a.user_id else a.by_id end
     ) acts
     ${both.length === 0 ? '' : `where ${both.join(' and ')}`}
     order by at desc, key desc limit $${values.push(limit)}`,
    values,
  )
}
