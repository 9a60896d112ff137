import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sql } from '../database/database.ts'

/** Bytes of the key, and of what it signs with (HMAC-SHA-256). */
const LENGTH = 32

/**
 * The secret that signs links to downloads and feeds, made at the first start. It is in the database and not in the folder of a
 * server: people are sent to any of the servers that share it, and a feed reader keeps its address for years.
 * @param dataDir where earlier versions kept it; what they signed stays good
 */
export async function loadLinkKey(database: Sql, dataDir: string): Promise<Uint8Array> {
  const kept = await readKey(database)
  if (kept !== null) return kept
  await database.query('insert into accounts.link_key (key) values ($1) on conflict do nothing', [
    (await earlierKey(dataDir)) ?? randomBytes(LENGTH),
  ])
  const made = await readKey(database) // another server's, when it was faster
  if (made === null) throw new Error('The database did not keep the key of links')
  return made
}

async function readKey(database: Sql): Promise<Uint8Array | null> {
  const [row] = await database.query<{ key: Uint8Array }>('select key from accounts.link_key where one')
  return row?.key ?? null
}

async function earlierKey(dataDir: string): Promise<Uint8Array | null> {
  const key = await readFile(join(dataDir, 'download.key')).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  return key !== null && key.length === LENGTH ? key : null
}
