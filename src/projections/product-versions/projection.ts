import { PRODUCT_EVENTS } from '../../domain/product/events.ts'
import { evolveProductRow } from '../products/projection.ts'
import type { Projection } from '../projection.ts'
import { bySubject, stampOf } from '../recorded.ts'
import { loadRows, upsertRows } from '../rows.ts'
import { OPEN, type ProductVersionRow, productVersions } from './tables.ts'

/** Every state of every product: lists as of a moment are queries of this table. */
export const productVersionsProjection: Projection = {
  name: 'product-versions',
  version: 2,
  tables: [productVersions],
  eventTypes: PRODUCT_EVENTS.map((definition) => definition.type),

  async apply(events, tx) {
    const groups = bySubject(events)
    const open = await loadRows(
      tx,
      productVersions,
      'id',
      [...groups.keys()],
      `valid_to_position = '${OPEN.validToPosition}'`,
    )
    const before = new Map(open.map((row) => [row.id, row]))
    const rows: ProductVersionRow[] = []
    for (const [id, group] of groups) {
      let current: ProductVersionRow | null = before.get(id) ?? null
      for (const event of group) {
        const next = evolveProductRow(current, event)
        if (next === null) continue
        const { at } = stampOf(event)
        const from: string = current !== null && current.validFrom > at ? current.validFrom : at
        if (current !== null) rows.push({ ...current, validTo: from, validToPosition: event.position })
        current = { ...next, validFrom: from, validFromPosition: event.position, ...OPEN }
      }
      if (current !== null) rows.push(current)
    }
    await upsertRows(tx, productVersions, rows)
  },
}
