import { execFile } from 'node:child_process'
import { chmod, chown, mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const DEBIAN = '/usr/lib/postgresql'

export interface PostgresServer {
  /** Of the database `postgres`; tests make databases of their own. */
  readonly url: string
  stop(): Promise<void>
}

/** A PostgreSQL server in a temporary folder on a free port of this machine. It refuses to run as root, so root borrows `postgres`. */
export async function startPostgres(): Promise<PostgresServer> {
  const versions = (await readdir(DEBIAN)).filter((name) => /^\d+$/.test(name)).sort((a, b) => Number(b) - Number(a))
  const [version] = versions
  if (version === undefined) throw new Error(`No PostgreSQL below ${DEBIAN}: apt-get install postgresql`)
  const bin = join(DEBIAN, version, 'bin')
  const folder = await mkdtemp(join(tmpdir(), 'photoz-postgres-'))
  const asRoot = process.getuid?.() === 0
  if (asRoot) {
    const { stdout } = await run('id', ['-u', 'postgres'])
    await chown(folder, Number(stdout), -1)
  }
  await chmod(folder, 0o700)
  const command = (program: string, ...rest: string[]) =>
    asRoot
      ? run('runuser', ['-u', 'postgres', '--', join(bin, program), ...rest], { cwd: '/' })
      : run(join(bin, program), rest, { cwd: '/' })
  const data = join(folder, 'data')
  const port = await freePort()
  await command(
    'initdb',
    '-D',
    data,
    '-U',
    'postgres',
    '--auth=trust',
    '--encoding=UTF8',
    '--locale=C.UTF-8',
    '--no-sync',
  )
  const settings = `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1 -c max_connections=200`
  await command('pg_ctl', 'start', '-w', '-D', data, '-l', join(folder, 'log'), '-o', settings)
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async stop() {
      await command('pg_ctl', 'stop', '-w', '-m', 'immediate', '-D', data)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })
}
