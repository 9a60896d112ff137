import { Hono } from 'hono'
import { filesAreAtHand } from '../application/files-at-hand.ts'
import { freeSpace } from '../blobs/directory.ts'
import type { AppContext } from '../context.ts'
import type { HttpEnv } from './middleware/environment.ts'

/** Below this many free bytes uploads are in danger. */
const LITTLE_SPACE = 1_000_000_000
/** A check that takes longer (ms) has failed. */
const PATIENCE = 2_000

interface Check {
  readonly ok: boolean
  readonly [fact: string]: unknown
}

/** `/health/live`: the process answers. `/health/ready`: it can serve people; 503 with the reason when it cannot. */
export function healthRouter(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()
  router.get('/live', (c) => c.json({ status: 'live', version: context.version }))
  router.get('/ready', async (c) => {
    const [eventStore, database, projections, blobs, disk] = await Promise.all([
      checked(async () => ({ ok: true, head: await context.store.head() })),
      checked(async () => {
        await context.database.query('select 1')
        return { ok: true, kind: context.database.kind }
      }),
      checked(async () => {
        const models = await context.projections.status()
        return { ok: models.every((model) => model.status !== 'stopped'), models }
      }),
      checked(async () => {
        await context.blobs.check()
        const kind = context.config.blobs
        return (await filesAreAtHand(context)) ? { ok: true, kind } : { ok: false, kind, error: 'other_files' }
      }),
      checked(async () => {
        const free = await freeSpace(context.config.dataDir)
        return { ok: free > LITTLE_SPACE, free_bytes: free }
      }),
    ])
    const ready = [eventStore, database, projections, blobs, disk].every((check) => check.ok)
    return c.json(
      {
        status: ready ? 'ready' : 'not ready',
        version: context.version,
        event_store: { kind: context.config.eventStore, ...eventStore },
        database,
        projections,
        blobs,
        disk,
      },
      ready ? 200 : 503,
    )
  })
  return router
}

async function checked(check: () => Promise<Check>): Promise<Check> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Check>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, error: `no answer within ${PATIENCE} ms` }), PATIENCE)
  })
  try {
    return await Promise.race([check(), late])
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'failed'
    return { ok: false, error: code }
  } finally {
    clearTimeout(timer)
  }
}
