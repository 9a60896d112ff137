import { randomUUID } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { isNotFound } from './directory.ts'

/** Tells this run of the program from an earlier one with the same process id (in a container it is always 1). */
const RUN = randomUUID()
const HOST = hostname().replaceAll(/[^A-Za-z0-9-]/g, '-')
const ABANDONED_AFTER = 24 * 3600 * 1000

/** `<host>.<process>.<run>.<uuid>.part`: whoever finds the file can tell whether its writer still lives. */
export const temporaryName = (): string => `${HOST}.${process.pid}.${RUN}.${randomUUID()}.part`

/**
 * Deletes what writers that are gone left behind. Files of living processes stay; those of other machines, which we
 * cannot ask, stay for a day.
 * @returns how many files were deleted
 */
export async function sweepTemporaryFiles(directory: string, now = Date.now()): Promise<number> {
  let swept = 0
  const names = await readdir(directory).catch((error: unknown) => {
    if (isNotFound(error)) return [] // nothing was ever written there
    throw error
  })
  for (const name of names) {
    const [host, pid, run] = name.split('.')
    if (!name.endsWith('.part') || run === RUN) continue
    const path = join(directory, name)
    const age = now - ((await stat(path).catch(() => null))?.mtimeMs ?? now)
    const writerIsGone = host === HOST && (Number(pid) === process.pid || !isAlive(Number(pid)))
    if (!writerIsGone && age < ABANDONED_AFTER) continue
    await rm(path, { recursive: true, force: true })
    swept += 1
  }
  return swept
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
