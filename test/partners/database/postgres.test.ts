import { execFile } from 'node:child_process'
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CopyFailed, DatabaseUnavailable, IncompatibleDatabase, sqlState } from '../../../src/database/errors.ts'
import { openDatabase } from '../../../src/database/open.ts'
import { databaseContract } from '../../database/contract.ts'
import { type PostgresServer, startPostgresServer } from '../../support/postgres-server.ts'

const run = promisify(execFile)
let server: PostgresServer
beforeAll(async () => {
  server = await startPostgresServer({ fsync: 'off' })
})
afterAll(() => server.stop())

const open = async (url?: string) =>
  openDatabase({ dataDir: '/nowhere', databaseUrl: url ?? (await server.newDatabase()) })

databaseContract(open)

describe('a PostgreSQL server', () => {
  it('is migrated once by many processes', async () => {
    const url = await server.newDatabase()
    const databases = await Promise.all(Array.from({ length: 4 }, () => open(url)))
    const [first] = databases
    expect(await first!.query('select number from public.migrations where number = 0')).toHaveLength(1)
    await Promise.all(databases.map((database) => database.close()))
  })

  it('may go away and come back', async () => {
    const database = await open()
    const heard: string[] = []
    await database.listen('news', (payload) => heard.push(payload))
    const lock = await database.tryLock('held')
    const lost = new Promise<void>((resolve) => lock?.lost.addEventListener('abort', () => resolve()))
    const interrupted = database.transaction(async (tx) => {
      await tx.query('select 1')
      await server.restart()
      await tx.query('select 1')
    })
    await expect(interrupted).rejects.toBeInstanceOf(DatabaseUnavailable)
    await lost
    await expect
      .poll(async () => database.query('select 1 as one').catch(() => 'not yet'), { timeout: 10_000 })
      .toEqual([{ one: 1 }])
    // told once that something may have been missed, then hears again
    await expect.poll(() => heard, { timeout: 10_000 }).toEqual([''])
    await database.query(`select pg_notify('news', 'fresh')`)
    await expect.poll(() => heard).toEqual(['', 'fresh'])
    await database.close()
  })

  it('sees one session for all of a process that share a lock at the same time', async () => {
    const database = await open(await server.newDatabase())
    const locks = await Promise.all(Array.from({ length: 50 }, () => database.lock('shared', 'shared')))
    const held = async () => {
      const [row] = await database.query<{ n: number }>(
        `select count(*)::integer as n from pg_locks where locktype = 'advisory'
           and database = (select oid from pg_database where datname = current_database())`,
      )
      return row?.n
    }
    expect(await held()).toBe(1)
    for (const lock of locks.slice(1)) await lock.release()
    expect(await held()).toBe(1)
    await locks[0]?.release()
    await expect.poll(held).toBe(0)
    await (await database.lock('shared', 'exclusive')).release()
    await database.close()
  })

  it('may end single sessions', async () => {
    const url = await server.newDatabase()
    const database = await open(url)
    const heard: string[] = []
    await database.listen('news', (payload) => heard.push(payload))
    const admin = postgres(url, { max: 1 })
    await database.query('select 1')
    await admin`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'photoz' and datname = current_database()`
    await expect.poll(() => heard, { timeout: 10_000 }).toEqual([''])
    await expect
      .poll(async () => database.query('select 1 as one').catch(() => 'not yet'), { timeout: 5_000 })
      .toEqual([{ one: 1 }])
    await admin.end()
    await database.close()
  })

  it('is asked for bytes in one form, whatever its own settings', async () => {
    const url = await server.newDatabase()
    const admin = postgres(url, { max: 1 })
    await admin.unsafe(`alter database ${admin.options.database} set bytea_output = 'escape'`)
    await admin.end()
    const database = await open(url)
    expect(await database.query(`select '\\x00ff5c41'::bytea as bytes`)).toEqual([
      { bytes: new Uint8Array([0x00, 0xff, 0x5c, 0x41]) },
    ])
    await database.close()
  })

  it('is refused when it cannot hold every text', async () => {
    const url = await server.newDatabase()
    const admin = postgres(url, { max: 1 })
    await admin.unsafe(
      `create database ${admin.options.database}_latin encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0`,
    )
    await admin.end()
    const refused = open(`${url}_latin`)
    await expect(refused).rejects.toBeInstanceOf(IncompatibleDatabase)
    await expect(refused).rejects.toThrow('LATIN1')
  })

  it('is written to as soon as it is no longer read-only, also by sessions that began when it was', async () => {
    const url = await server.newDatabase()
    const database = await open(url)
    await database.query('create table read.notes (number integer)')
    const admin = postgres(url, { max: 1 })
    const mayWrite = async (may: boolean) => {
      await admin`begin read write`
      await admin.unsafe(`alter role photoz set default_transaction_read_only = ${may ? 'off' : 'on'}`)
      await admin`commit`
    }
    try {
      await mayWrite(false)
      await admin`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'photoz' and datname = current_database()`
      const write = () => database.query('insert into notes values (1)').then(() => 'written', sqlState)
      await expect.poll(write, { timeout: 5_000 }).toBe('25006')
    } finally {
      await mayWrite(true)
      await admin.end()
    }
    const inTransaction = database.transaction((tx) => tx.query('insert into notes values (2)'))
    expect(await inTransaction).toEqual([])
    await database.close()
  })

  it('says when a COPY failed, early or late, and works on', async () => {
    const database = await open()
    await database.query('create table read.copied (number integer primary key, label text)')
    const lines = Array.from({ length: 50_000 }, (_, i) => `${i}\tlabel ${i}\n`)
    const copied = (input: string) =>
      database.transaction(async (tx) => {
        const copy = tx.copyIn?.('copy copied from stdin', input)
        const beside = tx.query('select count(*) from copied')
        await Promise.all([copy, beside])
      })
    for (const bad of [`x\n${lines.join('')}`, `${lines.join('')}7\tagain\n`, '1\t2\t3\n'])
      await expect(copied(bad)).rejects.toBeInstanceOf(CopyFailed)
    expect(await database.query('select count(*) from copied')).toEqual([{ count: '0' }])
    await copied(lines.join(''))
    expect(await database.query('select count(*), max(label) from copied')).toEqual([
      { count: '50000', max: 'label 9999' },
    ])
    await database.close()
  })

  it('says so when it goes away within a COPY', async () => {
    const database = await open()
    await database.query('create table read.copied (number integer primary key, label text)')
    const input = Array.from({ length: 500_000 }, (_, i) => `${i}\tlabel ${i}\n`).join('')
    const interrupted = database.transaction(async (tx) => {
      await tx.query('select 1')
      await Promise.all([tx.copyIn?.('copy copied from stdin', input), server.restart()])
    })
    await expect(interrupted).rejects.toBeInstanceOf(DatabaseUnavailable)
    await expect
      .poll(async () => database.query('select count(*) from copied').catch(() => 'not yet'), { timeout: 10_000 })
      .toEqual([{ count: '0' }])
    await database.close()
  })

  it('is spoken to through TLS, and then without COPY', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'photoz-tls-'))
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
    const subject = ['-subj', '/CN=localhost', '-days', '2']
    await run('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      ...subject,
      '-keyout',
      key,
      '-out',
      certificate,
    ])
    // The server reads its key as the user that it runs as.
    await chmod(folder, 0o755)
    await chmod(key, 0o600)
    if (process.getuid?.() === 0) await chown(key, Number((await run('id', ['-u', 'postgres'])).stdout), 0)
    const secure = await startPostgresServer({
      fsync: 'off',
      ssl: 'on',
      ssl_cert_file: certificate,
      ssl_key_file: key,
    })
    const database = await open(`${await secure.newDatabase()}?sslmode=require`)
    await database.transaction(async (tx) => {
      expect(await tx.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()')).toEqual([{ ssl: true }])
      expect(tx.copyIn).toBeUndefined()
    })
    await database.close()
    await secure.stop()
    await rm(folder, { recursive: true })
  })

  it('says when there is no server', async () => {
    await expect(open('postgres://photoz@127.0.0.1:1/none')).rejects.toBeInstanceOf(DatabaseUnavailable)
  })
})
