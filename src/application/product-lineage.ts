import type { AppContext } from '../context.ts'
import type { Moment } from '../domain/moment.ts'
import { findRelations } from '../projections/lineage/queries.ts'
import { Lineage } from '../provenance/lineage/graph.ts'
import type { Request } from './command.ts'

/** What a product comes from and what came of it, as the person may see it. One SQL query. */
export async function lineageOf(
  context: AppContext,
  request: Request,
  productId: number,
  moment: Moment | null = null,
): Promise<Lineage> {
  return new Lineage(await findRelations(context.database, productId), request.actor, moment)
}
