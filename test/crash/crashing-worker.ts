/**
 * A process that carries out runs and kills itself (SIGKILL) at one point: `crashing-worker.ts <data folder> <point>`. First it
 * finishes what earlier ones left, with a clean worker; then it asks for a run, and dies at the point. `none`: it does not die, and
 * prints what there is at the end.
 */
import { attachFile } from '../../src/application/files.ts'
import { changeProduct, registerProduct } from '../../src/application/products.ts'
import { childCarrier, createRunWorker } from '../../src/application/run-worker.ts'
import { requestRun } from '../../src/application/runs.ts'
import { readConfig } from '../../src/config.ts'
import type { AppContext } from '../../src/context.ts'
import { lockDataDir } from '../../src/database/lock.ts'
import type { EventStore, NewEvent } from '../../src/eventstore/port.ts'
import { createLog } from '../../src/log.ts'
import { productColumns } from '../../src/projections/columns/queries.ts'
import { openRuns } from '../../src/projections/runs/queries.ts'
import { openContext } from '../../src/server.ts'

const CATALOG = 'ID,RA,Dec,z,flag,survey\nA1,10.0,-30.0,0.5,4,6dFGS\nA2,10.00001,-30.0,0.5001,3,6dFGS\n'
const ROLES = { ID: 'ID', RA: 'RA', Dec: 'Dec', z: 'z', flag: 'z_flag', survey: 'survey' }
const request = { actor: { userId: 7, username: 'alice', isAdmin: false, groupIds: [] }, correlationId: 'crash' }

const [dataDir = '', point = 'none'] = process.argv.slice(2)

async function publishedCatalog(context: AppContext): Promise<number> {
  const id = await registerProduct(context, request, {
    displayName: 'Catalog',
    productType: 'redshift_catalog',
    official: false,
  })
  const blob = await context.blobs.receive(
    (async function* () {
      yield Buffer.from(CATALOG)
    })(),
  )
  const file = { name: 'catalog.csv', mediaType: null, blob }
  await attachFile(context, request, id, { file, role: 'main', replace: false })
  const columns = await productColumns(context.database.drizzle, id)
  const roles = columns.map((column) => ({
    type: 'AssociateColumn' as const,
    columnId: column.id,
    alias: ROLES[column.name as keyof typeof ROLES],
  }))
  await changeProduct(context, request, id, ...roles, { type: 'PublishProduct' })
  return id
}

/** The store, which kills this process before or after an event is recorded: `before:RunSucceeded`, `after:RunProgressed/ties`. */
function deadly(store: EventStore): EventStore {
  const [when, what = ''] = point.split(':')
  const [type, stage] = what.split('/')
  const isIt = ({ type: each, data }: NewEvent) => each === type && (stage === undefined || data.stage === stage)
  const die = () => process.kill(process.pid, 'SIGKILL')
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (name !== 'append') return typeof member === 'function' ? member.bind(target) : member
      return async (...args: Parameters<EventStore['append']>) => {
        const hit = args[1].some(isIt)
        if (hit && when === 'before') die()
        const appended = await target.append(...args)
        if (hit && when === 'after') die()
        return appended
      }
    },
  })
}

async function untilIdle(context: AppContext): Promise<void> {
  for (let i = 0; i < 2_400 && (await openRuns(context.database.drizzle)).length > 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function withWorker(context: AppContext, work: () => Promise<void>): Promise<void> {
  const carrier = childCarrier(context.config, 1)
  const worker = createRunWorker(context, { capacity: 1, carry: carrier.carry, pollMs: 100 })
  const ending = new AbortController()
  worker.start(ending.signal)
  await work()
  ending.abort()
  await worker.stopped()
  await carrier.close()
}

const steps: (() => unknown)[] = []
const lock = await lockDataDir(dataDir)
steps.unshift(() => lock.release())
const { config, secrets } = readConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'error', ADMIN_PASSWORD: 'a test password' })
const context = await openContext(config, secrets, createLog('error'), () => new Date(), {
  add: (step) => void steps.unshift(step),
})
await withWorker(context, () => untilIdle(context))
if (point === 'none') {
  const rows = await context.database.query(
    `select r.status, r.attempts, p.status as product, p.files, p.rows,
       (select count(*)::int from history h where h.stream = 'run-' || r.id and h.type = 'RunSucceeded') as successes,
       (select count(*)::int from history h where h.stream = 'product-' || p.id and h.type = 'ProductPublished') as publications
     from runs r join products p on p.id = r.output_product_id order by r.id`,
  )
  process.stdout.write(JSON.stringify(rows))
} else {
  const catalog = await publishedCatalog(context)
  const doomed: AppContext = { ...context, store: deadly(context.store) }
  await withWorker(doomed, async () => {
    await requestRun(doomed, request, {
      pipelineId: 1,
      displayName: `To die ${point}`,
      description: null,
      parameters: { combine_type: 'concatenate_and_remove_duplicates' },
      outputFormat: null,
      inputIds: [catalog],
      releaseId: null,
      objectCatalogId: null,
      rules: null,
    })
    await untilIdle(context)
  })
  process.stdout.write('survived')
}
for (const step of steps) await step()
