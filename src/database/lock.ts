import { randomBytes, randomUUID } from 'node:crypto'
import { link, mkdir, readFile, realpath, rename, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DataDirInUse } from './errors.ts'

/** What the lock file of a data directory says about the process that works on it. */
export interface LockHolder {
  readonly pid: number
  /** Clock ticks since boot at which the process began, which tells it from a later one with the same pid; null without /proc. */
  readonly processStart: string | null
  /** What tells the directory from a copy of it; null in a file of an earlier version. */
  readonly directory: Identity | null
  /** ISO 8601. */
  readonly since: string
  /** Where it serves, once it does. */
  readonly url: string | null
  /** A secret with which programs on this machine may ask the server for maintenance. Readable by its owner alone. */
  readonly controlKey: string
}

/** Moved, a directory keeps its number; and the path holds where a file system gives other numbers each time. A copy shares neither. */
interface Identity {
  readonly path: string
  /** Device and number. */
  readonly number: string
}

export interface DataDirLock {
  readonly holder: LockHolder
  /** Writes down where the server can be reached. */
  publish(url: string): Promise<void>
  release(): Promise<void>
}

const NAME = 'server.lock'
const OWNER_ONLY = 0o600

/** Field 22 of /proc/<pid>/stat; the command in field 2 may hold spaces and parentheses. See proc(5). */
async function processStart(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}

async function isZombie(pid: number): Promise<boolean> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')
  } catch {
    return false
  }
}

async function isAlive(holder: LockHolder): Promise<boolean> {
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  if (holder.processStart === null) return true
  const start = await processStart(holder.pid)
  return (start === null || start === holder.processStart) && !(await isZombie(holder.pid))
}

async function identityOf(directory: string): Promise<Identity> {
  const { dev, ino } = await stat(directory, { bigint: true })
  return { path: await realpath(directory), number: `${dev}:${ino}` }
}

/** Whether a live process holds this very directory: the file may have come here with a copy of another one that is in use. */
async function isHeld(holder: LockHolder, directory: string): Promise<boolean> {
  const { path, number } = await identityOf(directory)
  const isOther = holder.directory !== null && holder.directory.path !== path && holder.directory.number !== number
  return !isOther && isAlive(holder)
}

function parseIdentity(value: unknown): Identity | null {
  if (typeof value !== 'object' || value === null) return null
  const { path, number } = value as Partial<Record<keyof Identity, unknown>>
  return typeof path === 'string' && typeof number === 'string' ? { path, number } : null
}

function parseHolder(text: string): LockHolder | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return undefined
    const { pid, processStart, directory, since, url, controlKey } = value as Partial<Record<keyof LockHolder, unknown>>
    if (typeof pid !== 'number' || typeof since !== 'string' || typeof controlKey !== 'string') return undefined
    return {
      pid,
      processStart: typeof processStart === 'string' ? processStart : null,
      directory: parseIdentity(directory),
      since,
      url: typeof url === 'string' ? url : null,
      controlKey,
    }
  } catch {
    return undefined
  }
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code
const isMissing = (error: unknown): boolean => hasCode(error, 'ENOENT')

/** The live process that works on this data directory, if there is one. */
export async function dataDirHolder(dataDir: string): Promise<LockHolder | undefined> {
  const text = await readText(resolve(dataDir, NAME))
  const holder = text === undefined ? undefined : parseHolder(text)
  return holder && (await isHeld(holder, resolve(dataDir))) ? holder : undefined
}

/**
 * Makes this process the only one to work on the data directory. The file appears whole by `link`, which fails when
 * one is there; one left behind by a dead process is taken over.
 * @throws DataDirInUse when a live process holds it.
 */
export async function lockDataDir(dataDir: string): Promise<DataDirLock> {
  const directory = resolve(dataDir)
  const file = resolve(directory, NAME)
  await mkdir(directory, { recursive: true })
  let holder: LockHolder = {
    pid: process.pid,
    processStart: await processStart(process.pid),
    directory: await identityOf(directory),
    since: new Date().toISOString(),
    url: null,
    controlKey: randomBytes(32).toString('hex'),
  }
  const draft = resolve(directory, `.${NAME}.${randomUUID()}`)
  const isOurs = async (): Promise<boolean> =>
    parseHolder((await readText(file)) ?? '')?.controlKey === holder.controlKey
  await writeFile(draft, JSON.stringify(holder), { mode: OWNER_ONLY })
  try {
    await takeOver(draft, file, directory)
  } finally {
    await rm(draft, { force: true })
  }
  return {
    get holder() {
      return holder
    },
    async publish(url) {
      holder = { ...holder, url }
      await writeFile(draft, JSON.stringify(holder), { mode: OWNER_ONLY })
      await rename(draft, file)
    },
    async release() {
      if (await isOurs()) await unlink(file)
    },
  }
}

async function takeOver(draft: string, file: string, directory: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      await link(draft, file)
      return
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error
    }
    const text = await readText(file)
    if (text === undefined) continue
    const holder = parseHolder(text)
    if (holder && (await isHeld(holder, directory))) {
      throw new DataDirInUse(
        `The data directory ${directory} is in use by process ${holder.pid}, since ${holder.since}` +
          `${holder.url ? `, which serves ${holder.url}` : ''}. Stop it, or use another DATA_DIR.`,
      )
    }
    await removeStale(draft, file, directory, text)
  }
  throw new DataDirInUse(`The lock of the data directory ${directory} keeps changing hands; try again.`)
}

/**
 * Several processes may find the same stale file, and none must remove what another has just put in its place: only the one
 * that holds the guard removes, after a second look. Nobody else touches the file of a dead process meanwhile.
 */
async function removeStale(draft: string, file: string, directory: string, stale: string): Promise<void> {
  const guard = `${file}.guard`
  try {
    await link(draft, guard)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
    const owner = parseHolder((await readText(guard)) ?? '')
    if (owner && (await isHeld(owner, directory))) await sleep(20)
    else await rm(guard, { force: true }) // its owner died in the few microseconds that it takes
    return
  }
  try {
    if ((await readText(file)) === stale) await unlink(file)
  } finally {
    await unlink(guard)
  }
}
