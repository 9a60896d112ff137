import { isProductEvent, type ProductEvent } from '../../domain/product/events.ts'
import type { RecordedEvent } from '../../eventstore/port.ts'
import type { Projection } from '../projection.ts'
import { bySubject } from '../recorded.ts'
import { loadGroups, upsertRows } from '../rows.ts'
import { type ColumnRow, columns } from './tables.ts'

export const columnsProjection: Projection = {
  name: 'columns',
  version: 1,
  tables: [columns],
  indexesToApply: ['columns_product'],
  eventTypes: ['MainFileInspected', 'InspectionFailed', 'ColumnAssociated', 'FileRemoved', 'ProductPurged'],

  async apply(events, tx) {
    const groups = bySubject(events)
    const before = await loadGroups(tx, columns, 'product_id', [...groups.keys()], (row) => row.productId)
    const kept: ColumnRow[] = []
    const gone: number[] = []
    for (const [id, group] of groups) {
      const old = before.get(id) ?? []
      const rows = group.reduce(evolveColumnRows, old)
      const present = new Set(rows.map((row) => row.id))
      const known = new Map(old.map((row) => [row.id, row]))
      kept.push(...rows.filter((row) => known.get(row.id) !== row))
      gone.push(...old.filter((row) => !present.has(row.id)).map((row) => row.id))
    }
    if (gone.length > 0) await tx.query('delete from columns where id = any($1::int[])', [gone])
    await upsertRows(tx, columns, kept)
  },
}

const NO_ROLE = { alias: null, ucd: null }

/** The columns of one product after one more of its events; rows that did not change stay the same objects. */
export function evolveColumnRows(rows: ColumnRow[], recorded: RecordedEvent): ColumnRow[] {
  if (!isProductEvent(recorded)) return rows
  const event: ProductEvent = recorded
  switch (event.type) {
    case 'MainFileInspected': {
      const roles = new Map(rows.map((row) => [row.id, { alias: row.alias, ucd: row.ucd }]))
      const productId = Number(recorded.stream.slice('product-'.length))
      return event.data.columns.map(({ id, name, type, unit, ucd: fileUcd, description }, place) => {
        const { alias, ucd } = roles.get(id) ?? NO_ROLE
        return { id, productId, place, name, type, unit, fileUcd, description, alias, ucd }
      })
    }
    case 'ColumnAssociated': {
      const { columnId, alias, ucd } = event.data
      return rows.map((row) => (row.id === columnId ? { ...row, alias, ucd } : row))
    }
    case 'FileRemoved':
      return event.data.role === 'main' && !event.data.replaced ? [] : rows
    case 'InspectionFailed':
    case 'ProductPurged':
      return []
    default:
      return rows
  }
}
