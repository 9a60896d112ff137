import { type TSchema, Type } from '@sinclair/typebox'
import { PRODUCT_TYPES } from '../../domain/product/product-type.ts'
import { ReleaseChoice } from '../../domain/release/release.ts'

/** Shapes of the JSON API: documentation and checks come from the same objects. */

export const nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])
export const NullableText = nullable(Type.String())
/** Numbers of products, files, columns, releases and groups, as requests give them. */
export const HIGHEST_ID = 2_147_483_647
export const IdInput = (description: string) => Type.Integer({ description, minimum: 1, maximum: HIGHEST_ID })

/** One of the values that a field takes, as OPTIONS tells it; in schemas, `x-choices`. */
export interface Choice {
  readonly value: number | string
  readonly display_name: string
}
export const PRODUCT_TYPE_CHOICES: readonly Choice[] = PRODUCT_TYPES.map(({ id, displayName }) => ({
  value: id,
  display_name: displayName,
}))

export const Moment = Type.String({ format: 'date-time' })

export const ListOf = <Schema extends TSchema>(item: Schema) =>
  Type.Object({ count: Type.Integer({ description: 'on all pages' }), results: Type.Array(item) })

/** RFC 9457, with the members that the reference server's clients read. */
export const Problem = Type.Object(
  {
    title: Type.String(),
    status: Type.Union([Type.Integer(), Type.String(), Type.Array(Type.String())], {
      description: 'of HTTP; where the field `status` of the request is wrong, what is wrong with it',
    }),
    code: Type.String({ description: 'stable' }),
    detail: Type.String(),
    error: Type.String({ description: 'the same as `detail`' }),
    request_id: Type.Optional(Type.String({ description: 'names the request in the log of the server' })),
  },
  { $id: 'Problem', description: 'Fields of the request that are wrong appear as members of their own names.' },
)

export const Product = Type.Object(
  {
    id: Type.Integer(),
    release: nullable(Type.Integer()),
    release_name: NullableText,
    product_type: Type.Integer(),
    product_type_name: Type.String(),
    product_type_internal_name: Type.String(),
    uploaded_by: Type.String(),
    is_owner: Type.Boolean(),
    origin: Type.String({ description: '`Upload`, or the pipeline that made it' }),
    process_status: NullableText,
    process_id: nullable(Type.Integer()),
    product_status: Type.String(),
    can_delete: Type.Boolean(),
    can_update: Type.Boolean(),
    internal_name: Type.String(),
    display_name: Type.String(),
    official_product: Type.Boolean(),
    pz_code: NullableText,
    description: NullableText,
    created_at: Moment,
    updated_at: Moment,
    status: Type.Integer({ description: '0 registering, 1 published, 2 deleted, 3 processing, 9 failed' }),
    release_year: nullable(Type.Integer()),
    published_at: nullable(Moment),
    version: Type.Integer({ description: 'how many main files it has had' }),
    format: NullableText,
    n_rows: nullable(Type.Integer()),
    n_columns: nullable(Type.Integer()),
    n_files: Type.Integer(),
    size: Type.Integer({ description: 'bytes of all files' }),
    revision: Type.Integer({ description: 'number of the last event of the product, from 0; the ETag' }),
    position: Type.String({ description: 'place of that event in the log' }),
    stale: Type.Optional(Type.Boolean({ description: 'an input has a newer main file, or was deleted' })),
    stale_reasons: Type.Optional(
      Type.Array(
        Type.Object({
          kind: Type.String({ description: 'replaced, removed, deleted or stale_input' }),
          product: nullable(Type.Integer({ description: 'the input; null when you may not see it' })),
          detail: Type.String(),
        }),
      ),
    ),
    used_by: Type.Optional(Type.Integer({ description: 'how many products depend on it' })),
  },
  { $id: 'Product' },
)

export const ProductFile = Type.Object(
  {
    id: Type.Integer(),
    product: Type.Integer(),
    file: Type.String({ format: 'uri', description: 'where the bytes are' }),
    can_delete: Type.Boolean(),
    role_name: Type.String(),
    role: Type.Integer({ description: '0 main, 1 description, 2 auxiliary' }),
    name: Type.String(),
    type: NullableText,
    n_rows: nullable(Type.Integer()),
    size: Type.Integer({ description: 'bytes' }),
    extension: Type.String(),
    is_directory: Type.Boolean(),
    created: Moment,
    updated: Moment,
    sha256: Type.String(),
    version: nullable(Type.Integer()),
    original_name: nullable(Type.String({ description: 'the archive that the table was taken out of' })),
    inspection_error: NullableText,
  },
  { $id: 'ProductFile' },
)

export const Column = Type.Object(
  {
    id: Type.Integer(),
    product: Type.Integer(),
    column_name: Type.String(),
    ucd: NullableText,
    order: Type.Integer(),
    alias: NullableText,
    type: Type.String(),
    unit: NullableText,
    description: NullableText,
    file_ucd: NullableText,
  },
  { $id: 'Column' },
)

export const Release = Type.Object(
  {
    id: Type.Integer(),
    name: Type.String(),
    display_name: Type.String(),
    description: Type.String(),
    created_at: Moment,
    indexing_column: Type.String(),
    has_mag_hats: Type.Boolean(),
    has_flux_hats: Type.Boolean(),
    dereddening: Type.Array(ReleaseChoice),
    fluxes: Type.Array(ReleaseChoice),
    is_public: Type.Boolean(),
    access_groups: Type.Array(Type.Integer()),
    retired: Type.Boolean(),
  },
  { $id: 'Release' },
)

export const ProductType = Type.Object(
  {
    id: Type.Integer(),
    name: Type.String(),
    display_name: Type.String(),
    order: Type.Integer(),
    description: Type.String(),
    created_at: Moment,
  },
  { $id: 'ProductType' },
)

export const User = Type.Object(
  { username: Type.String(), first_name: Type.String(), last_name: Type.String(), display_name: Type.String() },
  { $id: 'User' },
)

export const Pipeline = Type.Object(
  {
    id: Type.Integer(),
    name: Type.String(),
    display_name: Type.String(),
    version: Type.String(),
    description: Type.String(),
    created_at: Moment,
    system_config: Type.Object({}, { additionalProperties: true }),
    output_product_type: Type.Integer(),
    product_types_accepted: Type.Array(Type.Integer()),
  },
  { $id: 'Pipeline' },
)

export const HistoryEntry = Type.Object(
  {
    position: Type.String(),
    revision: Type.Integer(),
    event_id: Type.String(),
    type: Type.String(),
    at: Moment,
    by: Type.Object({ id: Type.Integer(), username: Type.String() }),
    words: Type.String({ description: 'what happened, as a person says it' }),
    changes: Type.Array(Type.Object({ field: Type.String(), from: NullableText, to: NullableText })),
    data: Type.Object({}, { additionalProperties: true }),
  },
  { $id: 'HistoryEntry' },
)
