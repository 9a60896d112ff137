import { type Static, Type } from '@sinclair/typebox'
import {
  compareReferred,
  compareTwoRuns,
  parseReference,
  type ReferredProduct,
  referenceText,
  referredProduct,
} from '../../application/compare.ts'
import { compareTables } from '../../application/compare-tables.ts'
import { DomainError } from '../../domain/error.ts'
import type { ComparedFile } from '../../provenance/compare/files.ts'
import type { ProductComparison } from '../../provenance/compare/products.ts'
import type { RunComparison } from '../../provenance/compare/runs.ts'
import type { TableComparison } from '../../tables/comparison.ts'
import { type Call, endpoint } from './endpoint.ts'
import { IdInput, NullableText, nullable } from './schemas.ts'

const TAG = 'Provenance'

/** How long (ms) the answer waits for two tables to be compared. */
const PATIENCE = 25_000
/** Seconds after which it is worth to ask again. */
const LATER = '5'

const Reference = (side: string) =>
  Type.String({
    description: `the product on the ${side}: its number or internal name; with "@" and a time, a date or a position behind it, as it was then`,
    maxLength: 400,
  })
const Sides = { left: Reference('left'), right: Reference('right') }

const Json = Type.Unknown({ description: 'a value as JSON; null is nothing' })
const Compared = Type.Object({ field: Type.String(), left: Json, right: Json, same: Type.Boolean() })
const Pair = (what: string) =>
  Type.Object(
    { left: nullable(Type.Object({})), right: nullable(Type.Object({})), same: Type.Boolean() },
    { description: what },
  )
const Event = nullable(
  Type.Object({
    number: Type.Integer({ description: '1 for the first of its history' }),
    position: Type.String(),
    type: Type.String(),
    at: Type.String({ format: 'date-time' }),
    actor: Type.String(),
    words: Type.String(),
  }),
)
const PartsAt = nullable(
  Type.Object(
    {
      shared: Type.Integer({ description: 'events that are the same, from the first one on' }),
      left: Event,
      right: Event,
      differences: Type.Array(Compared),
    },
    { description: 'the first event that differs; null when the histories are the same' },
  ),
)

const RunDifferences = {
  facts: Type.Array(Compared),
  parameters: Type.Array(Compared),
  inputs: Type.Array(Pair('what was read, by its digest')),
  outputs: Type.Array(Pair('what was made, by its digest')),
  metrics: Type.Array(Compared),
  costs: Type.Array(Compared, { description: 'time and memory: no difference between the runs' }),
  diverge_at: PartsAt,
}

const Side = Type.Object({
  id: Type.Integer(),
  internal_name: Type.String(),
  as_of: NullableText,
  reference: Type.String({ description: 'to be given as `left` or `right` again' }),
})

const ProductDifferences = Type.Object(
  {
    left: Side,
    right: Side,
    same: Type.Boolean(),
    facts: Type.Array(Compared),
    files: Type.Array(Pair('files, by their digests')),
    columns: Type.Array(
      Type.Object({
        name: Type.String(),
        in: Type.Union([Type.Literal('both'), Type.Literal('left'), Type.Literal('right')]),
        facts: Type.Array(Compared),
        statistics: Type.Array(Compared),
        same: Type.Boolean(),
      }),
    ),
    runs: nullable(Type.Object(RunDifferences, { description: 'how both were made, by two different runs' })),
    diverge_at: PartsAt,
  },
  { $id: 'ProductDifferences' },
)

const counts = Type.Object({ left: Type.Integer(), right: Type.Integer() })
const Row = Type.Object({}, { additionalProperties: true, description: 'a row by the names of its columns' })
const TableDifferences = Type.Object(
  {
    state: Type.Union([Type.Literal('ready'), Type.Literal('identical'), Type.Literal('preparing')], {
      description: 'identical: both are the very same file',
    }),
    id: Type.Optional(Type.Object({ left: Type.String(), right: Type.String() })),
    rows: Type.Optional(counts),
    rows_without_id: Type.Optional(counts),
    same: Type.Optional(Type.Integer()),
    changed: Type.Optional(Type.Integer()),
    removed: Type.Optional(Type.Integer({ description: 'rows that only the left table has' })),
    added: Type.Optional(Type.Integer({ description: 'rows that only the right table has' })),
    repeated_ids: Type.Optional(
      Type.Object({
        ids: Type.Integer({ description: 'that come more than once on a side; not compared row by row' }),
        left: Type.Integer({ description: 'rows' }),
        right: Type.Integer({ description: 'rows' }),
        same: Type.Integer({ description: 'ids whose rows are the same on both sides' }),
        first: Type.Array(Type.Object({ id: Json, left: Type.Integer(), right: Type.Integer() })),
      }),
    ),
    columns: Type.Optional(
      Type.Array(Type.Object({ name: Type.String(), changed: Type.Integer() }), {
        description: 'that are compared, and in how many of the changed rows they differ',
      }),
    ),
    single_precision: Type.Optional(
      Type.Array(Type.String(), { description: 'columns compared in single precision, because one side has that' }),
    ),
    changed_rows: Type.Optional(
      Type.Array(
        Type.Object({
          id: Json,
          cells: Type.Array(Type.Object({ column: Type.String(), left: Json, right: Json })),
          more: Type.Integer({ description: 'further cells that differ' }),
        }),
        { description: 'the first 100' },
      ),
    ),
    removed_rows: Type.Optional(Type.Array(Row, { description: 'the first 100' })),
    added_rows: Type.Optional(Type.Array(Row, { description: 'the first 100' })),
  },
  { $id: 'TableDifferences' },
)

const TablesQuery = Type.Object({
  ...Sides,
  id: Type.Optional(Type.String({ description: 'the column with the ids; default: the one with the role ID' })),
  right_id: Type.Optional(Type.String({ description: 'the same in the right table, when it has another name there' })),
})

async function both({ context, request, query }: Call<{ readonly left: string; readonly right: string }, unknown>) {
  const left = await referredProduct(context, request, parseReference(query.left))
  return { left, right: await referredProduct(context, request, parseReference(query.right)) }
}

const refused = { 404: { description: 'One of them does not exist, or you may not see it' } }

export const compareEndpoints = [
  endpoint({
    method: 'get',
    path: '/compare/products/',
    tag: TAG,
    summary: 'Two products side by side, or one of two moments',
    description:
      'What is said of them, files, columns with statistics, the runs that made them, and the first event at which their ' +
      'histories part. Everything is listed with both values; `same` says whether they agree.',
    query: Type.Object(Sides),
    responses: { 200: { description: 'What is the same, and what differs', schema: ProductDifferences }, ...refused },
    async handle(call) {
      const { left, right } = await both(call)
      return call.http.json(productsJson(left, right, await compareReferred(call.context, left, right)))
    },
  }),
  endpoint({
    method: 'get',
    path: '/compare/runs/',
    tag: TAG,
    summary: 'Two runs side by side',
    description:
      'Parameters, inputs and outputs by their digests, the version of the code, counts, and where they part.',
    query: Type.Object({ left: IdInput('a run'), right: IdInput('another run') }),
    responses: {
      200: {
        description: 'What is the same, and what differs',
        schema: Type.Object(
          { left: Type.Integer(), right: Type.Integer(), same: Type.Boolean(), ...RunDifferences },
          { $id: 'RunDifferences' },
        ),
      },
      ...refused,
    },
    async handle({ context, request, query, http }) {
      const { comparison } = await compareTwoRuns(context, request, query.left, query.right)
      return http.json({ left: query.left, right: query.right, same: runsAgree(comparison), ...runsJson(comparison) })
    },
  }),
  endpoint({
    method: 'get',
    path: '/compare/tables/',
    tag: TAG,
    summary: 'Rows added, removed and changed between the tables of two products, by id',
    description:
      'For tables of any two formats. Columns are compared by their names; numbers are the same whatever their types, 64-bit ' +
      'integers to the last digit; NaN, null and the empty text are all nothing. Two large tables take some seconds: 202 says ' +
      'that they are still being compared, so ask again.',
    query: TablesQuery,
    responses: {
      200: { description: 'Counts, and the first rows of each kind', schema: TableDifferences },
      202: { description: 'They are still being compared: ask again later', schema: TableDifferences },
      ...refused,
      409: { description: 'There are no two tables, no ids, or they could not be read' },
    },
    handle: tables,
  }),
]

async function tables(call: Call<Static<typeof TablesQuery>, unknown>): Promise<Response> {
  const { context, request, query, http } = call
  const { left, right } = await both(call)
  const choice = { left: query.id ?? null, right: query.right_id ?? null }
  const found = await compareTables(context, request, left.state, right.state, choice, PATIENCE)
  switch (found.state) {
    case 'ready':
      return http.json({ state: found.state, ...tablesJson(found.value) })
    case 'identical': {
      const { rows } = found
      const none = { changed: 0, removed: 0, added: 0 }
      return http.json({ state: found.state, rows: { left: rows, right: rows }, same: rows, ...none })
    }
    case 'preparing':
      return http.json({ state: found.state }, 202, { 'Retry-After': LATER })
    case 'impossible':
    case 'missing':
      throw new DomainError('conflict', found.reason)
  }
}

function productsJson(left: ReferredProduct, right: ReferredProduct, comparison: ProductComparison) {
  const { facts, files, columns, runs, divergence } = comparison
  const parts = [...facts, ...files, ...columns]
  return {
    left: sideJson(left),
    right: sideJson(right),
    same: parts.every(({ same }) => same) && divergence === null,
    facts,
    files: files.map(fileJson),
    columns,
    runs: runs === null ? null : runsJson(runs),
    diverge_at: divergence,
  }
}

function sideJson({ state, asOf }: ReferredProduct) {
  const { id, internalName } = state.listed.product
  return { id, internal_name: internalName, as_of: asOf, reference: referenceText({ name: String(id), asOf }) }
}

const fileJson = ({ role, left, right, same }: ComparedFile) => ({ role, left, right, same })

const runsAgree = ({ facts, parameters, inputs, outputs, metrics, divergence }: RunComparison): boolean =>
  [...facts, ...parameters, ...inputs, ...outputs, ...metrics].every(({ same }) => same) && divergence === null

const runsJson = ({ divergence, inputs, outputs, ...comparison }: RunComparison) => ({
  ...comparison,
  inputs: inputs.map(({ left, right, same }) => ({
    left: left && inputJson(left),
    right: right && inputJson(right),
    same,
  })),
  outputs: outputs.map(fileJson),
  diverge_at: divergence,
})

type Input = NonNullable<RunComparison['inputs'][number]['left']>

const inputJson = ({ role, productId, name, digest }: Input) => ({ role, product: productId, name, sha256: digest })

function tablesJson(found: TableComparison) {
  const { id, rows, withoutId, same, changed, removed, added, repeated, columns } = found
  const named = (names: readonly string[]) => (row: readonly unknown[]) =>
    Object.fromEntries(names.map((name, place) => [name, row[place] ?? null]))
  return {
    id,
    rows,
    rows_without_id: withoutId,
    same,
    changed,
    removed,
    added,
    repeated_ids: repeated,
    columns: columns.compared,
    single_precision: columns.single,
    changed_rows: found.changedRows,
    removed_rows: found.removedRows.map(named(columns.left)),
    added_rows: found.addedRows.map(named(columns.right)),
  }
}
