import { listGroups } from '../accounts/groups.ts'
import type { AppContext } from '../context.ts'
import { notFound } from '../domain/error.ts'
import { happenedBy, type Moment } from '../domain/moment.ts'
import { productStream } from '../domain/product/product.ts'
import { releaseStream } from '../domain/release/release.ts'
import { runStream } from '../domain/run/run.ts'
import type { Names } from '../domain/words.ts'
import type { RecordedEvent } from '../eventstore/port.ts'
import { stampOf } from '../projections/recorded.ts'
import { findRelease } from '../projections/releases/queries.ts'
import type { Request } from './command.ts'
import { accountsOf } from './people.ts'
import { canChange, requireProduct } from './products.ts'
import { requireRun } from './runs.ts'
import { withoutSecretReleases } from './withheld.ts'

/** What has a history of its own. */
export interface Subject {
  readonly kind: 'product' | 'release' | 'run'
  readonly id: number
}

const STREAMS = { product: productStream, release: releaseStream, run: runStream } as const

/**
 * The events of a product, a release or a run, oldest first, in the current versions of their schemas. Whoever sees the thing
 * sees its whole history, but for the names of releases that they may not use.
 * @param moment the last one; null for today
 * @throws DomainError `not_found`
 */
export async function historyOf(
  context: AppContext,
  request: Request,
  { kind, id }: Subject,
  moment: Moment | null = null,
): Promise<RecordedEvent[]> {
  const product = kind === 'product' ? await requireProduct(context, request, id) : null
  if (kind === 'run') await requireRun(context, request, id)
  if (kind === 'release' && (await findRelease(context.database.drizzle, request.actor, id)) === null) throw notFound()
  const events: RecordedEvent[] = []
  for await (const event of context.store.readStream(STREAMS[kind](id))) {
    if (moment !== null && !happenedBy(moment, { at: stampOf(event).at, position: event.position })) break
    events.push(context.registry.upcast(event))
  }
  if (product === null || canChange(request, product)) return events
  return withoutSecretReleases(context, request.actor, events)
}

/** The names that histories are told with: those of today, as the log has none that could be erased. */
export async function namesOfToday(context: AppContext): Promise<Names> {
  const groups = new Map((await listGroups(accountsOf(context))).map(({ id, name }) => [id, name]))
  return { group: (id) => groups.get(id) ?? `a group that is gone (${id})` }
}
