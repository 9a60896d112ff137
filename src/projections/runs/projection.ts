import { isRunEvent, RUN_EVENTS, type RunEvent } from '../../domain/run/events.ts'
import type { RecordedEvent } from '../../eventstore/port.ts'
import type { Projection } from '../projection.ts'
import { bySubject, stampOf } from '../recorded.ts'
import { insertRows, loadRows, upsertRows } from '../rows.ts'
import { type RunReportRow, type RunRow, runReports, runs } from './tables.ts'

export const runsProjection: Projection = {
  name: 'runs',
  version: 2,
  tables: [runs, runReports],
  eventTypes: RUN_EVENTS.map((definition) => definition.type),
  sequences: [
    { name: 'numbers.run_id', highest: 'select max(id) from runs' },
    // Asked for before the product is registered, so its number may be known here alone.
    { name: 'numbers.product_id', highest: 'select max(output_product_id) from runs' },
  ],

  async apply(events, tx) {
    const groups = bySubject(events)
    const before = new Map((await loadRows(tx, runs, 'id', [...groups.keys()])).map((row) => [row.id, row]))
    const rows: RunRow[] = []
    const reports: RunReportRow[] = []
    for (const [id, group] of groups) {
      const row = group.reduce(evolveRunRow, before.get(id) ?? null)
      if (row !== null) rows.push(row)
      reports.push(...group.flatMap((event) => reportOf(id, event)))
    }
    await upsertRows(tx, runs, rows)
    await insertRows(tx, runReports, reports)
  },
}

function reportOf(runId: number, recorded: RecordedEvent): RunReportRow[] {
  if (!isRunEvent(recorded)) return []
  const event: RunEvent = recorded
  if (event.type !== 'RunProgressed' || event.data.lines.length === 0) return []
  const { stage, lines } = event.data
  return [{ runId, revision: Number(recorded.revision), at: stampOf(recorded).at, stage, lines }]
}

/** The row after one more event of the run. */
export function evolveRunRow(row: RunRow | null, recorded: RecordedEvent): RunRow | null {
  if (!isRunEvent(recorded)) return row
  const event: RunEvent = recorded
  const { at } = stampOf(recorded)
  const stamp = { updatedAt: at, revision: Number(recorded.revision), position: recorded.position }
  if (event.type === 'RunRequested') {
    const { runId, pipeline, rules, owner, ...facts } = event.data
    return {
      ...facts,
      id: runId,
      pipeline: pipeline.name,
      pipelineVersion: pipeline.version,
      pipelineName: pipeline.displayName,
      comment: null,
      status: 'pending',
      stage: null,
      fraction: 0,
      worker: null,
      attempts: 0,
      rules: rules?.sha256 ?? null,
      ownerId: owner.userId,
      owner: owner.username,
      outputs: [],
      associations: {},
      metrics: {},
      errorCode: null,
      errorReason: null,
      problems: [],
      replay: null,
      deleted: false,
      softwareVersion: String(recorded.metadata.softwareVersion),
      createdAt: at,
      startedAt: null,
      endedAt: null,
      ...stamp,
    }
  }
  if (row === null) return null
  return { ...row, ...changes(row, event, recorded, at), ...stamp }
}

function changes(
  row: RunRow,
  event: Exclude<RunEvent, { type: 'RunRequested' }>,
  recorded: RecordedEvent,
  at: string,
): Partial<RunRow> {
  switch (event.type) {
    case 'RunStarted': {
      const { worker, attempt } = event.data
      const softwareVersion = String(recorded.metadata.softwareVersion)
      return { status: 'running', worker, attempts: attempt, stage: null, fraction: 0, startedAt: at, softwareVersion }
    }
    case 'RunProgressed':
      return { stage: event.data.stage, fraction: event.data.fraction }
    case 'RunSucceeded': {
      const { outputs, associations, metrics } = event.data
      return { status: 'succeeded', fraction: 1, endedAt: at, outputs, associations, metrics }
    }
    case 'RunFailed': {
      const { code, reason, problems } = event.data
      return { status: 'failed', endedAt: at, errorCode: code, errorReason: reason, problems }
    }
    case 'RunStopRequested':
      return { status: 'stopping' }
    case 'RunStopped':
      return { status: 'stopped', endedAt: at }
    case 'RunAbandoned':
      return { status: row.status === 'stopping' ? 'stopping' : 'pending', worker: null, stage: null, fraction: 0 }
    case 'ReplayVerified':
      return { replay: { ...event.data, at } }
    case 'RunDescribed': {
      const { displayName, comment } = event.data.changes
      return { ...(displayName && { displayName: displayName.to }), ...(comment && { comment: comment.to }) }
    }
    case 'RunDeleted':
      return { deleted: true }
    default: {
      const unknown: never = event
      return unknown
    }
  }
}
