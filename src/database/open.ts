import { chmod, mkdir } from 'node:fs/promises'
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
  if (!databaseUrl) await makePrivate(folder, log)
  const driver = databaseUrl ? openPostgres(databaseUrl, poolSize, log) : await openPglite({ dataDir: folder })
  return migrated(driver, log)
}

/** PGlite makes its files so that everybody may read and write them, and they hold secrets: nobody else may come in. */
async function makePrivate(folder: string, log: (message: string) => void): Promise<void> {
  await mkdir(folder, { recursive: true })
  await chmod(folder, 0o700).catch((error: unknown) =>
    log(`Others of this machine may be able to read ${folder}: ${error}`),
  )
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
