import type { TObject, TSchema } from '@sinclair/typebox'
import { allEndpoints } from './all.ts'
import { type Endpoint, takesKey } from './endpoint.ts'
import { Problem } from './schemas.ts'

type Json = Record<string, unknown>

/** The OpenAPI 3.1 document, made from the very schemas that requests are checked with. */
export function openApi(version: string, serverUrl: string): Json {
  const components: Record<string, Json> = {}
  const paths: Record<string, Record<string, Json>> = {}
  for (const endpoint of allEndpoints) {
    const path = `/api${endpoint.path}`
    paths[path] = { ...paths[path], [endpoint.method]: operation(endpoint, components) }
  }
  named(Problem, components)
  return {
    openapi: '3.1.0',
    info: {
      title: 'Photo-z Server',
      version,
      description:
        'Photo-z data products: find, upload, describe, download. Every change is an event. The Python client `pzserver` speaks this API.',
    },
    servers: [{ url: serverUrl }],
    security: [{ token: [] }, { basic: [] }],
    paths,
    components: {
      securitySchemes: {
        token: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description: '`Token <key>`, the key from `POST /api/obtain_token/` or your account page',
        },
        basic: {
          type: 'http',
          scheme: 'basic',
          description:
            'for programs that know nothing else, such as TOPCAT: the key as the password, any name; reading alone',
        },
      },
      schemas: components,
    },
  }
}

function operation(endpoint: Endpoint, components: Record<string, Json>): Json {
  const body = endpoint.body
  return {
    tags: [endpoint.tag],
    summary: endpoint.summary,
    ...(endpoint.description === null ? {} : { description: endpoint.description }),
    operationId: operationId(endpoint),
    ...(endpoint.access === 'anyone' ? { security: [] } : {}),
    parameters: [
      ...pathParameters(endpoint),
      ...queryParameters(endpoint.query, components),
      ...(takesKey(endpoint) ? [IDEMPOTENCY_KEY] : []),
    ],
    ...(body === null ? {} : { requestBody: requestBody(body, endpoint.streams, components) }),
    responses: {
      ...Object.fromEntries(
        Object.entries(endpoint.responses).map(([status, { description, schema }]) => [
          status,
          {
            description,
            ...(schema === undefined ? {} : { content: { 'application/json': { schema: named(schema, components) } } }),
          },
        ]),
      ),
      default: {
        description: 'What went wrong',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}

const IDEMPOTENCY_KEY: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Any unique text, e.g. a UUID: the same request sent again with it within a day is carried out once and gets the same answer, with `Idempotent-Replayed: true`.',
  schema: { type: 'string', maxLength: 255 },
}

const operationId = ({ method, path }: Endpoint): string =>
  method +
  path
    .replaceAll(/\{(\w+)\}/g, 'By_$1')
    .replaceAll(/(?:^|[/_-])(\w)/g, (_, letter: string) => letter.toUpperCase())
    .replaceAll('/', '')

const pathParameters = (endpoint: Endpoint): Json[] =>
  [...endpoint.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'integer' },
  }))

function queryParameters(query: TObject | null, components: Record<string, Json>): Json[] {
  return Object.entries(query?.properties ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: query?.required?.includes(name) ?? false,
    ...(schema.description === undefined ? {} : { description: schema.description }),
    schema: named(schema, components),
  }))
}

function requestBody(body: TObject, streams: boolean, components: Record<string, Json>): Json {
  const schema = named(body, components)
  const needsFile = body.required?.some((name) => body.properties[name]?.format === 'binary') ?? false
  const types =
    streams && needsFile
      ? ['multipart/form-data']
      : ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data']
  return {
    required: (body.required?.length ?? 0) > 0,
    content: Object.fromEntries(types.map((type) => [type, { schema }])),
  }
}

/** A schema with every named schema inside it moved to the components. */
function named(schema: TSchema, components: Record<string, Json>): Json {
  const plain: Json = JSON.parse(JSON.stringify(schema))
  return moved(plain, components)
}

function moved(node: Json, components: Record<string, Json>): Json {
  const { $id, ...rest } = node
  const inside = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, movedValue(value, components)]))
  if (typeof $id !== 'string') return inside
  components[$id] = inside
  return { $ref: `#/components/schemas/${$id}` }
}

function movedValue(value: unknown, components: Record<string, Json>): unknown {
  if (Array.isArray(value)) return value.map((each) => movedValue(each, components))
  return typeof value === 'object' && value !== null ? moved({ ...value }, components) : value
}
