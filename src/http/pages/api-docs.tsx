import type { TSchema } from '@sinclair/typebox'
import { Hono } from 'hono'
import { type ApiOperation, ApiReferencePage } from '../../../views/pages/help.tsx'
import type { AppContext } from '../../context.ts'
import { allEndpoints } from '../api/all.ts'
import { type Endpoint, takesKey } from '../api/endpoint.ts'
import { baseUrl } from '../base-url.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import { CHAPTERS } from './help.tsx'
import { frameOf, type PageContext } from './visit.ts'

/** `/api/docs`, and the same page as `/help/api`: the reference of the HTTP API, for anybody. */
export function apiDocs(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()
  for (const path of ['/api/docs', '/api/docs/', '/help/api']) router.get(path, (c) => showReference(context, c))
  return router
}

function showReference(context: AppContext, c: PageContext) {
  const origin = baseUrl(context.config, c)
  return c.html(
    <ApiReferencePage
      frame={frameOf(context, c, 'help')}
      title="API reference"
      chapters={CHAPTERS}
      current="/help/api"
      openApiHref="/api/openapi.json"
      groups={groupsOf(allEndpoints, origin)}
    />,
  )
}

/** The operations by tag, in the order of the API. Made of the same endpoints as the OpenAPI document. */
function groupsOf(endpoints: readonly Endpoint[], origin: string) {
  const tags = [...new Set(endpoints.map((endpoint) => endpoint.tag))]
  return tags.map((name) => ({
    name,
    operations: endpoints.filter((endpoint) => endpoint.tag === name).map((endpoint) => operationOf(endpoint, origin)),
  }))
}

function operationOf(endpoint: Endpoint, origin: string): ApiOperation {
  const method = endpoint.method.toUpperCase()
  const path = `/api${endpoint.path}`
  return {
    id: `${endpoint.method}${path.replaceAll(/[^a-z]+/gi, '-')}`.replace(/-$/, ''),
    method,
    path,
    summary: [endpoint.summary, endpoint.description].filter(Boolean).join('. '),
    parameters: [
      ...[...endpoint.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
        name,
        where: 'path',
        type: 'integer',
        required: true,
        description: 'number',
      })),
      ...parametersOf(endpoint.query, 'query'),
      ...parametersOf(endpoint.body, 'body'),
      ...(takesKey(endpoint) ? [KEY] : []),
    ],
    responses: Object.entries(endpoint.responses).map(([status, { description }]) => ({ status, description })),
    example: exampleOf(endpoint, method, `${origin}${path.replaceAll(/\{\w+\}/g, '42')}`),
  }
}

const KEY = {
  name: 'Idempotency-Key',
  where: 'header',
  type: 'string',
  required: false,
  description:
    'any unique text: sent again with it within a day, the request is carried out once and answered the same',
}

function parametersOf(schema: Endpoint['query'], where: string): ApiOperation['parameters'] {
  return Object.entries(schema?.properties ?? {}).map(([name, property]) => ({
    name,
    where,
    type: typeInWords(property),
    required: schema?.required?.includes(name) ?? false,
    description: property.description ?? '',
  }))
}

function typeInWords(schema: TSchema): string {
  if (Array.isArray(schema.anyOf)) {
    const types: string[] = schema.anyOf.map((each: TSchema) => typeInWords(each))
    return [...new Set(types.filter((type) => type !== 'null'))].join(' or ')
  }
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.type === 'array') return `list of ${typeInWords(schema.items)}`
  return schema.format === 'binary' ? 'file' : String(schema.type ?? 'any')
}

function exampleOf(endpoint: Endpoint, method: string, url: string): string {
  const token = endpoint.access === 'anyone' ? '' : ' \\\n  -H "Authorization: Token $TOKEN"'
  const required = endpoint.body?.required ?? []
  const names = required.length > 0 ? required : Object.keys(endpoint.body?.properties ?? {}).slice(0, 1)
  const field = (name: string) =>
    endpoint.streams ? ` \\\n  -F ${name}=${name === 'file' ? '@catalog.parquet' : '…'}` : ` \\\n  -d ${name}=…`
  const verb = method === 'GET' ? '' : ` -X ${method}`
  return `curl${verb} ${url}${token}${names.map(field).join('')}`
}
