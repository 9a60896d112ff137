import { Hono } from 'hono'
import { IntegrityPage, type IntegrityProps } from '../../../views/pages/admin/integrity.tsx'
import { checkLog, type LogReport } from '../../application/integrity.ts'
import type { AppContext } from '../../context.ts'
import type { FindingKind } from '../../provenance/verify/finding.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import { shortPosition } from './admin-read-models.tsx'
import { frameOf, requestOf } from './visit.ts'

/** How long (ms) the answer waits for the check, so that a small server has the report when the page comes. */
const PATIENCE = 5_000

/** `/admin/integrity`. The latest report lives as long as this process: it is worth nothing when things have moved on. */
export function integrityPages(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()
  let report: IntegrityProps['report'] = null
  /** When the last check could not be finished. */
  let failedAt: string | null = null
  let running: Promise<void> | null = null

  router.get('/admin/integrity', (c) => {
    requestOf(c, { adminsOnly: true })
    return c.html(
      <IntegrityPage
        frame={frameOf(context, c, 'admin')}
        report={report}
        failedAt={failedAt}
        running={running === null ? null : { what: 'Reading the log and every file', progress: null }}
      />,
    )
  })

  router.post('/admin/integrity', async (c) => {
    requestOf(c, { adminsOnly: true })
    running ??= check().finally(() => {
      running = null
    })
    await Promise.race([running, sleep(PATIENCE)])
    return c.redirect('/admin/integrity', 303)
  })

  async function check(): Promise<void> {
    let found: LogReport
    try {
      found = await checkLog(context)
    } catch (err) {
      context.log.error({ err }, 'integrity check failed')
      failedAt = context.clock().toISOString()
      return
    }
    failedAt = null
    report = {
      at: found.at,
      milliseconds: found.milliseconds,
      position: shortPosition(found.head.position),
      head: found.head.chainHead,
      checks: checksOf(found),
    }
  }
  return router
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref())

const checksOf = ({ events, streams, checkpoints, blobs, readModels, findings }: LogReport) => {
  const problems = (...kinds: readonly FindingKind[]) =>
    findings.filter(({ kind }) => kinds.includes(kind)).map(({ message }) => message)
  return [
    {
      name: 'The log',
      meaning: `each event against the one before it in its stream (${streams} streams), the ledger and ${checkpoints} signed checkpoints`,
      checked: events,
      problems: problems('changed', 'deleted', 'inserted', 'moved', 'truncated', 'broken_link', 'checkpoint', 'ledger'),
    },
    {
      name: 'Files',
      meaning: `the bytes of each file against its SHA-256 and size in the log${blobs.orphans > 0 ? `; ${blobs.orphans} more belong to no event, left by interrupted uploads, harmless` : ''}`,
      checked: blobs.referenced,
      problems: problems('blob_missing', 'blob_changed'),
    },
    {
      name: 'Read models',
      meaning: `each row against the same row built anew from the log${readModels === 'compared' ? '' : `: ${readModels}`}`,
      checked: readModels === 'compared' ? events : 0,
      problems: problems('read_model'),
    },
  ]
}
