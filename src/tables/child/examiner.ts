import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryName } from '../../blobs/temporary-files.ts'
import type { Examination, Examine } from '../examine.ts'
import { DEFAULT_LIMITS } from '../table.ts'
import { ChildPool } from './child-pool.ts'
import type { ExamineArguments } from './examine-task.ts'
import type { ChildTask, RunTask } from './task.ts'

/** Named by its address alone, so that the server does not load the readers of tables itself. */
const EXAMINE: ChildTask<ExamineArguments, Examination> = {
  name: 'examine',
  module: new URL('./examine-task.ts', import.meta.url),
}

export interface ExaminerOptions {
  /** Where tables are written that come out of archives; swept at start like all temporary files. */
  readonly workDir: string
  /** Most memory and time of one examination: bytes, milliseconds. */
  readonly memoryBytes: number
  readonly timeMs: number
}

/** Examines uploaded files, and does other work on files, in child processes, two at a time. */
export class Examiner {
  readonly #pool: ChildPool
  readonly #workDir: string

  constructor({ workDir, memoryBytes, timeMs }: ExaminerOptions) {
    this.#workDir = workDir
    this.#pool = new ChildPool({ size: 2, memoryBytes, timeMs })
    this.#pool.warm(EXAMINE)
  }

  readonly examine: Examine = async (source, { signal }): Promise<Examination> => {
    const unpackTo = join(this.#workDir, temporaryName())
    try {
      return await this.#pool.run(EXAMINE, { source, limits: DEFAULT_LIMITS, unpackTo }, { signal })
    } catch (error) {
      await rm(unpackTo, { force: true })
      throw error
    }
  }

  readonly runTask: RunTask = (task, args, { signal } = {}) => this.#pool.run(task, args, { signal })

  close(): Promise<void> {
    return this.#pool.close()
  }
}
