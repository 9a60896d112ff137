/** The child process: takes one assignment after the other, until its parent goes away. */
import { type ChildMessage, type ChildOrder, messageOfError, type TaskFunction } from './task.ts'

/** A parent does not need to hear more often. */
const PROGRESS_MILLISECONDS = 100

function tell(message: ChildMessage): void {
  process.send?.(message)
}

function isTaskModule(module: unknown): module is { readonly run: TaskFunction<unknown, unknown> } {
  return typeof module === 'object' && module !== null && 'run' in module && typeof module.run === 'function'
}

async function work(module: string, args: unknown): Promise<void> {
  let lastTold = 0
  const progress = (fraction: number) => {
    const now = performance.now()
    if (now - lastTold < PROGRESS_MILLISECONDS) return
    lastTold = now
    tell({ type: 'progress', fraction })
  }
  try {
    const task: unknown = await import(module)
    if (!isTaskModule(task)) throw new Error(`${module} exports no function "run"`)
    const result = await task.run(args, { progress, tell: (news) => tell({ type: 'news', news }) })
    tell({ type: 'result', result, residentBytes: process.memoryUsage.rss() })
  } catch (error) {
    tell(messageOfError(error))
  }
}

async function prepare(module: string): Promise<void> {
  const task: unknown = await import(module)
  if (typeof task === 'object' && task !== null && 'prepare' in task && typeof task.prepare === 'function')
    task.prepare()
}

process.on('message', (order: ChildOrder) => {
  if (order.do === 'prepare') void prepare(order.module)
  else void work(order.module, order.args)
})
process.on('disconnect', () => process.exit(0))
tell({ type: 'ready' })
