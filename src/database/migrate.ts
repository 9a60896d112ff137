import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { Connection, Driver } from './driver.ts'
import { IncompatibleDatabase } from './errors.ts'
import { advisoryKey } from './names.ts'

export interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
  readonly sha256: string
}

const FOLDER = new URL('./migrations/', import.meta.url)

/** The migrations of this program, in order. */
export async function readMigrations(folder: URL = FOLDER): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}_\w+\.sql$/.test(name)).sort()
  const migrations = await Promise.all(
    names.map(async (name) => {
      const sql = await readFile(new URL(name, folder), 'utf8')
      return { number: Number(name.slice(0, 4)), name, sql, sha256: createHash('sha256').update(sql).digest('hex') }
    }),
  )
  const twice = migrations.find((migration, index) => migrations[index - 1]?.number === migration.number)
  if (twice) throw new Error(`Two migrations have the number ${twice.number}, one is ${twice.name}`)
  return migrations
}

async function pending(connection: Connection, migrations: readonly Migration[]): Promise<Migration[]> {
  const applied = (await connection.rows('SELECT number, name, sha256 FROM public.migrations ORDER BY number', [])) as {
    number: number
    name: string
    sha256: string
  }[]
  for (const row of applied) {
    const ours = migrations.find((migration) => migration.number === row.number)
    if (!ours)
      throw new IncompatibleDatabase(
        `The database has the migration ${row.name}, which this program does not know: it was made by a newer version. ` +
          'Start that version, or use another database.',
      )
    if (ours.sha256 !== row.sha256)
      throw new IncompatibleDatabase(
        `The migration ${ours.name} is not the one that was applied to this database as ${row.name}. ` +
          'Migrations never change once applied: restore the file and add a new one.',
      )
  }
  const done = new Set(applied.map((row) => row.number))
  return migrations.filter((migration) => !done.has(migration.number))
}

/** SQL_ASCII takes what it is given; other encodings lack characters, and what has them would be refused later, one by one. */
async function requireAnyText(connection: Connection): Promise<void> {
  const [row] = await connection.rows(`SELECT current_setting('server_encoding') AS encoding`, [])
  const encoding = row && 'encoding' in row ? String(row.encoding) : ''
  if (encoding === 'UTF8' || encoding === 'SQL_ASCII') return
  throw new IncompatibleDatabase(
    `The database has the encoding ${encoding}, which cannot hold every text. Make one with: ` +
      `CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0.`,
  )
}

/**
 * Brings the database to the schema of this program: all migrations that are missing, in order, in one transaction, one
 * process at a time. Returns the names of those it ran.
 * @throws IncompatibleDatabase when the database is newer than the program, when an applied migration has changed since, or when
 * there are texts that it cannot hold.
 */
export async function migrate(driver: Driver, migrations: readonly Migration[]): Promise<string[]> {
  return driver.transaction(async (tx) => {
    await requireAnyText(tx)
    await tx.script(`SELECT pg_advisory_xact_lock(${advisoryKey('migrate')})`)
    await tx.script(
      `CREATE TABLE IF NOT EXISTS public.migrations (
         number integer PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
    )
    const missing = await pending(tx, migrations)
    for (const { number, name, sql, sha256 } of missing) {
      await tx.script(sql)
      await tx.rows('INSERT INTO public.migrations (number, name, sha256) VALUES ($1, $2, $3)', [number, name, sha256])
    }
    return missing.map((migration) => migration.name)
  })
}
