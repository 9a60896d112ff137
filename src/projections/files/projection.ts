import { isProductEvent, type ProductEvent } from '../../domain/product/events.ts'
import type { RecordedEvent } from '../../eventstore/port.ts'
import type { Projection } from '../projection.ts'
import { bySubject, stampOf } from '../recorded.ts'
import { loadGroups, upsertRows } from '../rows.ts'
import { type FileRow, files } from './tables.ts'

const EVENT_TYPES = ['FileAttached', 'FileRemoved', 'MainFileInspected', 'InspectionFailed', 'ProductPurged']

export const filesProjection: Projection = {
  name: 'files',
  version: 1,
  tables: [files],
  eventTypes: EVENT_TYPES,
  indexesToApply: ['files_product'],
  sequences: [{ name: 'numbers.file_id', highest: 'select max(id) from files' }],

  async apply(events, tx) {
    const groups = bySubject(events)
    const before = await loadGroups(tx, files, 'product_id', [...groups.keys()], (row) => row.productId)
    const rows = [...groups].flatMap(([id, group]) => group.reduce(evolveFileRows, before.get(id) ?? []))
    await upsertRows(tx, files, rows)
  },
}

/** The files of one product after one more of its events. */
export function evolveFileRows(rows: FileRow[], recorded: RecordedEvent): FileRow[] {
  if (!isProductEvent(recorded)) return rows
  const event: ProductEvent = recorded
  const { at } = stampOf(recorded)
  const change = (id: number, changes: Partial<FileRow>): FileRow[] =>
    rows.map((row) => (row.id === id ? { ...row, ...changes, updatedAt: at } : row))
  switch (event.type) {
    case 'FileAttached': {
      const { fileId, role, name, mediaType, sha256, size, original } = event.data
      return [
        ...rows,
        {
          id: fileId,
          productId: Number(recorded.stream.slice('product-'.length)),
          role,
          name,
          mediaType,
          size,
          sha256,
          originalName: original?.name ?? null,
          originalSha256: original?.sha256 ?? null,
          originalSize: original?.size ?? null,
          version: role === 'main' ? rows.filter((row) => row.role === 'main').length + 1 : null,
          format: null,
          rows: null,
          inspection: null,
          inspectionSize: null,
          inspectionError: null,
          createdAt: at,
          updatedAt: at,
          removedAt: null,
          purged: false,
        },
      ]
    }
    case 'FileRemoved':
      return change(event.data.fileId, { removedAt: at })
    case 'MainFileInspected': {
      const { fileId, format, rows: count, inspection } = event.data
      return change(fileId, {
        format,
        rows: count,
        inspection: inspection.sha256,
        inspectionSize: inspection.size,
        inspectionError: null,
      })
    }
    case 'InspectionFailed':
      return change(event.data.fileId, {
        inspectionError: event.data.reason,
        inspection: null,
        format: null,
        rows: null,
      })
    case 'ProductPurged':
      return rows.map((row) => ({ ...row, purged: true, removedAt: row.removedAt ?? at, updatedAt: at }))
    default:
      return rows
  }
}
