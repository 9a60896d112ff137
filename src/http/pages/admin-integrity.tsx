import { Hono } from 'hono'
import { IntegrityPage, type IntegrityProps } from '../../../views/pages/admin/integrity.tsx'
import { checkLog, type LogReport } from '../../application/integrity.ts'
import type { AppContext } from '../../context.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import { shortPosition } from './admin-read-models.tsx'
import { frameOf, leaveFlash, requestOf } from './visit.ts'

/** How long (ms) the answer waits for the check, so that a small server has the report when the page comes. */
const PATIENCE = 5_000

/** `/admin/integrity`. The latest report lives as long as this process: it is worth nothing when things have moved on. */
export function integrityPages(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()
  let report: IntegrityProps['report'] = null
  let running: Promise<void> | null = null

  router.get('/admin/integrity', (c) => {
    requestOf(c, { adminsOnly: true })
    return c.html(
      <IntegrityPage
        frame={frameOf(context, c, 'admin')}
        report={report}
        running={running === null ? null : { what: 'Reading the log and every file', progress: null }}
      />,
    )
  })

  router.post('/admin/integrity', async (c) => {
    running ??= check().finally(() => {
      running = null
    })
    let failure: unknown = null
    running.catch((error: unknown) => {
      failure = error
    })
    await Promise.race([running.catch(() => undefined), sleep(PATIENCE)])
    if (failure !== null) {
      context.log.error({ err: failure }, 'integrity check failed')
      leaveFlash(c, {
        kind: 'problem',
        text: 'The check could not be finished. The reason is in the log of the server.',
      })
    }
    return c.redirect('/admin/integrity', 303)
  })

  async function check(): Promise<void> {
    const started = performance.now()
    const position = await context.store.head()
    const found = await checkLog(context)
    report = {
      at: context.clock().toISOString(),
      milliseconds: Math.round(performance.now() - started),
      position: shortPosition(position),
      head: null,
      checks: checksOf(found),
    }
  }
  return router
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref())

const checksOf = ({ events, streams, broken, blobs, readModels }: LogReport) => [
  {
    name: 'Hash chains',
    meaning: `each event of ${streams} streams against the one before it`,
    checked: events,
    problems: broken.map(({ stream, revision, reason }) => `${stream}@${revision}: ${reason}`),
  },
  {
    name: 'Files',
    meaning: 'the bytes of each file against its SHA-256 and size in the log',
    checked: blobs.checked,
    problems: [
      ...blobs.missing.map(({ sha256 }) => `${sha256} is missing`),
      ...blobs.mismatched.map(({ sha256, actualSha256 }) => `${sha256} has other bytes now (${actualSha256})`),
    ],
  },
  {
    name: 'Files without an event',
    meaning: `left by an interrupted upload; harmless${blobs.orphans.length > 0 ? `: ${blobs.orphans.length} found` : ''}`,
    checked: blobs.checked,
    problems: [],
  },
  {
    name: 'Read models',
    meaning: 'each row against the same row built anew from the log',
    checked: events,
    problems: readModels.map((difference) => JSON.stringify(difference)),
  },
]
