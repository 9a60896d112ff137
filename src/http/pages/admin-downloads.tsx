import { Hono } from 'hono'
import { AdminDownloadsPage } from '../../../views/pages/admin/downloads.tsx'
import { usernameKey } from '../../accounts/names.ts'
import { countDownloads, type DownloadFilter, listDownloads } from '../../audit/queries.ts'
import type { AppContext } from '../../context.ts'
import { exportDownloads } from '../download-export.ts'
import { exportFormat } from '../export-stream.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import { queryOf } from '../middleware/query.ts'
import { beforeOf, downloadEntry, pageOfRows } from './download-entries.ts'
import { periodOf } from './period.ts'
import { frameOf, requestOf } from './visit.ts'

const ROWS = 50
const LONGEST = 200

/** `/admin/downloads`: who took what, by person, product and period; also as a file. */
export function downloadPages(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()
  router.get('/admin/downloads', async (c) => {
    requestOf(c, { adminsOnly: true })
    const query = queryOf(c)
    const { filter, errors } = filterOf(query)
    await context.audit.flush()
    const format = exportFormat(query.get('format'))
    const isRefused = Object.keys(errors).length > 0
    if (format !== null && !isRefused) return exportDownloads(context, c, { format, name: 'downloads', filter })
    const [{ times, people }, rows] = await Promise.all([
      countDownloads(context.database, filter),
      listDownloads(context.database, filter, beforeOf(query), ROWS + 1),
    ])
    const { shown, olderFrom } = pageOfRows(rows, ROWS)
    const typed = (name: string): string => (query.get(name) ?? '').slice(0, LONGEST)
    return c.html(
      <AdminDownloadsPage
        frame={frameOf(context, c, 'admin')}
        place={{ path: '/admin/downloads', query: new URL(c.req.url).search.slice(1) }}
        typed={{ person: typed('person'), product: typed('product'), since: typed('since'), until: typed('until') }}
        errors={errors}
        audit={context.config.downloadAudit}
        times={times}
        people={people}
        rows={shown.map(downloadEntry)}
        olderFrom={olderFrom}
      />,
      isRefused ? 400 : 200,
    )
  })
  return router
}

function filterOf(query: ReadonlyMap<string, string>) {
  const { period, errors } = periodOf(query)
  const person = usernameKey(query.get('person') ?? '').slice(0, LONGEST)
  const product = (query.get('product') ?? '').trim()
  // A product is named by its number, with which its name begins.
  const id = /^[1-9]\d{0,8}(?=$|_)/.exec(product)?.[0]
  const filter: DownloadFilter = {
    ...period,
    ...(person === '' ? {} : { usernameKey: person }),
    ...(id === undefined ? {} : { productId: Number(id) }),
  }
  const wrong = product !== '' && id === undefined
  return { filter, errors: wrong ? { ...errors, product: 'Give its number or its name, like 42 or 42_desi.' } : errors }
}
