import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LogReport } from '../src/application/integrity.ts'
import { FileBlobStore } from '../src/blobs/file-blob-store.ts'
import type { Database } from '../src/database/database.ts'
import { openDatabase } from '../src/database/open.ts'
import { accepted, CATALOG } from './support/products.ts'
import { logIn, type Remote } from './support/remote.ts'
import { runProgram, type ServerProcess, startProcess } from './support/server-process.ts'

/** The program as a person runs it: one data folder, through starts, commands, damage and restarts. The tests follow each other. */
let dataDir: string
let server: ServerProcess
let password: string
let admin: Remote
let product: number

const PICTURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
const start = () => startProcess({ dataDir, env: { ADMIN_PASSWORD: '' } })
const cli = (name: string, ...args: string[]) => runProgram(`src/cli/${name}.ts`, { args, env: { DATA_DIR: dataDir } })
const shownPassword = (output: string) => /Account "admin", password "([^"]+)"/.exec(output)?.[1]

interface Report extends Pick<LogReport, 'sound' | 'blobs' | 'readModels'> {
  readonly findings: readonly { readonly kind: string; readonly sha256?: string }[]
}

async function integrity(): Promise<{ readonly code: number | null; readonly report: Report }> {
  const { code, stdout } = await cli('verify')
  return { code, report: JSON.parse(stdout) }
}

const found = ({ findings }: Report, kind: string) => findings.filter((finding) => finding.kind === kind)

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'photoz-server-'))
  server = await start()
})
afterAll(async () => {
  if (server.process.exitCode === null && server.process.signalCode === null) await server.kill()
  await rm(dataDir, { recursive: true, force: true })
})

describe('a server that runs', { timeout: 120_000 }, () => {
  it('prints a random password at its first start, which opens the account admin', async () => {
    await expect.poll(() => shownPassword(server.output())).toMatch(/^[\w-]{16,}$/)
    password = shownPassword(server.output()) ?? ''
    admin = await logIn(server.url, 'admin', password)
    expect(accepted(await admin.send('POST', '/api/logged_user/'))).toEqual({ username: 'admin', is_admin: true })
  })

  it('is live and ready', async () => {
    const live = await fetch(`${server.url}/health/live`)
    const ready = await fetch(`${server.url}/health/ready`)
    expect([live.status, ready.status]).toEqual([200, 200])
    expect(await ready.json()).toMatchObject({ status: 'ready', event_store: { kind: 'postgres', ok: true } })
  })

  it('takes an upload, through a child process that examines it', async () => {
    product = accepted(await admin.post('/api/products/', { display_name: 'Kept', product_type: 1 })).id
    expect(accepted(await admin.upload(product, 'catalog.csv', CATALOG)).n_rows).toBe(2)
    accepted(await admin.upload(product, 'notes.txt', 'hello', { role: 2 }))
    const refused = await admin.upload(product, 'picture.csv', PICTURE, { role: 0, replace: true })
    expect(refused.status).toBe(422)
  })

  it('takes filters with thousands of names, and says it in JSON when they are too long', async () => {
    const names = (count: number) => Array.from({ length: count }, (_, n) => `${n}_a_catalog_with_a_name`).join()
    const many = await admin.get(`/api/products/?internal_name__in=${names(5_000)}`)
    expect([many.status, accepted(many).count]).toEqual([200, 0])
    const most = await admin.get(`/api/products/?internal_name__in=${names(5_001)}`)
    expect([most.status, most.json.internal_name__in]).toEqual([400, ['At most 5000 values.']])
    const tooLong = await admin.get(`/api/products/?internal_name__in=${names(20_000)}`)
    expect([tooLong.status, tooLong.json.code]).toEqual([431, 'headers_too_large'])
  })

  it('has its folder for itself: a second process is refused and says why', async () => {
    const second = await start().catch((error: Error) => error.message)
    expect(second).toMatch(new RegExp(`ended with 1: .*${server.process.pid}`, 's'))
    expect(second).toContain(dataDir)
    expect(second).not.toMatch(/\n\s+at /) // a sentence, not a stack
  })

  it('rebuilds its read models while it serves, all or some', async () => {
    const some = await cli('rebuild', 'products', 'files')
    expect([some.code, some.stderr]).toEqual([0, ''])
    expect(JSON.parse(some.stdout).rebuilt.map((model: { name: string }) => model.name)).toContain('history')
    const unknown = await cli('rebuild', 'nonsense')
    expect([unknown.code, unknown.stdout]).toEqual([1, ''])
    expect(unknown.stderr).toMatch(/nonsense.*there are products/)
    expect(accepted(await admin.get(`/api/products/${product}/`)).display_name).toBe('Kept')
  })

  it('checks its integrity while it serves', async () => {
    const { code, stdout } = await cli('verify')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ sound: true, findings: [], readModels: 'compared' })
  })

  it('gives its log to another folder, where a check leaves no trace', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'photoz-copy-'))
    try {
      const [file, blobs] = [join(folder, 'log.ndjson'), join(folder, 'exported')]
      const exported = JSON.parse((await cli('export', file, '--blobs', blobs)).stdout)
      const env = { DATA_DIR: join(folder, 'data') }
      const refused = await cli('export', file, '--blobs', '/dev/null/files')
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/--blobs: ENOTDIR: .*\/dev\/null/)])
      const brought = await runProgram('src/cli/import.ts', { args: [file, '--blobs', blobs], env })
      expect(brought.code).toBe(0)
      const { code, stdout } = await runProgram('src/cli/verify.ts', { env })
      const { events, head } = JSON.parse(stdout)
      expect({ code, events, chainHead: head.chainHead }).toEqual({
        code: 0,
        events: exported.events,
        chainHead: exported.chainHead,
      })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  it('does not let anybody else ask for maintenance', async () => {
    for (const headers of [{}, { 'X-Control-Key': 'x'.repeat(64) }]) {
      expect((await fetch(`${server.url}/internal/rebuild`, { method: 'POST', headers })).status).toBe(404)
    }
    expect((await admin.send('POST', '/internal/integrity')).status).toBe(404)
  })

  it('lets a request finish when it is asked to stop, and ends with 0', async () => {
    const body = accepted(await admin.post('/api/products/', { display_name: 'Last', product_type: 7 }))
    const upload = admin.upload(body.id, 'last.bin', Buffer.alloc(5_000_000, 1), { role: 2 })
    await new Promise((resolve) => setTimeout(resolve, 30))
    const asked = performance.now()
    const [{ status }, code] = await Promise.all([upload, server.stop()])
    expect([status, code]).toEqual([201, 0])
    expect(performance.now() - asked).toBeLessThan(15_000) // not only when its patience ends
    expect((await readdir(dataDir)).includes('server.lock')).toBe(false)
  })
})

describe('a server that rests', { timeout: 120_000 }, () => {
  it('finds a flipped byte, a missing blob, an orphan, and a row that somebody edited', async () => {
    const blobs = await FileBlobStore.open(dataDir)
    const bySize = new Map<number, string>()
    for await (const { sha256, size } of blobs.list()) bySize.set(size, sha256)
    const flipped = bySize.get(CATALOG.length) ?? ''
    const missing = bySize.get('hello'.length) ?? ''
    const path = await blobs.path(flipped)
    const bytes = await readFile(path)
    bytes[20] = (bytes[20] ?? 0) ^ 1
    await chmod(path, 0o600)
    await writeFile(path, bytes)
    await rm(await blobs.path(missing))
    const orphan = await blobs.receive(chunks('nobody refers to me'))
    await orphan.keep()
    const database = await openDatabase({ dataDir })
    await database.query(`UPDATE read.products SET display_name = 'Forged' WHERE id = $1`, [product])
    await database.close()

    const { code, report } = await integrity()
    expect([code, report.sound, report.blobs.orphans]).toEqual([1, false, 1])
    expect(found(report, 'blob_changed').map(({ sha256 }) => sha256)).toEqual([flipped])
    expect(found(report, 'blob_missing').map(({ sha256 }) => sha256)).toEqual([missing])
    expect(JSON.stringify(found(report, 'read_model'))).toContain('Forged')
    expect(report.findings.filter(({ kind }) => !/^blob_|^read_model$/.test(kind))).toEqual([])
  })

  it('finds an event that somebody changed, and says which', async () => {
    const database = await openDatabase({ dataDir })
    const truth = await firstEvent(database)
    await tamper(database, { ...truth, origin: 'Elsewhere' })
    await database.close()
    const { code, report } = await integrity()
    expect([code, report.sound]).toEqual([1, false])
    expect(found(report, 'changed')).toContainEqual(
      expect.objectContaining({ stream: `product-${product}`, revision: '0' }),
    )
    const again = await openDatabase({ dataDir })
    await tamper(again, truth)
    await again.close()
  })

  it('rebuilds its read models, and mends the edited row', async () => {
    expect(await cli('rebuild')).toMatchObject({ code: 0 })
  })

  it('serves the same after a restart, and shows no password again', async () => {
    server = await start()
    expect(shownPassword(server.output())).toBeUndefined()
    admin = await logIn(server.url, 'admin', password)
    const kept = accepted(await admin.get(`/api/products/${product}/`))
    expect(kept).toMatchObject({ display_name: 'Kept', n_rows: 2, n_files: 2 })
    const { results } = accepted(await admin.get('/api/products/?ordering=id'))
    expect(results.map((each: { display_name: string }) => each.display_name)).toEqual(['Kept', 'Last'])
    const { report } = await integrity()
    expect(report.readModels).toBe('compared')
    expect(report.findings.filter(({ kind }) => !kind.startsWith('blob_'))).toEqual([]) // all but the damaged files is well
    expect(await server.stop()).toBe(0)
  })
})

describe('a bad configuration', { timeout: 120_000 }, () => {
  it('is refused with everything that is wrong, and without any value', async () => {
    const { code, stdout, stderr } = await runProgram('src/main.ts', {
      env: {
        DATA_DIR: dataDir,
        PORT: 'eighty-eight',
        UPLOAD_LIMIT: 'plenty',
        LOG_LEVEL: 'shouting',
        DATABASE_URL: 'mysql://user:secret@host/db',
        ADMIN_PASSWORD: 'short',
        PUBLIC_URL: 'example.org/path',
      },
    })
    expect([code, stdout]).toEqual([1, ''])
    for (const name of ['PORT', 'UPLOAD_LIMIT', 'LOG_LEVEL', 'DATABASE_URL', 'ADMIN_PASSWORD', 'PUBLIC_URL']) {
      expect(stderr).toContain(name)
    }
    for (const value of ['eighty', 'plenty', 'shouting', 'secret', 'short', 'example.org/path']) {
      expect(stderr).not.toContain(value)
    }
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  it('a port that is taken is said in words, and the folder is given back', async () => {
    const other = createServer()
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => resolve((other.address() as AddressInfo).port))
    })
    const { code, stderr } = await runProgram('src/main.ts', { env: { DATA_DIR: dataDir, PORT: String(port) } })
    other.close()
    expect([code, stderr]).toEqual([1, expect.stringContaining(String(port))])
    expect(stderr).not.toMatch(/\n\s+at /)
    expect((await readdir(dataDir)).includes('server.lock')).toBe(false)
  })
})

async function* chunks(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text)
}

async function firstEvent(database: Database): Promise<object> {
  const [row] = await database.query<{ data: object }>(
    'SELECT data FROM log.events WHERE stream = $1 AND revision = 0',
    [`product-${product}`],
  )
  if (row === undefined) throw new Error('The product has no first event')
  return row.data
}

/** Changes the first event of the product behind the back of the log, whose triggers refuse that. */
async function tamper(database: Database, data: object): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query(`SET LOCAL session_replication_role = 'replica'`)
    await tx.query('UPDATE log.events SET data = $2::text::jsonb WHERE stream = $1 AND revision = 0', [
      `product-${product}`,
      JSON.stringify(data),
    ])
  })
}
