import { Hono } from 'hono'
import { Choices, ComparePage } from '../../../views/pages/compare/page.tsx'
import { CompareRunsPage } from '../../../views/pages/compare/runs.tsx'
import type { Request } from '../../application/command.ts'
import { compareReferred, compareTwoRuns } from '../../application/compare.ts'
import { compareTables } from '../../application/compare-tables.ts'
import type { AppContext } from '../../context.ts'
import { DomainError } from '../../domain/error.ts'
import { listRuns } from '../../projections/runs/queries.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import { compareHref, type Picked, picked, pickOf, suggestions } from './compare-picks.ts'
import { productComparisonView, runChoice, runComparisonView } from './compare-view.ts'
import { frameOf, type PageContext, requestOf } from './visit.ts'

/** How long (ms) the page waits for the rows; they follow by themselves when they are there. */
const PATIENCE = 800
const MOST_RUNS = 200

/** `/compare` and `/compare/runs` */
export function comparePages(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()

  router.get('/compare', async (c) => {
    const request = requestOf(c)
    const { searchParams } = new URL(c.req.url)
    // The form has fields of their own for the moments; the address that is shared says both in one.
    if (searchParams.has('left_as_of') || searchParams.has('right_as_of')) return c.redirect(tidied(searchParams), 303)
    const id = searchParams.get('id')
    const left = await picked(context, request, searchParams.get('left'))
    const right = await picked(context, request, searchParams.get('right'))
    if ([left, right].some(({ problem, momentProblem }) => problem !== null || momentProblem !== null)) c.status(404)
    return c.html(
      <ComparePage
        frame={frameOf(context, c, 'products')}
        left={pickOf(left, (name) => compareHref(name, right.text))}
        right={pickOf(right, (name) => compareHref(left.text, name))}
        choices={await suggestions(context, request, '')}
        swapHref={left.text === '' && right.text === '' ? null : compareHref(right.text, left.text)}
        comparison={await comparison(request, left, right, id)}
      />,
    )
  })

  async function comparison(request: Request, { found: left }: Picked, { found: right }: Picked, id: string | null) {
    if (left === null || right === null) return null
    const choice = { left: id || null, right: null }
    const rows = await compareTables(context, request, left.state, right.state, choice, PATIENCE).catch(
      (error: unknown) => {
        // A column that is not there: it came with an address for two others.
        if (!(error instanceof DomainError) || error.code !== 'invalid') throw error
        return { state: 'impossible', reason: error.message.replace(/^id: /, '') } as const
      },
    )
    return productComparisonView(left, right, await compareReferred(context, left, right), rows, choice.left)
  }

  router.get('/compare/choices', async (c) => {
    const { searchParams } = new URL(c.req.url)
    const words = searchParams.get('left') ?? searchParams.get('right') ?? ''
    return c.html(<Choices choices={await suggestions(context, requestOf(c), words)} />)
  })

  router.get('/compare/runs', async (c) => {
    const request = requestOf(c)
    const [left, right] = [runNumber(c, 'left'), runNumber(c, 'right')]
    const order = { by: 'id', descending: true } as const
    const { items } = await listRuns(context.database.drizzle, request.actor, {}, order, {
      offset: 0,
      limit: MOST_RUNS,
    })
    const found = left === null || right === null ? null : await compareTwoRuns(context, request, left, right)
    const older =
      found === null ? [] : [found.left, found.right].filter(({ id }) => !items.some((run) => run.id === id))
    return c.html(
      <CompareRunsPage
        frame={frameOf(context, c, 'runs')}
        choices={[...items, ...older].map(runChoice)}
        left={String(left ?? '')}
        right={String(right ?? '')}
        comparison={found === null ? null : runComparisonView(found)}
      />,
    )
  })
  return router
}

/** The address that says what the form says. */
function tidied(query: URLSearchParams): string {
  const side = (name: 'left' | 'right') => {
    const product = query.get(name)?.trim() ?? ''
    const moment = query.get(`${name}_as_of`)?.trim() ?? ''
    return moment === '' || product === '' ? product : `${product}@${moment}`
  }
  return compareHref(side('left'), side('right'))
}

const runNumber = (c: PageContext, name: string): number | null => {
  const text = c.req.query(name)?.trim() ?? ''
  return /^\d{1,9}$/.test(text) ? Number(text) : null
}
