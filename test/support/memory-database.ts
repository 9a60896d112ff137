import { createHash, randomUUID } from 'node:crypto'
import { openAsBlob } from 'node:fs'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { databaseOver } from '../../src/database/connect.ts'
import type { Database } from '../../src/database/database.ts'
import { migrate, readMigrations } from '../../src/database/migrate.ts'
import { openPglite } from '../../src/database/pglite.ts'

/**
 * A new, empty, migrated database in memory. Making one from nothing takes seconds, so the first is
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
