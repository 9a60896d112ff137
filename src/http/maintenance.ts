import { timingSafeEqual } from 'node:crypto'
import { Readable } from 'node:stream'
import { Hono } from 'hono'
import { makeCheckpoint } from '../application/checkpoints.ts'
import { checkLog } from '../application/integrity.ts'
import { exportBlobs, exportLog } from '../application/portable-log.ts'
import type { AppContext } from '../context.ts'
import { invalidField, notFound } from '../domain/error.ts'
import type { HttpEnv } from './middleware/environment.ts'

/**
 * What commands on this machine ask a running server to do, because the embedded database belongs to one process. They know
 * the key from the lock file, which only the owner of the data folder can read; to everybody else there is nothing here.
 */
export function maintenanceRouter(context: AppContext, controlKey: string): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()
  const expected = Buffer.from(controlKey)
  router.use(async (c, next) => {
    const given = Buffer.from(c.req.header('x-control-key') ?? '')
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw notFound()
    await next()
  })
  router.post('/rebuild', async (c) => {
    const names = c.req.queries('name')
    const known = (await context.projections.status()).map(({ name }) => name)
    const unknown = names?.find((name) => !known.includes(name))
    if (unknown !== undefined) {
      throw invalidField('name', `There is no read model "${unknown}"; there are ${known.join(', ')}.`)
    }
    await context.projections.rebuild(names)
    return c.json({ rebuilt: (await context.projections.status()).map(({ name, position }) => ({ name, position })) })
  })
  router.post('/replay', async (c) => c.json(await context.replays.replay(Number(c.req.query('run')))))
  router.post('/verify', async (c) => {
    return c.json(await checkLog(context, { content: c.req.query('content') !== 'false' }))
  })
  router.post('/checkpoint', async (c) => c.json(await makeCheckpoint(context)))
  router.post('/export', (c) => {
    const lines = Readable.toWeb(Readable.from(exportLog(context)))
    return c.body(lines as ReadableStream<Uint8Array>, 200, { 'Content-Type': 'application/x-ndjson' })
  })
  router.post('/export-blobs', async (c) => {
    try {
      return c.json(await exportBlobs(context, c.req.query('folder') ?? ''))
    } catch (error) {
      // Whoever gave the folder on the command line can mend it: not there, not ours, full.
      if (error instanceof Error && 'syscall' in error) throw invalidField('--blobs', error.message)
      throw error
    }
  })
  return router
}
