import type { AppContext } from '../context.ts'
import type { Moment } from '../domain/moment.ts'
import type { RecordedEvent } from '../eventstore/port.ts'
import { stampOf } from '../projections/recorded.ts'
import type { BlamedEvent, FieldBlame } from '../provenance/blame/fields.ts'
import { blameProduct } from '../provenance/blame/product-blame.ts'
import { blameRelease } from '../provenance/blame/release-blame.ts'
import { blameRun } from '../provenance/blame/run-blame.ts'
import type { Request } from './command.ts'
import { historyOf, type Subject } from './history.ts'

const BLAME: Readonly<Record<Subject['kind'], (events: readonly BlamedEvent[]) => FieldBlame[]>> = {
  product: blameProduct,
  release: blameRelease,
  run: blameRun,
}

/**
 * Who set what a product, a release or a run says, field by field, and what it said before.
 * @param moment as it was then; null for today
 * @throws DomainError `not_found`
 */
export async function blameOf(
  context: AppContext,
  request: Request,
  subject: Subject,
  moment: Moment | null = null,
): Promise<FieldBlame[]> {
  const events = await historyOf(context, request, subject, moment)
  return BLAME[subject.kind](events.map(blamedEvent))
}

const blamedEvent = (event: RecordedEvent): BlamedEvent => ({
  type: event.type,
  data: event.data,
  position: event.position,
  ...stampOf(event),
})
