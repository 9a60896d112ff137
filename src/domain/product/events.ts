import { type Static, Type } from '@sinclair/typebox'
import { defineEvent, type EventOf, eventGuard } from '../event-definition.ts'
import { PRODUCT_TYPE_NAMES } from './product-type.ts'

const nullable = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema) =>
  Type.Union([schema, Type.Null()])

const Id = Type.Integer({ minimum: 1 })
const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256 of the bytes' })
const Person = Type.Object(
  { userId: Type.Integer({ minimum: 0 }), username: Type.String() },
  { additionalProperties: false },
)
const ProductTypeName = Type.Union(PRODUCT_TYPE_NAMES.map((name) => Type.Literal(name)))
const Release = nullable(
  Type.Object({ id: Id, displayName: Type.String() }, { additionalProperties: false, description: 'A data release' }),
)
const Blob = { sha256: Sha256, size: Type.Integer({ minimum: 0, description: 'bytes' }) }

export const FileRole = Type.Union([Type.Literal('main'), Type.Literal('description'), Type.Literal('auxiliary')])
export type FileRole = Static<typeof FileRole>

const InspectedColumn = Type.Object(
  {
    id: Id,
    name: Type.String(),
    type: Type.String({ description: 'int64, float32, string, …' }),
    unit: nullable(Type.String()),
    ucd: nullable(Type.String({ description: 'as the file states it' })),
    description: nullable(Type.String()),
  },
  { additionalProperties: false },
)
export type InspectedColumn = Static<typeof InspectedColumn>

const change = <Schema extends Parameters<typeof Type.Union>[0][number]>(value: Schema) =>
  Type.Optional(Type.Object({ from: value, to: value }, { additionalProperties: false }))

export const ProductRegistered = defineEvent({
  type: 'ProductRegistered',
  version: 1,
  description: 'A product was announced: it has a name and an owner, and no files yet.',
  schema: Type.Object(
    {
      productId: Id,
      internalName: Type.String(),
      displayName: Type.String(),
      productType: ProductTypeName,
      release: Release,
      pzCode: nullable(Type.String({ description: 'the photo-z code that made the estimates' })),
      description: nullable(Type.String({ description: 'Markdown' })),
      owner: Person,
      origin: Type.String({ description: '`Upload`, or the name of the pipeline that makes it' }),
      runId: nullable(Id),
      status: Type.Union([Type.Literal('registering'), Type.Literal('processing')]),
    },
    { additionalProperties: false },
  ),
})

export const FileAttached = defineEvent({
  type: 'FileAttached',
  version: 1,
  description: 'A file was added; its bytes are kept under their SHA-256.',
  schema: Type.Object(
    {
      fileId: Id,
      role: FileRole,
      name: Type.String(),
      mediaType: nullable(Type.String()),
      ...Blob,
      original: nullable(
        Type.Object(
          { name: Type.String(), ...Blob },
          {
            additionalProperties: false,
            description: 'the archive as it was uploaded, when a table was taken out of it',
          },
        ),
      ),
    },
    { additionalProperties: false },
  ),
})

export const FileRemoved = defineEvent({
  type: 'FileRemoved',
  version: 1,
  description: 'A file was taken away, or replaced by a new version. Its bytes stay, for the product as it was.',
  schema: Type.Object(
    { fileId: Id, role: FileRole, name: Type.String(), ...Blob, replaced: Type.Boolean() },
    { additionalProperties: false },
  ),
})

export const MainFileInspected = defineEvent({
  type: 'MainFileInspected',
  version: 1,
  description: 'The main file was read as a table; statistics and first rows are in the inspection document.',
  schema: Type.Object(
    {
      fileId: Id,
      format: Type.String({ description: 'csv, fits, hats, hdf5, parquet or votable' }),
      rows: Type.Integer({ minimum: 0 }),
      columns: Type.Array(InspectedColumn),
      inspection: Type.Object(
        { ...Blob },
        { additionalProperties: false, description: 'the inspection document, a blob of JSON' },
      ),
    },
    { additionalProperties: false },
  ),
})

export const InspectionFailed = defineEvent({
  type: 'InspectionFailed',
  version: 1,
  description: 'The main file is not a table that we can read. Free-format products are welcome all the same.',
  schema: Type.Object({ fileId: Id, code: Type.String(), reason: Type.String() }, { additionalProperties: false }),
})

export const ColumnAssociated = defineEvent({
  type: 'ColumnAssociated',
  version: 1,
  description: 'A column was given a role, or lost it (both null).',
  schema: Type.Object(
    {
      columnId: Id,
      columnName: Type.String(),
      alias: nullable(Type.String()),
      ucd: nullable(Type.String()),
      previous: Type.Object(
        { alias: nullable(Type.String()), ucd: nullable(Type.String()) },
        { additionalProperties: false },
      ),
    },
    { additionalProperties: false },
  ),
})

export const MetadataEdited = defineEvent({
  type: 'MetadataEdited',
  version: 1,
  description: 'What people say about the product was changed.',
  schema: Type.Object(
    {
      changes: Type.Object(
        {
          displayName: change(Type.String()),
          description: change(nullable(Type.String())),
          pzCode: change(nullable(Type.String())),
          productType: change(ProductTypeName),
          release: change(Release),
        },
        { additionalProperties: false, minProperties: 1 },
      ),
    },
    { additionalProperties: false },
  ),
})

const Empty = Type.Object({}, { additionalProperties: false })

export const ProductMarkedOfficial = defineEvent({
  type: 'ProductMarkedOfficial',
  version: 1,
  description: 'An administrator vouches for the product.',
  schema: Empty,
})
export const ProductUnmarkedOfficial = defineEvent({
  type: 'ProductUnmarkedOfficial',
  version: 1,
  description: 'The product is no longer official.',
  schema: Empty,
})
export const ProductPublished = defineEvent({
  type: 'ProductPublished',
  version: 1,
  description: 'The product can be found and downloaded by others.',
  schema: Empty,
})
export const ProcessingFailed = defineEvent({
  type: 'ProcessingFailed',
  version: 1,
  description: 'The run that was to make the product failed or was stopped.',
  schema: Type.Object({ reason: Type.String() }, { additionalProperties: false }),
})
export const ProductDeleted = defineEvent({
  type: 'ProductDeleted',
  version: 1,
  description: 'The product was taken away; it can be restored.',
  schema: Empty,
})
export const ProductRestored = defineEvent({
  type: 'ProductRestored',
  version: 1,
  description: 'A deleted product came back, in the status it had.',
  schema: Empty,
})
export const ProductPurged = defineEvent({
  type: 'ProductPurged',
  version: 1,
  description: 'The files of a deleted product were destroyed for good; this tombstone says which.',
  schema: Type.Object(
    { files: Type.Array(Type.Object({ name: Type.String(), ...Blob }, { additionalProperties: false })) },
    { additionalProperties: false },
  ),
})

export const ProductImported = defineEvent({
  type: 'ProductImported',
  version: 1,
  description:
    'The product comes from another server. Its events there are kept as they were recorded, with the proof that their server signed.',
  schema: Type.Object(
    {
      from: Type.Object(
        {
          server: nullable(Type.String({ description: 'address of the other server' })),
          stream: Type.String({ description: 'the product there' }),
          events: Type.Integer({ minimum: 1 }),
          lastHash: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'end of the hash chain there' }),
          signedBy: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256 of the public key of that server' }),
          signedAt: Type.String({ description: 'time of the checkpoint that covers the events' }),
        },
        { additionalProperties: false },
      ),
      history: Type.Object({ ...Blob }, { additionalProperties: false, description: 'the events there, NDJSON' }),
      proof: Type.Object({ ...Blob }, { additionalProperties: false, description: 'inclusion proofs and checkpoint' }),
      files: Type.Array(Type.Object({ ...Blob }, { additionalProperties: false }), {
        description: 'every file that those events refer to',
      }),
    },
    { additionalProperties: false },
  ),
})
export type ImportedFrom = Static<typeof ProductImported.schema>

export const PRODUCT_EVENTS = [
  ProductRegistered,
  FileAttached,
  FileRemoved,
  MainFileInspected,
  InspectionFailed,
  ColumnAssociated,
  MetadataEdited,
  ProductMarkedOfficial,
  ProductUnmarkedOfficial,
  ProductPublished,
  ProcessingFailed,
  ProductDeleted,
  ProductRestored,
  ProductPurged,
  ProductImported,
] as const

export type ProductEvent = EventOf<(typeof PRODUCT_EVENTS)[number]>
export const isProductEvent = eventGuard(PRODUCT_EVENTS)
export type MetadataChanges = Static<typeof MetadataEdited.schema>['changes']
