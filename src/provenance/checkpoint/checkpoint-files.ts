import { randomUUID } from 'node:crypto'
import { link, mkdir, open, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { SignedCheckpoint } from './checkpoint.ts'

const NAME = /^\d{16}\.json$/
const nameOf = (size: number): string => `${String(size).padStart(16, '0')}.json`

/** Checkpoints in `<data>/checkpoints`, one file for each size of the log; a file is never written again. */
export class CheckpointFiles {
  readonly #folder: string

  constructor(dataDir: string) {
    this.#folder = join(dataDir, 'checkpoints')
  }

  /** All that can be read, in order of size, and what is wrong with the others. */
  async readable(): Promise<{ readonly checkpoints: SignedCheckpoint[]; readonly damaged: string[] }> {
    const checkpoints: SignedCheckpoint[] = []
    const damaged: string[] = []
    for (const outcome of await Promise.allSettled((await this.#names()).map((name) => this.#read(name)))) {
      if (outcome.status === 'fulfilled') checkpoints.push(outcome.value)
      else damaged.push(outcome.reason instanceof Error ? outcome.reason.message : String(outcome.reason))
    }
    return { checkpoints, damaged }
  }

  async last(): Promise<SignedCheckpoint | null> {
    const name = (await this.#names()).at(-1)
    return name === undefined ? null : this.#read(name)
  }

  async of(size: number): Promise<SignedCheckpoint | null> {
    const name = nameOf(size)
    return (await this.#names()).includes(name) ? this.#read(name) : null
  }

  /** Keeps it, unless there is one of this size already, which then is the answer. */
  async keep(signed: SignedCheckpoint): Promise<SignedCheckpoint> {
    await mkdir(this.#folder, { recursive: true })
    const partial = join(this.#folder, `${randomUUID()}.part`)
    const handle = await open(partial, 'wx')
    try {
      await handle.writeFile(`${JSON.stringify(signed, null, 2)}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
    const name = nameOf(signed.checkpoint.size)
    try {
      await link(partial, join(this.#folder, name))
      return signed
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      return await this.#read(name)
    } finally {
      await rm(partial, { force: true })
    }
  }

  async #names(): Promise<string[]> {
    const names = await readdir(this.#folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    return names.filter((name) => NAME.test(name)).sort()
  }

  async #read(name: string): Promise<SignedCheckpoint> {
    const path = join(this.#folder, name)
    try {
      return parseCheckpoint(await readFile(path, 'utf8'))
    } catch (error) {
      throw new Error(`${path} is not a checkpoint: ${error instanceof Error ? error.message : error}`)
    }
  }
}

/** @throws Error when the text does not have the form of a signed checkpoint; the signature is for others to check. */
export function parseCheckpoint(text: string): SignedCheckpoint {
  const value: unknown = JSON.parse(text)
  if (!isSignedCheckpoint(value)) throw new Error('it does not have the members of one')
  return value
}

function isSignedCheckpoint(value: unknown): value is SignedCheckpoint {
  if (typeof value !== 'object' || value === null || !('checkpoint' in value)) return false
  const { checkpoint } = value
  if (typeof checkpoint !== 'object' || checkpoint === null) return false
  const texts = ['position', 'chainHead', 'root', 'time'] as const
  const members: Readonly<Record<string, unknown>> = { ...checkpoint }
  const { key, signature }: Readonly<Record<string, unknown>> = { ...value }
  return (
    members.format === 'photoz-checkpoint' &&
    Number.isSafeInteger(members.size) &&
    texts.every((name) => typeof members[name] === 'string') &&
    typeof key === 'string' &&
    typeof signature === 'string'
  )
}
