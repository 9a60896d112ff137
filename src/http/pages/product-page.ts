import type { Request } from '../../application/command.ts'
import { readInspection } from '../../application/inspection.ts'
import type { TableFile } from '../../application/product-plots.ts'
import { canChange, requireProduct } from '../../application/products.ts'
import { pastProduct } from '../../application/time-travel.ts'
import { withoutSecretReleases } from '../../application/withheld.ts'
import type { AppContext } from '../../context.ts'
import type { Actor } from '../../domain/actor.ts'
import { DomainError, notFound } from '../../domain/error.ts'
import { type Moment, parseMoment } from '../../domain/moment.ts'
import type { RecordedEvent } from '../../eventstore/port.ts'
import type { ColumnRow } from '../../projections/columns/tables.ts'
import { mainFirst } from '../../projections/files/queries.ts'
import type { FileRow } from '../../projections/files/tables.ts'
import type { HistoryRow } from '../../projections/history/tables.ts'
import { productDetails } from '../../projections/products/details.ts'
import type { ListedProduct } from '../../projections/products/queries.ts'
import { Lineage } from '../../provenance/lineage/graph.ts'

/** Everything that the page of a product is made of. */
export interface ProductPageData {
  /** As it is, or as it was. */
  readonly listed: ListedProduct
  /** The files and columns that it has, or had then; the main file first. */
  readonly files: readonly FileRow[]
  readonly columns: readonly ColumnRow[]
  /** Every file it ever had until then, oldest first. */
  readonly everyFile: readonly FileRow[]
  /** The latest events until today, oldest first. */
  readonly events: readonly HistoryRow[]
  /** Those of them that had happened at the moment that is shown. */
  readonly history: readonly HistoryRow[]
  /** The moment of the past as the address says it; null for today. */
  readonly asOf: string | null
  /** The same moment as it was understood. */
  readonly moment: Moment | null
  readonly changeable: boolean
  /** Who looks. */
  readonly viewer: Actor
  /** The number of the person who looks. */
  readonly viewerId: number
  /** What it comes from and what came of it, as the person may see it. */
  readonly lineage: Lineage
}

/** The product can be seen today, and could not at the moment that was asked for. */
export class NotThen extends DomainError {
  /** Since when: others see no drafts. */
  readonly since: string

  constructor(
    readonly listed: ListedProduct,
    changeable: boolean,
  ) {
    super('not_found', 'It was not here then.')
    const { createdAt, publishedAt } = listed.product
    this.since = changeable ? createdAt : (publishedAt ?? createdAt)
  }
}

/** Events that the other tabs look at. */
const RECENT_EVENTS = 200
/** Tabs that tell of every event: who set what, and how files come back. */
const WHOLE_HISTORY: ReadonlySet<string> = new Set(['history', 'provenance'])
const MOST_NUMBER = 2_147_483_647

/**
 * The product of a page by the name in its address. A name that begins with the right number and goes on wrong is no
 * product. Two SQL queries; in the past also the streams of its release and its run, and a third query when that was another one then.
 * @throws DomainError `not_found`, `invalid`; NotThen when it could not be seen at the moment
 */
export async function loadProductPage(
  context: AppContext,
  request: Request,
  name: string,
  options: { readonly asOf: string | null; readonly tab: string },
): Promise<ProductPageData> {
  const current = await productNamed(context, request, name)
  const { asOf, tab } = options
  const most = asOf !== null || WHOLE_HISTORY.has(tab) ? null : RECENT_EVENTS
  const details = await productDetails(context.database, current.product.id, most)
  const changeable = canChange(request, current)
  const events = changeable ? details.events : await withoutSecretReleases(context, request.actor, details.events)
  const shared = { events, asOf, changeable, viewer: request.actor, viewerId: request.actor.userId }
  if (asOf === null) {
    const lineage = new Lineage(details.relations, request.actor)
    const files = details.files.filter((file) => file.removedAt === null)
    return {
      ...shared,
      moment: null,
      lineage,
      history: events,
      listed: current,
      files: mainFirst(files),
      columns: details.columns,
      everyFile: details.files,
    }
  }
  const moment = parseMoment(asOf, context.clock())
  const past = await pastProduct(context, request, current, details.events.map(recorded), moment).catch((error) => {
    throw error instanceof DomainError && error.code === 'not_found' ? new NotThen(current, changeable) : error
  })
  const { updatedAt, revision } = past.product
  const history = events.filter((event) => event.revision <= revision)
  const everyFile = details.files.filter((file) => file.createdAt <= updatedAt)
  const lineage = new Lineage(details.relations, request.actor, moment)
  const { columns } = past
  return { ...shared, moment, history, lineage, listed: past, files: past.files, columns, everyFile }
}

/** The product whose internal name, or number, this is. */
export async function productNamed(context: AppContext, request: Request, name: string): Promise<ListedProduct> {
  const id = Number(/^\d{1,10}/.exec(name)?.[0] ?? 0)
  if (id < 1 || id > MOST_NUMBER) throw notFound()
  const found = await requireProduct(context, request, id)
  if (name !== String(id) && name.normalize('NFC') !== found.product.internalName.normalize('NFC')) throw notFound()
  return found
}

/** An event of the read model in the form in which the log gives it. */
const recorded = (event: HistoryRow): RecordedEvent => ({
  id: event.eventId,
  type: event.type,
  data: event.data,
  metadata: { actor: { userId: event.actorId, username: event.actor }, at: event.at },
  stream: event.stream,
  revision: BigInt(event.revision),
  position: event.position,
  recordedAt: event.at,
})

/** The main file with its inspection; null when there is none, or it is no table. */
export async function tableOf(context: AppContext, data: ProductPageData): Promise<TableFile | null> {
  const file = data.files.find((each) => each.role === 'main')
  if (file === undefined || file.purged) return null
  const inspection = await readInspection(context, file)
  return inspection === null ? null : { file, columns: data.columns, inspection }
}
