import { Type } from '@sinclair/typebox'
import {
  type ConeAnswer,
  type ConeQuery,
  coneSearch,
  coneSearchVotable,
  MOST_ROWS,
  USUAL_ROWS,
} from '../../application/cone-search.ts'
import type { FoundColumn } from '../../application/cone-task.ts'
import { DomainError } from '../../domain/error.ts'
import { normaliseRa } from '../../sky/coordinates.ts'
import { shortestFloat32 } from '../../tables/arrow-columns.ts'
import { integerCell, numberCell } from '../../tables/cell.ts'
import type { Cell } from '../../tables/inspection.ts'
import { queryOf } from '../middleware/query.ts'
import { problemOf } from '../problem.ts'
import { type Call, endpoint } from './endpoint.ts'
import { idOf } from './products.ts'

const VOTABLE_TYPE = 'application/x-votable+xml'

const Answer = Type.Object(
  {
    product: Type.Integer(),
    ra: Type.Number(),
    dec: Type.Number(),
    sr: Type.Number(),
    count: Type.Integer({ description: 'rows given' }),
    truncated: Type.Boolean({ description: 'more rows lie in the cone, further from its centre' }),
    columns: Type.Array(
      Type.Object({
        name: Type.String(),
        type: Type.String(),
        unit: Type.Union([Type.String(), Type.Null()]),
        ucd: Type.Union([Type.String(), Type.Null()]),
      }),
    ),
    results: Type.Array(
      Type.Object(
        {},
        { description: 'a row by the names of its columns, and `_dist_arcsec`', additionalProperties: true },
      ),
      { description: 'nearest first; integers beyond 2^53 are texts' },
    ),
  },
  { $id: 'ConeAnswer' },
)

/** Texts, because a VO client that sends something wrong wants to read so in a VOTable. */
const text = (description: string) => Type.Optional(Type.String({ description }))

export const coneEndpoints = [
  endpoint({
    method: 'get',
    path: '/products/{id}/cone/',
    tag: 'Products',
    summary: 'The rows of a product around a position',
    description:
      'Rows closer than SR to (RA, DEC), the nearest first. With `format=votable` this is an IVOA Simple Cone Search 1.03: ' +
      'give `…/cone/?format=votable&` to TOPCAT or pyvo; errors are VOTables with `<INFO name="Error">` then.',
    query: Type.Object({
      RA: text('right ascension of the centre, degrees (ICRS)'),
      DEC: text('declination of the centre, degrees'),
      SR: text('radius, degrees, at most 180; 0 gives the columns alone'),
      VERB: text('1: identifier and position alone; 2 (default), 3: all columns'),
      MAXREC: text(`most rows: ${USUAL_ROWS} unless said, never more than ${MOST_ROWS}`),
      format: text('json (default) or votable'),
      RESPONSEFORMAT: text('the same, in the words of DALI'),
    }),
    responses: {
      200: { description: 'The rows, as JSON or VOTable', schema: Answer },
      409: { description: 'The product has no columns with the roles RA and Dec' },
    },
    handle,
  }),
]

async function handle(call: Call<unknown, unknown>): Promise<Response> {
  const { context, request, params, http } = call
  using _ = context.limits.enter('table', request.actor.userId)
  // Names of parameters are the same in any case (DALI 1.1, section 2.3.10).
  const given = new Map([...queryOf(http)].map(([name, value]) => [name.toUpperCase(), value.trim()]))
  const accepts = http.req.header('accept') ?? ''
  const format = given.get('FORMAT') ?? given.get('RESPONSEFORMAT') ?? (/votable/i.test(accepts) ? 'votable' : 'json')
  if (!/votable|^(text|application)\/xml/i.test(format)) {
    if (!/json/i.test(format)) throw new DomainError('invalid', `format: "${format}" is neither json nor votable.`)
    const query = coneQuery(given)
    return http.json(coneAnswer(await coneSearch(context, request, idOf(params), query), query))
  }
  try {
    return votable(await coneSearchVotable(context, request, idOf(params), coneQuery(given)), 200)
  } catch (error) {
    const problem = problemOf(error)
    if (problem === null) throw error
    // VO clients show what a VOTable says, but of another status only its number.
    const isAboutTheQuery = problem.status === 400 || problem.status === 409 || problem.status === 422
    return votable(new TextEncoder().encode(errorVotable(problem.detail)), isAboutTheQuery ? 200 : problem.status)
  }
}

const votable = (bytes: Uint8Array, status: number): Response =>
  new Response(new Uint8Array(bytes), {
    status,
    headers: { 'Content-Type': VOTABLE_TYPE, 'Content-Disposition': 'inline; filename="cone.vot"' },
  })

/** An answer without a table (Simple Cone Search 1.03, section 2.3). */
function errorVotable(message: string): string {
  const escaped = message
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/\p{Cc}/gu, ' ')
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">',
    `<INFO ID="Error" name="Error" value="${escaped}"/>`,
    '<RESOURCE type="results">',
    `<INFO name="QUERY_STATUS" value="ERROR">${escaped}</INFO>`,
    '</RESOURCE>',
    '</VOTABLE>',
    '',
  ].join('\n')
}

/** @param given texts by the names of the parameters, upper case @throws DomainError `invalid`, naming every parameter that is wrong */
export function coneQuery(given: ReadonlyMap<string, string>): ConeQuery {
  const problems: Record<string, string> = {}
  const number = (name: string, what: string, isRight: (value: number) => boolean, usual?: number): number => {
    const said = given.get(name)
    if (said === undefined || said === '') {
      if (usual !== undefined) return usual
      problems[name] = `Say ${what}.`
      return Number.NaN
    }
    const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(said) ? Number(said) : Number.NaN
    if (!isRight(value)) problems[name] = `"${said.slice(0, 40)}" is not ${what}.`
    return value
  }
  const ra = number('RA', 'a right ascension in degrees, 0 to 360', (value) => !Number.isNaN(normaliseRa(value)))
  const dec = number('DEC', 'a declination in degrees, -90 to 90', (value) => value >= -90 && value <= 90)
  const radius = number('SR', 'a radius in degrees, 0 to 180', (value) => value >= 0 && value <= 180)
  const mostRows = number(
    'MAXREC',
    'a number of rows',
    (value) => Number.isSafeInteger(value) && value >= 0,
    USUAL_ROWS,
  )
  const verbosity = number('VERB', '1, 2 or 3', (value) => value === 1 || value === 2 || value === 3, 2)
  if (Object.keys(problems).length > 0) {
    const detail = Object.entries(problems).map(([name, message]) => `${name}: ${message}`)
    throw new DomainError('invalid', detail.join(' '), problems)
  }
  return {
    ra: normaliseRa(ra),
    dec,
    radius,
    mostRows: Math.min(mostRows, MOST_ROWS),
    verbosity: verbosity === 1 ? 1 : verbosity === 2 ? 2 : 3,
  }
}

/** The answer as JSON: a row by the names of its columns. */
export function coneAnswer(
  { product, rows, truncated, columns, separation }: ConeAnswer,
  { ra, dec, radius }: ConeQuery,
) {
  return {
    product: product.product.id,
    ra,
    dec,
    sr: radius,
    count: rows,
    truncated,
    columns: columns.map(({ name, type, unit, ucd }) => ({ name, type, unit, ucd })),
    results: Array.from(
      { length: rows },
      (_, row): Readonly<Record<string, Cell>> => ({
        ...Object.fromEntries(columns.map(({ name, type, column }) => [name, cellOf(column, type, row)])),
        _dist_arcsec: separation[row] ?? null,
      }),
    ),
  }
}

function cellOf(column: FoundColumn, type: string, row: number): Cell {
  if (column.kind === 'text') {
    const text = column.values[row] ?? null
    // Cells of arrays are JSON already.
    return text !== null && type === 'array' ? JSON.parse(text) : text
  }
  const value = column.values[row]
  if (value === undefined) return null
  if (column.kind === 'float') return numberCell(type === 'float32' ? shortestFloat32(Number(value)) : Number(value))
  if (column.nulls?.[row]) return null
  if (column.kind === 'boolean') return value === 1
  return typeof value === 'bigint' ? integerCell(value) : Number(value)
}
