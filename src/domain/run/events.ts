import { type Static, Type } from '@sinclair/typebox'
import { defineEvent, type EventOf, eventGuard } from '../event-definition.ts'

const nullable = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema) =>
  Type.Union([schema, Type.Null()])
const closed = { additionalProperties: false } as const
const Id = Type.Integer({ minimum: 1 })
const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' })
const Blob = { sha256: Sha256, size: Type.Integer({ minimum: 0, description: 'bytes' }) }

/** A redshift catalog or object catalog that a run reads: by its bytes, not only by its number, so that a replay reads the same. */
export const RunInput = Type.Object(
  {
    productId: Id,
    internalName: Type.String(),
    displayName: Type.String(),
    fileId: Id,
    fileName: Type.String(),
    ...Blob,
    columns: Type.Record(Type.String(), Type.String(), {
      description: 'from the role in lower case (ra, dec, z, id, z_flag, z_err, survey) to the column that holds it',
    }),
  },
  closed,
)
export type RunInput = Static<typeof RunInput>

/** The objects that redshifts are matched with: a folder of HATS, a Parquet file, or a published product. */
export const ObjectCatalog = Type.Union([
  Type.Object(
    {
      kind: Type.Literal('release'),
      releaseId: Id,
      releaseName: Type.String(),
      /** Below the root of object catalogs of the server that ran it. */
      path: Type.String(),
      digest: Type.String({ description: 'SHA-256 over names and sizes of its files and its metadata' }),
      idColumn: Type.Optional(Type.String({ description: 'the column with ids, as the release named it then' })),
    },
    closed,
  ),
  Type.Composite([Type.Object({ kind: Type.Literal('product') }), RunInput], closed),
])
export type ObjectCatalog = Static<typeof ObjectCatalog>

export const RunOutput = Type.Object(
  {
    role: Type.Union([Type.Literal('main'), Type.Literal('auxiliary')]),
    name: Type.String(),
    ...Blob,
    rows: nullable(Type.Integer({ minimum: 0 })),
  },
  closed,
)
export type RunOutput = Static<typeof RunOutput>

/** How a replay compares with the record: equal bytes, or the first place where a table differs. */
export const Comparison = Type.Object(
  {
    name: Type.String(),
    identical: Type.Boolean(),
    expected: Sha256,
    actual: nullable(Sha256),
    difference: nullable(
      Type.Object(
        {
          row: nullable(Type.Integer({ minimum: 1 })),
          column: nullable(Type.String()),
          expected: Type.String(),
          actual: Type.String(),
        },
        closed,
      ),
    ),
  },
  closed,
)
export type Comparison = Static<typeof Comparison>

export const RunRequested = defineEvent({
  type: 'RunRequested',
  version: 1,
  description: 'A person asked for a run: everything that decides its outcome is recorded here.',
  schema: Type.Object(
    {
      runId: Id,
      pipeline: Type.Object({ name: Type.String(), version: Type.String(), displayName: Type.String() }, closed),
      displayName: Type.String(),
      description: nullable(Type.String()),
      parameters: Type.Record(Type.String(), Type.Unknown(), { description: 'complete, defaults filled in' }),
      inputs: Type.Array(RunInput),
      objects: nullable(ObjectCatalog),
      rules: nullable(Type.Object(Blob, { ...closed, description: 'the rules file for flags, a blob' })),
      outputFormat: Type.String(),
      outputProductId: Id,
      owner: Type.Object({ userId: Type.Integer({ minimum: 0 }), username: Type.String() }, closed),
    },
    closed,
  ),
})

export const RunStarted = defineEvent({
  type: 'RunStarted',
  version: 1,
  description: 'A worker claimed the run; of several, the one whose event came first.',
  schema: Type.Object(
    {
      worker: Type.String({ description: 'host, process id and a random part' }),
      attempt: Type.Integer({ minimum: 1 }),
    },
    closed,
  ),
})

export const RunProgressed = defineEvent({
  type: 'RunProgressed',
  version: 1,
  description: 'What the run is doing now, with the log lines since the last time.',
  schema: Type.Object(
    {
      stage: Type.String(),
      fraction: Type.Number({ minimum: 0, maximum: 1 }),
      lines: Type.Array(Type.String(), { description: 'each with its time' }),
    },
    closed,
  ),
})

export const RunSucceeded = defineEvent({
  type: 'RunSucceeded',
  version: 1,
  description: 'The run is done; its outputs are kept under their digests.',
  schema: Type.Object(
    {
      outputs: Type.Array(RunOutput),
      associations: Type.Record(Type.String(), Type.String(), {
        description: 'from the role to the column that has it',
      }),
      metrics: Type.Record(Type.String(), Type.Unknown(), {
        description: 'rows, pairs, seconds by stage, bytes of memory',
      }),
    },
    closed,
  ),
})

export const RunFailed = defineEvent({
  type: 'RunFailed',
  version: 1,
  description: 'The run could not be carried out; the problems say what to do.',
  schema: Type.Object({ code: Type.String(), reason: Type.String(), problems: Type.Array(Type.String()) }, closed),
})

export const RunStopRequested = defineEvent({
  type: 'RunStopRequested',
  version: 1,
  description: 'A person asked that the run be stopped.',
  schema: Type.Object({}, closed),
})
export const RunStopped = defineEvent({
  type: 'RunStopped',
  version: 1,
  description: 'The run was stopped on request.',
  schema: Type.Object({}, closed),
})
export const RunAbandoned = defineEvent({
  type: 'RunAbandoned',
  version: 1,
  description: 'The worker that had claimed the run is gone; another may take it up.',
  schema: Type.Object({ worker: Type.String() }, closed),
})

export const ReplayVerified = defineEvent({
  type: 'ReplayVerified',
  version: 2,
  description: 'The run was carried out again from its record, and the outputs were compared.',
  schema: Type.Object(
    {
      identical: Type.Boolean(),
      softwareVersion: Type.String(),
      /** Of the pipeline that carried it out; null: it was not noted. */
      pipelineVersion: nullable(Type.String()),
      outputs: Type.Array(Comparison),
    },
    closed,
  ),
  upcasters: { 1: (data) => ({ ...data, pipelineVersion: null }) },
})

const change = <Schema extends Parameters<typeof Type.Union>[0][number]>(value: Schema) =>
  Type.Optional(Type.Object({ from: value, to: value }, closed))

export const RunDescribed = defineEvent({
  type: 'RunDescribed',
  version: 1,
  description: 'What its owner says of the run was changed; what it does never changes.',
  schema: Type.Object(
    {
      changes: Type.Object(
        { displayName: change(Type.String()), comment: change(nullable(Type.String())) },
        { ...closed, minProperties: 1 },
      ),
    },
    closed,
  ),
})
export const RunDeleted = defineEvent({
  type: 'RunDeleted',
  version: 1,
  description: 'The run was taken off the lists. What it made stays.',
  schema: Type.Object({}, closed),
})

export const RUN_EVENTS = [
  RunRequested,
  RunStarted,
  RunProgressed,
  RunSucceeded,
  RunFailed,
  RunStopRequested,
  RunStopped,
  RunAbandoned,
  ReplayVerified,
  RunDescribed,
  RunDeleted,
] as const

export type RunEvent = EventOf<(typeof RUN_EVENTS)[number]>
export const isRunEvent = eventGuard(RUN_EVENTS)
export type RunRequest = Static<typeof RunRequested.schema>
