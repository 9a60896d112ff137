import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../../../src/http/app.ts'
import { type Answer, type Json, multipart } from '../../support/answer.ts'
import { type Client, type TestApp, testApp } from '../../support/app.ts'
import { accepted, CATALOG, columnsOf, published, registered } from '../../support/products.ts'

/** The document that describes the API: complete, well-formed and true. */
let app: TestApp
let alice: Client
let admin: Client
let document: Json

beforeAll(async () => {
  app = await testApp()
  alice = app.as('alice')
  admin = app.as('admin')
  document = accepted(await app.request('/api/openapi.json'))
})
afterAll(() => app.close())

const METHODS = ['get', 'post', 'put', 'patch', 'delete']
/** Not endpoints, but what describes them: the document itself, as a page too, and the greeting that checks a token. */
const UNDOCUMENTED = ['get /api/openapi.json', 'get /api/', 'get /api/docs', 'get /api/docs/']

function operations(): [string, Json][] {
  return Object.entries<Json>(document.paths).flatMap(([path, item]) =>
    Object.entries<Json>(item).map(([method, operation]): [string, Json] => [`${method} ${path}`, operation]),
  )
}

describe('the OpenAPI document', () => {
  it('has every route of the API, and no other', () => {
    const routes = createApp(app.context)
      .routes.filter(({ method, path }) => path.startsWith('/api/') && METHODS.includes(method.toLowerCase()))
      .map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)(?:\{[^}]*\})?/g, '{$1}')}`)
    const documented = operations().map(([name]) => name)
    expect([...new Set(routes)].filter((route) => !UNDOCUMENTED.includes(route)).sort()).toEqual(documented.sort())
  })

  it('is well-formed OpenAPI 3.1', () => {
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true })
    const valid = ajv.validate(OPENAPI_3_1, document)
    expect(ajv.errors ?? []).toEqual([])
    expect(valid).toBe(true)
  })

  it('has operations with unique names, declared parameters and schemas that compile', () => {
    const ids = operations().map(([, operation]) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    for (const [name, { parameters, responses }] of operations()) {
      const inPath = parameters.filter((each: Json) => each.in === 'path').map((each: Json) => each.name)
      expect([name, inPath]).toEqual([name, [...name.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter)])
      expect(new Set(parameters.map((each: Json) => each.name)).size).toBe(parameters.length)
      expect([name, Object.keys(responses).some((status) => /^2/.test(status))]).toEqual([name, true])
    }
    const text = JSON.stringify(document)
    for (const [, reference] of text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)) {
      expect(document.components.schemas).toHaveProperty(reference ?? '')
    }
    const ajv = validator()
    for (const name of Object.keys(document.components.schemas)) {
      expect(ajv.getSchema(`api#/components/schemas/${name}`)).toBeTypeOf('function')
    }
  })

  it('tells the truth about answers', async () => {
    const id = await published(alice)
    const draft = await registered(alice, { product_type: 7 })
    const file = accepted(await alice.upload(draft, 'notes.txt', 'x', { role: 2 }))
    const column = (await columnsOf(alice, id)).get('z')?.id
    const { download_url: zip } = accepted(await alice.post(`/api/products/${id}/download/prepare/`))
    const { download_url: main } = accepted(await alice.post(`/api/products/${id}/download/main-file/prepare/`))
    const form = (fields: Record<string, string>) => ({ body: new URLSearchParams(fields) })
    const json = (fields: object) => ({
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(fields),
    })
    const token = accepted(await alice.post('/api/tokens/', { name: 'spare' }))
    const release = { name: 'dp9', fluxes: [{ name: 'psf', display_name: 'PSF' }] }
    const bundle = await alice.get(`/api/products/${id}/export/`)
    const moved = multipart({}, { name: 'moved.zip', content: bundle.bytes })
    const imported = accepted(await alice.send('POST', '/api/products/import/', moved)).id
    const calls: readonly (readonly [string, string, RequestInit?, Client?])[] = [
      ['get /api/products/', '/api/products/'],
      ['get /api/products-specz/', '/api/products-specz/'],
      ['post /api/products/', '/api/products/', json({ display_name: 'x', product_type: 7 })],
      ['get /api/products/pending_publication/', '/api/products/pending_publication/'],
      ['get /api/products/{id}/', `/api/products/${id}/`],
      ['get /api/products-specz/{id}/', `/api/products-specz/${id}/`],
      ['patch /api/products/{id}/', `/api/products/${id}/`, form({ description: 'x' })],
      ['put /api/products/{id}/', `/api/products/${draft}/`, json({ display_name: 'y', product_type: 7 })],
      ['post /api/products/{id}/restore/', `/api/products/${draft}/restore/`, { method: 'POST' }],
      ['get /api/products/{id}/registry/', `/api/products/${id}/registry/`],
      ['post /api/products/{id}/registry/', `/api/products/${id}/registry/`],
      ['get /api/products/{id}/main_file_info/', `/api/products/${id}/main_file_info/`],
      ['get /api/products/{id}/read_data/', `/api/products/${id}/read_data/`],
      ['get /api/products/{id}/cone/', `/api/products/${id}/cone/?RA=10.5&DEC=-29.87&SR=0.1`],
      ['get /api/products/{id}/process_config/', `/api/products/${id}/process_config/`],
      ['get /api/products/{id}/files/', `/api/products/${id}/files/`],
      ['get /api/products/{id}/columns/', `/api/products/${id}/columns/`],
      ['get /api/products/{id}/history/', `/api/products/${id}/history/`],
      ['get /api/product-files/', `/api/product-files/?product_id=${id}`],
      [
        'post /api/product-files/',
        '/api/product-files/',
        multipart({ product: draft, role: 0 }, { name: 'table.csv', content: CATALOG }),
      ],
      ['get /api/product-files/{id}/', `/api/product-files/${file.id}/`],
      ['get /api/product-files/{id}/download/', `/api/product-files/${file.id}/download/`],
      ['delete /api/product-files/{id}/', `/api/product-files/${file.id}/`],
      ['get /api/product-contents/', `/api/product-contents/?product=${id}`],
      ['get /api/product-contents/{id}/', `/api/product-contents/${column}/`],
      ['patch /api/product-contents/{id}/', `/api/product-contents/${column}/`, form({ alias: 'z' })],
      ['put /api/product-contents/{id}/', `/api/product-contents/${column}/`, form({ alias: 'z' })],
      ['post /api/products/{id}/download/prepare/', `/api/products/${id}/download/prepare/`],
      ['get /api/products/{id}/download/status/', `/api/products/${id}/download/status/`],
      ['get /api/products/{id}/download/file/', zip],
      ['post /api/products/{id}/download/main-file/prepare/', `/api/products/${id}/download/main-file/prepare/`],
      ['get /api/products/{id}/download/main-file/status/', `/api/products/${id}/download/main-file/status/`],
      ['get /api/products/{id}/download/main-file/file/', main],
      ['get /api/products/{id}/download/', `/api/products/${id}/download/`],
      ['get /api/products/{id}/download_main_file/', `/api/products/${id}/download_main_file/`],
      ['get /api/products/{id}/downloads/', `/api/products/${id}/downloads/`],
      ['get /api/product-types/', '/api/product-types/'],
      ['get /api/product-types/{id}/', '/api/product-types/1/'],
      ['post /api/releases/', '/api/releases/', json(release), admin],
      ['get /api/releases/', '/api/releases/'],
      ['get /api/releases/{id}/', '/api/releases/1/'],
      ['patch /api/releases/{id}/', '/api/releases/1/', json({ description: 'x' }), admin],
      ['get /api/releases/{id}/history/', '/api/releases/1/history/'],
      ['get /api/releases/{id}/blame/', '/api/releases/1/blame/'],
      ['post /api/releases/{id}/undo/', '/api/releases/1/undo/', json({ position: '1' }), admin],
      ['delete /api/releases/{id}/', '/api/releases/1/', {}, admin],
      ['post /api/releases/{id}/restore/', '/api/releases/1/restore/', {}, admin],
      ['get /api/pipelines/', '/api/pipelines/'],
      ['get /api/pipelines/{id}/', '/api/pipelines/1/'],
      ['get /api/processes/', '/api/processes/'],
      ['get /api/users/', '/api/users/'],
      ['post /api/users/', '/api/users/', json({ username: 'carol', password: 'long enough' }), admin],
      ['patch /api/users/{id}/', '/api/users/3/', json({ groups: ['insiders'] }), admin],
      ['get /api/groups/', '/api/groups/', {}, admin],
      ['get /api/tokens/', '/api/tokens/'],
      ['post /api/tokens/', '/api/tokens/', json({ name: 'another' })],
      ['delete /api/tokens/{id}/', `/api/tokens/${token.id}/`],
      ['post /api/get_token/', '/api/get_token/'],
      ['post /api/obtain_token/', '/api/obtain_token/', json({ username: 'alice', password: 'correct horse battery' })],
      ['post /api/logged_user/', '/api/logged_user/'],
      ['get /api/proof/key/', '/api/proof/key/'],
      ['post /api/proof/checkpoint/', '/api/proof/checkpoint/'],
      ['get /api/proof/checkpoint/', '/api/proof/checkpoint/'],
      ['get /api/proof/consistency/', '/api/proof/consistency/?from=1&to=2'],
      ['get /api/products/{id}/proof/', `/api/products/${id}/proof/`],
      ['get /api/products/{id}/blame/', `/api/products/${id}/blame/`],
      ['get /api/products/{id}/original_history/', `/api/products/${imported}/original_history/`],
      ['get /api/feed/', '/api/feed/'],
      ['get /api/products/{id}/feed/', `/api/products/${id}/feed/?format=json`],
      ['get /api/products/{id}/lineage/', `/api/products/${id}/lineage/`],
      ['get /api/products/{id}/provenance/', `/api/products/${id}/provenance/?format=ro-crate`],
      ['post /api/products/{id}/undo/', `/api/products/${id}/undo/`, json({ position: '1' })],
      ['get /api/products/{id}/export/', `/api/products/${id}/export/`],
      ['get /api/compare/products/', `/api/compare/products/?left=${id}&right=${draft}`],
      ['get /api/compare/tables/', `/api/compare/tables/?left=${id}&right=${imported}&id=objectId`],
      ['get /api/compare/runs/', '/api/compare/runs/?left=1&right=2'],
      ['post /api/products/import/', '/api/products/import/', multipart({}, { name: 'a.zip', content: bundle.bytes })],
      ['post /api/admin/verify/', '/api/admin/verify/', {}, admin],
      ['delete /api/products/{id}/', `/api/products/${draft}/`],
    ]
    const documented = new Map(operations())
    const ajv = validator()
    for (const [name, path, init, client = alice] of calls) {
      const operation = documented.get(name)
      const answer = await client.send(name.split(' ')[0]?.toUpperCase() ?? '', path, init)
      expectDocumented(ajv, name, operation, answer)
      documented.delete(name)
    }
    // What other people add to the API is to be called here as well; runs of pipelines have tests of their own.
    expect([...documented.keys()].filter((name) => !/ \/api\/processes\//.test(name))).toEqual([])
  })

  it('tells the truth about refusals', async () => {
    const ajv = validator()
    for (const answer of [
      await app.request('/api/products/'),
      await alice.get('/api/products/999999/'),
      await alice.post('/api/products/', {}),
      await alice.post('/api/users/', { username: 'x', password: 'x' }),
      await alice.send('PUT', '/api/products/'),
      await alice.post('/api/products/', { display_name: 'x', product_type: 7, status: 1 }),
    ]) {
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      expect(ajv.validate('api#/components/schemas/Problem', answer.json), ajv.errorsText()).toBe(true)
    }
  })
})

function validator(): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  formats.default(ajv)
  // The document itself is no schema; what it holds below `components` are the schemas.
  return ajv.addSchema({ $id: 'api', components: document.components })
}

function expectDocumented(ajv: Ajv2020, name: string, operation: Json, answer: Answer): void {
  const described = operation?.responses[answer.status]
  expect([name, answer.status, described?.description]).toEqual([name, answer.status, expect.any(String)])
  const schema = described.content?.['application/json']?.schema
  if (schema === undefined) return
  const absolute = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/'))
  const valid = ajv.validate(absolute, answer.json)
  expect([name, valid ? '' : ajv.errorsText()]).toEqual([name, ''])
}

const described = {
  type: 'object',
  required: ['description'],
  properties: { description: { type: 'string', minLength: 1 } },
}
const content = {
  type: 'object',
  minProperties: 1,
  propertyNames: { pattern: '^[a-z]+/[\\w.+-]+$' },
  additionalProperties: {
    type: 'object',
    required: ['schema'],
    properties: { schema: { type: ['object', 'boolean'] } },
  },
}

/** The parts of the OpenAPI 3.1 meta-schema (spec.openapis.org/oas/3.1/schema/2022-10-07) that our document uses. */
const OPENAPI_3_1 = {
  type: 'object',
  required: ['openapi', 'info', 'paths', 'components'],
  additionalProperties: false,
  properties: {
    openapi: { type: 'string', pattern: '^3\\.1\\.\\d+$' },
    info: {
      type: 'object',
      required: ['title', 'version'],
      additionalProperties: false,
      properties: { title: { type: 'string' }, version: { type: 'string' }, description: { type: 'string' } },
    },
    servers: { type: 'array', items: { type: 'object', required: ['url'], properties: { url: { type: 'string' } } } },
    security: { type: 'array', items: { type: 'object', additionalProperties: { type: 'array' } } },
    paths: {
      type: 'object',
      propertyNames: { pattern: '^/' },
      additionalProperties: {
        type: 'object',
        propertyNames: { enum: METHODS },
        additionalProperties: {
          type: 'object',
          required: ['operationId', 'responses', 'summary', 'tags'],
          additionalProperties: false,
          properties: {
            tags: { type: 'array', items: { type: 'string' } },
            summary: { type: 'string', minLength: 1 },
            description: { type: 'string' },
            operationId: { type: 'string', pattern: '^\\w+$' },
            security: { type: 'array' },
            parameters: {
              type: 'array',
              items: {
                type: 'object',
                required: ['name', 'in', 'schema'],
                additionalProperties: false,
                properties: {
                  name: { type: 'string' },
                  in: { enum: ['path', 'query', 'header'] },
                  required: { type: 'boolean' },
                  description: { type: 'string' },
                  schema: { type: 'object' },
                },
                if: { type: 'object', properties: { in: { const: 'path' } } },
                // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
                then: { type: 'object', required: ['required'], properties: { required: { const: true } } },
              },
            },
            requestBody: {
              type: 'object',
              required: ['content'],
              additionalProperties: false,
              properties: { required: { type: 'boolean' }, content },
            },
            responses: {
              type: 'object',
              minProperties: 1,
              propertyNames: { pattern: '^([1-5]\\d\\d|default)$' },
              additionalProperties: { ...described, properties: { ...described.properties, content } },
            },
          },
        },
      },
    },
    components: {
      type: 'object',
      additionalProperties: false,
      properties: {
        securitySchemes: {
          type: 'object',
          additionalProperties: {
            type: 'object',
            required: ['type'],
            properties: { type: { enum: ['apiKey', 'http'] } },
          },
        },
        schemas: { type: 'object', propertyNames: { pattern: '^[\\w.-]+$' }, additionalProperties: { type: 'object' } },
      },
    },
  },
}
