import { isProductEvent, PRODUCT_EVENTS, type ProductEvent } from '../../domain/product/events.ts'
import type { RecordedEvent } from '../../eventstore/port.ts'
import type { Projection } from '../projection.ts'
import { bySubject, stampOf } from '../recorded.ts'
import { loadRows, upsertRows } from '../rows.ts'
import { type ProductRow, products } from './tables.ts'
import { productVersions, VersionRecorder } from './versions.ts'

/** Every product as it is, and in every state that it was in. */
export const productsProjection: Projection = {
  name: 'products',
  version: 2,
  tables: [products, productVersions],
  eventTypes: PRODUCT_EVENTS.map((definition) => definition.type),
  sequences: [
    { name: 'numbers.product_id', highest: 'select max(id) from products' },
    { name: 'numbers.column_id', highest: 'select max(highest_column_id) from products' },
  ],

  async apply(events, tx) {
    const groups = bySubject(events)
    const ids = [...groups.keys()]
    const before = new Map((await loadRows(tx, products, 'id', ids)).map((row) => [row.id, row]))
    const versions = await VersionRecorder.load(tx, ids)
    const rows: ProductRow[] = []
    for (const [id, group] of groups) {
      const first = before.get(id) ?? null
      const states: [RecordedEvent, ProductRow][] = []
      let row = first
      for (const event of group) {
        row = evolveProductRow(row, event)
        if (row !== null) states.push([event, row])
      }
      versions.add(first, states)
      if (row !== null) rows.push(row)
    }
    await upsertRows(tx, products, rows)
    await versions.save(tx)
  },
}

/** The row after one more event of the product. Time travel folds the same function over the first events of the stream. */
export function evolveProductRow(row: ProductRow | null, recorded: RecordedEvent): ProductRow | null {
  if (!isProductEvent(recorded)) return row
  const event: ProductEvent = recorded
  const { at } = stampOf(recorded)
  const stamp = { updatedAt: at, revision: Number(recorded.revision), position: recorded.position }
  if (event.type === 'ProductRegistered') {
    const {
      productId,
      internalName,
      displayName,
      productType,
      release,
      pzCode,
      description,
      owner,
      origin,
      runId,
      status,
    } = event.data
    // Written out, so that the copies which follow are quick: this makes an object with a place for each of them.
    return {
      id: productId,
      internalName,
      displayName,
      productType,
      releaseId: release?.id ?? null,
      pzCode,
      description,
      official: false,
      status,
      statusBeforeDeletion: null,
      statusReason: null,
      ownerId: owner.userId,
      owner: owner.username,
      origin,
      runId,
      mainFileId: null,
      version: 0,
      format: null,
      rows: null,
      columns: null,
      highestColumnId: null,
      files: 0,
      size: 0,
      createdAt: at,
      publishedAt: null,
      ...stamp,
    }
  }
  if (row === null) return null
  return { ...row, ...changes(row, event, at), ...stamp }
}

const NO_TABLE = { format: null, rows: null, columns: null }

function changes(
  row: ProductRow,
  event: Exclude<ProductEvent, { type: 'ProductRegistered' }>,
  at: string,
): Partial<ProductRow> {
  switch (event.type) {
    case 'FileAttached': {
      const { role, fileId, size } = event.data
      const main = role === 'main' ? { mainFileId: fileId, version: row.version + 1 } : {}
      return { files: row.files + 1, size: row.size + size, ...main }
    }
    case 'FileRemoved': {
      const { role, size } = event.data
      const main = role === 'main' ? { mainFileId: null, ...NO_TABLE } : {}
      return { files: row.files - 1, size: row.size - size, ...main }
    }
    case 'MainFileInspected':
      return {
        format: event.data.format,
        rows: event.data.rows,
        columns: event.data.columns.length,
        highestColumnId: event.data.columns.reduce(
          (highest, column) => Math.max(highest, column.id),
          row.highestColumnId ?? 0,
        ),
      }
    case 'InspectionFailed':
      return NO_TABLE
    case 'ColumnAssociated':
    case 'ProductImported':
      return {}
    case 'MetadataEdited': {
      const { displayName, description, pzCode, productType, release } = event.data.changes
      return {
        ...(displayName && { displayName: displayName.to }),
        ...(description && { description: description.to }),
        ...(pzCode && { pzCode: pzCode.to }),
        ...(productType && { productType: productType.to }),
        ...(release && { releaseId: release.to?.id ?? null }),
      }
    }
    case 'ProductMarkedOfficial':
      return { official: true }
    case 'ProductUnmarkedOfficial':
      return { official: false }
    case 'ProductPublished':
      return { status: 'published', publishedAt: row.publishedAt ?? at }
    case 'ProcessingFailed':
      return { status: 'failed', statusReason: event.data.reason }
    case 'ProductDeleted':
      return { status: 'deleted', statusBeforeDeletion: row.status }
    case 'ProductRestored':
      return { status: row.statusBeforeDeletion ?? 'registering', statusBeforeDeletion: null }
    case 'ProductPurged':
      return { status: 'purged', mainFileId: null, files: 0, size: 0, ...NO_TABLE }
    default: {
      const unknown: never = event
      return unknown
    }
  }
}
