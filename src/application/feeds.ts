import type { AppContext } from '../context.ts'
import { tell } from '../domain/words.ts'
import type { HistoryFilter } from '../projections/history/kinds.ts'
import { type ProductNews, productNews } from '../projections/history/queries.ts'
import type { HistoryRow } from '../projections/history/tables.ts'
import type { ListedProduct } from '../projections/products/queries.ts'
import type { Feed, FeedEntry } from '../provenance/feeds/feed.ts'
import { type BaseUrl, productUrl } from './citation.ts'
import type { Request } from './command.ts'
import { requireProduct } from './products.ts'
import { withoutSecretReleases } from './withheld.ts'

/** Events that a feed is made from, at most. */
const MOST_EVENTS = 200
const MOST_ENTRIES = 50
/** Characters of a value that an entry quotes. */
const LONGEST_VALUE = 500

interface Wanted {
  readonly base: BaseUrl
  readonly filter: HistoryFilter
}

/** What happened to the products that the person may see, since they were published. */
export async function siteFeed(context: AppContext, request: Request, { base, filter }: Wanted): Promise<Feed> {
  const entries = await entriesOf(context, request, null, { base, filter })
  return {
    id: `${base}/api/feed/`,
    title: 'Photo-z Server',
    subtitle: 'What was published, changed and deleted.',
    home: `${base}/products`,
    self: `${base}/api/feed/`,
    // Of a feed without entries the day of the epoch: it has not been updated yet, and must say when.
    updated: entries[0]?.at ?? '1970-01-01T00:00:00.000Z',
    entries,
  }
}

/** What happened to one product. @throws DomainError `not_found` */
export async function productFeed(context: AppContext, request: Request, id: number, wanted: Wanted): Promise<Feed> {
  const { product }: ListedProduct = await requireProduct(context, request, id)
  const entries = await entriesOf(context, request, id, wanted)
  const self = `${wanted.base}/api/products/${id}/feed/`
  return {
    id: self,
    title: `${product.displayName} · Photo-z Server`,
    subtitle: `The history of ${product.internalName}.`,
    home: `${productUrl(wanted.base, product.internalName)}?tab=history`,
    self,
    updated: entries[0]?.at ?? product.createdAt,
    entries,
  }
}

async function entriesOf(context: AppContext, request: Request, id: number | null, { base, filter }: Wanted) {
  const all = await productNews(context.database.drizzle, request.actor, id, filter, MOST_EVENTS)
  const events = await withoutSecretReleases(
    context,
    request.actor,
    all.map(({ event }) => event),
  )
  const news = all.map((one, place) => ({ ...one, event: events[place] ?? one.event }))
  const commands = byCommand(news)
  // The oldest one may have been cut in the middle.
  const whole = news.length === MOST_EVENTS ? commands.slice(0, -1) : commands
  return whole.slice(0, MOST_ENTRIES).map((events) => entryOf(events, base, id === null))
}

/** The events of one command have one time, and follow each other. */
function byCommand(news: readonly ProductNews[]): ProductNews[][] {
  const groups: ProductNews[][] = []
  for (const one of news) {
    const group = groups.at(-1)
    const newer = group?.[0]?.event
    if (group !== undefined && newer?.at === one.event.at && newer.stream === one.event.stream) group.push(one)
    else groups.push([one])
  }
  return groups
}

/** What a command is named after when it did several things; else after the first of them. */
const LEADS = ['ProductImported', 'ProductPublished'] as const

/** @param newestFirst the events of one command, at least one */
function entryOf(newestFirst: readonly ProductNews[], base: BaseUrl, named: boolean): FeedEntry {
  const [last] = newestFirst
  if (last === undefined) throw new Error('A command without events is no news')
  const { event, product } = last
  const oldestFirst = newestFirst.toReversed()
  const lead = LEADS.map((type) => oldestFirst.find((each) => each.event.type === type)).find(Boolean) ?? oldestFirst[0]
  const stories = oldestFirst.map((each) => tell(each.event))
  const more = stories.length > 1 ? ` (and ${stories.length - 1} more)` : ''
  const did = `${event.actor} ${tell((lead ?? last).event).words}${more}`
  return {
    id: `urn:uuid:${event.eventId}`,
    title: named ? `${product.displayName}: ${did}` : did,
    author: event.actor,
    at: event.at,
    url: `${productUrl(base, product.internalName)}?tab=history#${anchorOf(event)}`,
    text: stories.flatMap((story) => [story.words, ...story.changes.map(changeText)]).join('\n'),
  }
}

/** Where an event stands on the page of a history. */
export const anchorOf = ({ position }: Pick<HistoryRow, 'position'>): string =>
  `event-${position.replace(/^0+(?=\d)/, '')}`

const quoted = (text: string | null): string =>
  text === null ? 'nothing' : text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text

const changeText = ({ field, from, to }: ReturnType<typeof tell>['changes'][number]): string =>
  `${field}: ${quoted(from)} → ${quoted(to)}`
