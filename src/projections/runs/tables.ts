import { bigint, boolean, doublePrecision, index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import type { Comparison, ObjectCatalog, RunInput, RunOutput } from '../../domain/run/events.ts'
import type { RunStatus } from '../../domain/run/run.ts'
import { moment } from '../moment.ts'

/** The last replay of a run. */
export interface Replay {
  readonly identical: boolean
  readonly at: string
  readonly softwareVersion: string
  /** Of the pipeline; null: it was not noted. */
  readonly pipelineVersion: string | null
  readonly outputs: readonly Comparison[]
}

/** One row for each run: what was asked, and how far it is. */
export const runs = pgTable(
  'runs',
  {
    id: integer('id').primaryKey(),
    pipeline: text('pipeline').notNull(),
    pipelineVersion: text('pipeline_version').notNull(),
    pipelineName: text('pipeline_name').notNull(),
    displayName: text('display_name').notNull(),
    description: text('description'),
    comment: text('comment'),
    status: text('status').$type<RunStatus>().notNull(),
    /** What it does at the moment, or did last. */
    stage: text('stage'),
    fraction: doublePrecision('fraction').notNull(),
    worker: text('worker'),
    attempts: integer('attempts').notNull(),
    parameters: jsonb('parameters').$type<Readonly<Record<string, unknown>>>().notNull(),
    inputs: jsonb('inputs').$type<readonly RunInput[]>().notNull(),
    objects: jsonb('objects').$type<ObjectCatalog>(),
    /** The rules file, a blob. */
    rules: text('rules'),
    outputFormat: text('output_format').notNull(),
    outputProductId: integer('output_product_id').notNull(),
    ownerId: integer('owner_id').notNull(),
    owner: text('owner').notNull(),
    outputs: jsonb('outputs').$type<readonly RunOutput[]>().notNull(),
    associations: jsonb('associations').$type<Readonly<Record<string, string>>>().notNull(),
    metrics: jsonb('metrics').$type<Readonly<Record<string, unknown>>>().notNull(),
    /** Why it failed: a stable code, words, and each problem of each input. */
    errorCode: text('error_code'),
    errorReason: text('error_reason'),
    problems: jsonb('problems').$type<readonly string[]>().notNull(),
    replay: jsonb('replay').$type<Replay>(),
    deleted: boolean('deleted').notNull(),
    softwareVersion: text('software_version').notNull(),
    createdAt: moment('created_at').notNull(),
    startedAt: moment('started_at'),
    endedAt: moment('ended_at'),
    updatedAt: moment('updated_at').notNull(),
    revision: bigint('revision', { mode: 'number' }).notNull(),
    position: text('position').notNull(),
  },
  (table) => [index('runs_owner').on(table.ownerId), index('runs_status').on(table.status)],
)

export type RunRow = typeof runs.$inferSelect

/** What the runs told while they worked: one row for each report. */
export const runReports = pgTable(
  'run_reports',
  {
    runId: integer('run_id').notNull(),
    revision: bigint('revision', { mode: 'number' }).notNull(),
    at: moment('at').notNull(),
    stage: text('stage').notNull(),
    lines: jsonb('lines').$type<readonly string[]>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.revision] })],
)

export type RunReportRow = typeof runReports.$inferSelect
