import { createHash, randomUUID } from 'node:crypto'
import { openAsBlob } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { databaseOver } from './connect.ts'
import type { Database } from './database.ts'
import type { Driver } from './driver.ts'
import { databaseError } from './errors.ts'
import { migrate, readMigrations } from './migrate.ts'
import { openPglite } from './pglite.ts'
import { openPostgres } from './postgres.ts'

export interface OpenOptions {
  /** Where PGlite keeps its files, in a folder `pglite`. Hold the lock of the directory (`lock.ts`) before opening. */
  readonly dataDir: string
  /** `postgres://…` of a PostgreSQL server, to use it instead. */
  readonly databaseUrl?: string | undefined
  /** Connections to that server at most; those that only listen or hold a lock come on top. */
  readonly poolSize?: number | undefined
  readonly log?: ((message: string) => void) | undefined
}

/**
 * Opens the database and brings its schema up to date.
 * @throws DatabaseUnavailable when the server cannot be reached.
 * @throws IncompatibleDatabase when it was made by a newer program.
 */
export async function openDatabase({
  dataDir,
  databaseUrl,
  poolSize = 10,
  log = () => {},
}: OpenOptions): Promise<Database> {
  const folder = join(dataDir, 'pglite')
  if (!databaseUrl) await mkdir(folder, { recursive: true })
  const driver = databaseUrl ? openPostgres(databaseUrl, poolSize, log) : await openPglite({ dataDir: folder })
  return migrated(driver, log)
}

async function migrated(driver: Driver, log: (message: string) => void): Promise<Database> {
  try {
    const applied = await migrate(driver, await readMigrations())
    if (applied.length > 0) log(`Migrated the database: ${applied.join(', ')}`)
    return databaseOver(driver)
  } catch (error) {
    await driver.close()
    throw databaseError(error)
  }
}

/**
 * A new, empty, migrated database in memory, for tests. Making one from nothing takes seconds, so the first is
 * kept as a file in the temporary directory and the others are copies of it.
 */
export async function openMemoryDatabase(): Promise<Database> {
  const file = await templateFile()
  let template: Blob
  try {
    template = await openAsBlob(file)
  } catch {
    // not there yet; two processes that make it at once put the same thing in the same place
    template = await makeTemplate(file)
  }
  return databaseOver(await openPglite({ loadDataDir: template }))
}

async function templateFile(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  const hash = createHash('sha256').update(await readFile(join(entry, '../../package.json')))
  for (const migration of await readMigrations()) hash.update(`\n${migration.name} ${migration.sha256}`)
  return join(tmpdir(), `photoz-database-${hash.digest('hex').slice(0, 16)}.tar`)
}

async function makeTemplate(file: string): Promise<Blob> {
  const driver = await openPglite()
  try {
    await migrate(driver, await readMigrations())
    const dump = await driver.dump()
    const partial = `${file}.${randomUUID()}`
    try {
      await writeFile(partial, Buffer.from(await dump.arrayBuffer()))
      await rename(partial, file)
    } finally {
      await rm(partial, { force: true })
    }
    return dump
  } finally {
    await driver.close()
  }
}
