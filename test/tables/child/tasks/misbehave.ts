import type { TaskFunction } from '../../../../src/tables/child/task.ts'
import { TableError } from '../../../../src/tables/table.ts'

export type Misdeed =
  | 'grow'
  | 'growHeap'
  | 'spin'
  | 'crash'
  | 'kill'
  | 'throw'
  | 'refuse'
  | 'pid'
  | 'prepared'
  | 'environment'

let isPrepared = false

export function prepare(): void {
  isPrepared = true
}

/** A task of the tests: does what a child must not. */
export const run: TaskFunction<Misdeed, unknown> = async (misdeed, { progress }) => {
  progress(0.5)
  switch (misdeed) {
    case 'grow': {
      const held: Uint8Array[] = []
      for (;;) {
        held.push(new Uint8Array(16 << 20).fill(1))
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    }
    case 'growHeap': {
      const held: object[] = []
      for (;;) held.push({ a: held.length, b: [held.length] })
    }
    case 'spin':
      for (;;) Math.random()
    case 'crash':
      return process.abort()
    case 'kill':
      process.kill(process.pid, 'SIGKILL')
      return new Promise(() => undefined)
    case 'throw':
      throw new TypeError('a bug')
    case 'refuse':
      throw new TableError('malformed', 'Line 7: nonsense.', 7)
    case 'pid':
      return process.pid
    case 'prepared':
      return { pid: process.pid, isPrepared }
    case 'environment':
      return Object.keys(process.env)
  }
}
