import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import postgres from 'postgres'

const run = promisify(execFile)

/** A PostgreSQL server of our own on a free port of this machine, in a temporary directory. */
export interface PostgresServer {
  /** `postgres://…` of a new, empty database. */
  newDatabase(): Promise<string>
  /** Stops it at once, as if it had crashed, and starts it again on the same port. */
  restart(): Promise<void>
  stop(): Promise<void>
}

async function binaries(): Promise<string> {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? (await readdir(root)).sort((a, b) => Number(b) - Number(a)) : []
  if (!versions[0]) throw new Error(`No PostgreSQL server under ${root}`)
  return join(root, versions[0], 'bin')
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('No port')
  return address.port
}

/** Needs the programs of a PostgreSQL server; as root it runs them as the user `postgres`, because they refuse root. */
export async function startPostgresServer(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
  const bin = await binaries()
  const directory = await mkdtemp(join(tmpdir(), 'photoz-postgres-'))
  let identity: { uid: number; gid: number } | Record<string, never> = {}
  if (process.getuid?.() === 0) {
    const id = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout)
    const user = { uid: await id('-u'), gid: await id('-g') }
    await chown(directory, user.uid, user.gid)
    identity = user
  }
  await chmod(directory, 0o700)
  const data = join(directory, 'data')
  const options = { ...identity, cwd: directory }
  await run(join(bin, 'initdb'), ['-D', data, '-U', 'photoz', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N'], options)
  const port = await freePort()
  const all = { listen_addresses: '127.0.0.1', port: String(port), unix_socket_directories: directory, ...settings }
  const flags = Object.entries(all).flatMap(([key, value]) => ['-c', `${key}=${value}`])
  const url = (database: string) => `postgres://photoz@127.0.0.1:${port}/${database}`

  const start = async () => {
    const server = spawn(join(bin, 'postgres'), ['-D', data, ...flags], { ...options, stdio: 'ignore' })
    const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
    for (let attempt = 0; ; attempt++) {
      const sql = postgres(url('postgres'), { max: 1, connect_timeout: 2, onnotice: () => undefined })
      try {
        await sql`select 1`
        return { server, ended }
      } catch (error) {
        if (attempt > 200 || server.exitCode !== null) throw error
        await new Promise((resolve) => setTimeout(resolve, 50))
      } finally {
        await sql.end({ timeout: 1 })
      }
    }
  }
  let running = await start()
  const halt = async () => {
    running.server.kill('SIGQUIT') // immediate shutdown
    await running.ended
  }
  return {
    async newDatabase() {
      const name = `test_${randomBytes(6).toString('hex')}`
      const sql = postgres(url('postgres'), { max: 1 })
      await sql.unsafe(`create database ${name}`)
      await sql.end()
      return url(name)
    },
    async restart() {
      await halt()
      running = await start()
    },
    async stop() {
      await halt()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
