import { isRunEvent, type RunEvent, type RunRequest } from '../../domain/run/events.ts'
import type { RecordedEvent } from '../../eventstore/port.ts'
import type { Projection } from '../projection.ts'
import { stampOf } from '../recorded.ts'
import { insertRows } from '../rows.ts'
import { type LineageRow, lineage } from './tables.ts'

/** What each run read, and which product it makes of it: known in full when the run is asked for. */
export const lineageProjection: Projection = {
  name: 'lineage',
  version: 1,
  tables: [lineage],
  eventTypes: ['RunRequested'],
  apply: (events, tx) => insertRows(tx, lineage, events.flatMap(rowsOf)),
}

function rowsOf(recorded: RecordedEvent): LineageRow[] {
  if (!isRunEvent(recorded)) return []
  const event: RunEvent = recorded
  if (event.type !== 'RunRequested') return []
  const { runId, outputProductId } = event.data
  const shared = { runId, outputProductId, at: stampOf(recorded).at, position: recorded.position }
  return thingsRead(event.data).map((thing, place) => ({ ...shared, place, ...thing }))
}

function thingsRead({
  inputs,
  objects,
}: RunRequest): Omit<LineageRow, 'runId' | 'place' | 'outputProductId' | 'at' | 'position'>[] {
  const product = (role: LineageRow['role'], input: RunRequest['inputs'][number]) => ({
    role,
    productId: input.productId,
    fileId: input.fileId,
    releaseId: null,
    name: input.fileName,
    digest: input.sha256,
  })
  const read = inputs.map((input) => product('input', input))
  if (objects === null) return read
  if (objects.kind === 'product') return [...read, product('objects', objects)]
  const { releaseId, releaseName: name, digest } = objects
  return [...read, { role: 'objects', productId: null, fileId: null, releaseId, name, digest }]
}
