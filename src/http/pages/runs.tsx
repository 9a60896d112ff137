import { Hono } from 'hono'
import { LogLines, RunLive, RunPage, type RunView } from '../../../views/pages/run.tsx'
import { RunsPage } from '../../../views/pages/runs.tsx'
import type { Request } from '../../application/command.ts'
import { historyOf } from '../../application/history.ts'
import { changeRun, maySeeRun, requireRun } from '../../application/runs.ts'
import type { AppContext } from '../../context.ts'
import { forbidden, notFound } from '../../domain/error.ts'
import { mayChange } from '../../domain/product/permissions.ts'
import { isRunEvent } from '../../domain/run/events.ts'
import { isFinished, runStream } from '../../domain/run/run.ts'
import type { RecordedEvent } from '../../eventstore/port.ts'
import { findProduct, listProducts } from '../../projections/products/queries.ts'
import { stampOf } from '../../projections/recorded.ts'
import { listRuns, RUN_ORDERINGS, runLog } from '../../projections/runs/queries.ts'
import type { RunRow } from '../../projections/runs/tables.ts'
import { searchTerms } from '../api/paging.ts'
import { readBody } from '../body.ts'
import { eventStream, lastEventId, type StreamMessage } from '../event-stream.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import { pageNumbers } from './page-numbers.ts'
import { refusal, textOf } from './product-form.ts'
import { rulesOf } from './run-rules.ts'
import { runNow, runStatusOf, runView, workedFor } from './run-view.ts'
import { frameOf, leaveFlash, type PageContext, requestOf } from './visit.ts'

/** How long the page waits, after a run has ended, for its product to be published; ms. */
const PUBLISHING_MS = 30_000

/** `/runs` and `/runs/<id>` */
export function runPages(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()
  const { drizzle } = context.database

  router.get('/runs', async (c) => {
    const { actor } = requestOf(c)
    const url = new URL(c.req.url)
    const search = url.searchParams.get('search') ?? ''
    const ordering = url.searchParams.get('ordering') ?? '-id'
    const by = RUN_ORDERINGS.find((each) => each === ordering.replace(/^-/, '')) ?? 'id'
    const order = { by, descending: ordering.startsWith('-') }
    const { items, count } = await listRuns(drizzle, actor, { search: searchTerms(search) }, order)
    const page = pageNumbers(url.searchParams, count)
    const now = context.clock()
    const shown = items.slice((page.number - 1) * page.size, page.number * page.size)
    return c.html(
      <RunsPage
        frame={frameOf(context, c, 'runs')}
        runs={shown.map((run) => ({
          id: run.id,
          name: run.displayName,
          pipelineName: run.pipelineName,
          owner: run.owner,
          status: runStatusOf(run.status),
          stage: runNow(run, actor, now).stage,
          fraction: run.fraction,
          createdAt: run.createdAt,
          milliseconds: workedFor(run, now),
        }))}
        page={page}
        place={{ path: '/runs', query: url.search.slice(1) }}
        ordering={ordering}
        search={search}
        everybody={actor.isAdmin}
      />,
    )
  })

  router.get('/runs/:id{[0-9]+}', async (c) => {
    const request = requestOf(c)
    const run = await requireRun(context, request, idOf(c))
    const objects = run.objects?.kind === 'product' ? [run.objects.productId] : []
    const ids = [run.outputProductId, ...run.inputs.map((input) => input.productId), ...objects]
    const [reports, rules, removed, { items }] = await Promise.all([
      runLog(drizzle, run.id),
      rulesOf(context, run),
      run.deleted ? removalOf(request, run.id) : null,
      listProducts(drizzle, request.actor, { ids }, { by: 'id', descending: false }, null),
    ])
    const view = runView(run, {
      actor: request.actor,
      now: context.clock(),
      reports,
      products: new Map(items.map((item) => [item.product.id, item])),
      rules,
      replaying: context.replays.going(run.id) !== undefined,
      removed,
    })
    return c.html(<RunPage frame={frameOf(context, c, 'runs')} run={view} />)
  })

  /** Who took a run off the lists, and when: its history knows. */
  async function removalOf(request: Request, id: number): Promise<RunView['removed']> {
    const event = (await historyOf(context, request, { kind: 'run', id })).find(({ type }) => type === 'RunDeleted')
    if (event === undefined) return null
    const { actor, at } = stampOf(event)
    return { by: actor, at }
  }

  router.post('/runs/:id{[0-9]+}/stop', (c) =>
    change(c, (id) => changeRun(context, requestOf(c), id, { type: 'StopRun' }), 'The run is asked to stop.'),
  )

  router.post('/runs/:id{[0-9]+}/delete', (c) =>
    change(
      c,
      (id) => changeRun(context, requestOf(c), id, { type: 'DeleteRun' }),
      'The run is off the lists.',
      '/runs',
    ),
  )

  router.post('/runs/:id{[0-9]+}', async (c) => {
    await using body = await readBody(c.req.raw)
    const comment = textOf(body, 'comment').replaceAll('\r\n', '\n')
    return change(c, (id) => changeRun(context, requestOf(c), id, { type: 'DescribeRun', comment }), 'Saved.')
  })

  router.post('/runs/:id{[0-9]+}/replay', (c) =>
    change(
      c,
      async (id) => {
        const request = requestOf(c)
        const run = await requireRun(context, request, id)
        if (!mayChange(request.actor, run.ownerId)) throw forbidden()
        context.replays
          .replay(id)
          .catch((error: unknown) => context.log.warn({ err: error, runId: id }, 'a replay failed'))
      },
      'The run is replayed from its record.',
    ),
  )

  async function change(c: PageContext, work: (id: number) => Promise<void>, done: string, next?: string) {
    const id = idOf(c)
    try {
      await work(id)
      leaveFlash(c, { kind: 'success', text: done })
    } catch (error) {
      const problem = refusal(error)
      if (problem.status === 404) throw error
      leaveFlash(c, { kind: 'problem', text: problem.detail })
      return c.redirect(`/runs/${id}`, 303)
    }
    return c.redirect(next ?? `/runs/${id}`, 303)
  }

  router.get('/runs/:id{[0-9]+}/events', async (c) => {
    const request = requestOf(c)
    const run = await requireRun(context, request, idOf(c))
    const after = lastEventId(c) ?? run.position
    return eventStream(c, context.limits, {
      mayFollow: (actor) => maySeeRun(context, actor, run.id),
      messages: (signal) => news(run, after, signal),
    })
  })

  /** What changes on the page of a run while one looks; ends when nothing more will come. */
  async function* news(run: RunRow, after: string, signal: AbortSignal): AsyncGenerator<StreamMessage> {
    const owner = { userId: run.ownerId, username: run.owner, isAdmin: true, groupIds: [] }
    const replay = context.replays.going(run.id)
    let last = after
    if (replay !== undefined)
      await replay.catch(() => undefined) // its failure is in the log
    else if (!isFinished(run.status)) {
      for await (const event of context.follower.follow(runStream(run.id), after, signal)) {
        await context.projections.waitFor(event.position, 2_000)
        const [now] = (await listRuns(drizzle, owner, { ids: [run.id] })).items
        if (now === undefined) return
        const live = <RunLive run={runNow(now, owner, context.clock())} />
        last = event.position
        yield { id: last, data: `${String(live)}${linesOf(event)}` }
        if (isFinished(now.status)) break
      }
    }
    if (signal.aborted) return
    await published(run.outputProductId, owner, signal)
    yield { id: last, event: 'end', data: '' }
  }

  async function published(productId: number, owner: Parameters<typeof findProduct>[1], signal: AbortSignal) {
    const deadline = performance.now() + PUBLISHING_MS
    while (!signal.aborted && performance.now() < deadline) {
      if ((await findProduct(drizzle, owner, productId))?.product.status !== 'processing') return
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  }

  return router
}

function linesOf(recorded: RecordedEvent): string {
  if (!isRunEvent(recorded) || recorded.type !== 'RunProgressed' || recorded.data.lines.length === 0) return ''
  return String(<LogLines text={recorded.data.lines.map((line) => `${line}\n`).join('')} />)
}

function idOf(c: PageContext): number {
  const id = Number(c.req.param('id'))
  if (!Number.isSafeInteger(id) || id > 2_147_483_647) throw notFound()
  return id
}
