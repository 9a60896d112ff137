import { Type } from '@sinclair/typebox'
import { describedArchive, type ProductState } from '../../application/product-record.ts'
import { DomainError, destroyed, notFound } from '../../domain/error.ts'
import type { FileRow } from '../../projections/files/tables.ts'
import type { ListedProduct } from '../../projections/products/queries.ts'
import { baseUrl } from '../base-url.ts'
import { countedDownload, takenFile } from '../counted-download.ts'
import type { DispositionOptions } from '../download/content-disposition.ts'
import { serveBlob, serveBytes } from '../download/serve-bytes.ts'
import type { PreparedZip } from '../download/zip-cache.ts'
import { AS_OF, requireBytes, stateAsked } from './as-of.ts'
import { type Call, endpoint } from './endpoint.ts'
import { idOf } from './products.ts'
import { nullable } from './schemas.ts'

const Prepared = Type.Object(
  {
    id: Type.String(),
    task_id: Type.String(),
    status: Type.String({ description: '`ready`: it can be fetched from `download_url`' }),
    filename: Type.String(),
    size: Type.Integer(),
    checksum: Type.String({ description: 'SHA-256' }),
    source_signature: Type.String(),
    created_at: Type.String(),
    updated_at: Type.String(),
    download_url: Type.String({ description: 'from the root of the server; good for 15 minutes' }),
    expired_time: nullable(Type.String()),
  },
  { $id: 'PreparedDownload' },
)

interface Download {
  readonly key: string
  readonly filename: string
  readonly size: number
  readonly sha256: string
}

/** The longest part of a name that the product's own name may be, in bytes: with the digest and `.part` it fits 255. */
const MOST_NAME_BYTES = 200

function zipName(internalName: string, key: string): string {
  const characters = [...internalName]
  while (Buffer.byteLength(characters.join('')) > MOST_NAME_BYTES) characters.pop()
  return `${characters.join('')}_${key.slice(0, 32)}.zip`
}

type Part = 'everything' | 'main_file'
type AnyCall = Call<unknown, unknown>

/** The zip of everything that the product has in a state. Its name holds a digest of its content: a part of an older one never fits. */
async function zipOf({ context, request, http }: AnyCall, state: ProductState): Promise<Download> {
  requireBytes(state.files)
  const { internalName } = state.listed.product
  const base = baseUrl(context.config, http)
  using _ = context.limits.enter('archive', request.actor.userId)
  const zip = await context.zips.prepare(await describedArchive(context, request, state, base))
  return { key: zip.key, filename: zipName(internalName, zip.key), size: zip.size, sha256: zip.sha256 }
}

function mainFileOf({ files }: ProductState): FileRow {
  const main = files.find((file) => file.role === 'main')
  if (main === undefined) throw new DomainError('not_found', 'This product has no main file.')
  return main
}

async function prepared(call: AnyCall, part: Part): Promise<Response> {
  const { context, request, params, http } = call
  const state = await stateAsked(call, idOf(params), {})
  const { product } = state.listed
  const main = part === 'main_file' ? mainFileOf(state) : null
  const download: Download =
    main === null
      ? await zipOf(call, state)
      : { key: main.sha256, filename: main.name, size: main.size, sha256: main.sha256 }
  const { userId } = request.actor
  const token = context.downloadTokens.sign({ archive: download.key, product: product.id, user: userId })
  const path = part === 'main_file' ? 'download/main-file' : 'download'
  return http.json({
    id: download.key.slice(0, 32),
    task_id: download.key.slice(0, 32),
    status: 'ready',
    filename: download.filename,
    size: download.size,
    checksum: download.sha256,
    source_signature: download.key,
    created_at: product.updatedAt,
    updated_at: product.updatedAt,
    download_url: `/api/products/${product.id}/${path}/file/?token=${token}`,
    expired_time: null,
  })
}

async function fetched(call: Call<{ token?: string }, unknown>, part: Part): Promise<Response> {
  const { context, params, query } = call
  const grant = context.downloadTokens.verify(query.token)
  const state = await stateAsked(call, idOf(params), {})
  if (grant.product !== state.listed.product.id) throw notFound()
  if (part === 'main_file') {
    const main = mainFileOf(state)
    if (main.sha256 !== grant.archive) throw new DomainError('not_found', 'Download archive not found.')
    return mainFileBytes(call, main)
  }
  // Another server may have destroyed the files this very moment, and our archive of them is still there.
  if (state.listed.product.status === 'purged') throw destroyed()
  const ready = context.zips.get(grant.archive)
  const zip = ready ?? (await rebuilt(call, state, grant.archive))
  return zipBytes(call, state.listed, zip)
}

async function mainFileBytes(
  { context, request, http }: AnyCall,
  main: FileRow,
  options: DispositionOptions = {},
): Promise<Response> {
  requireBytes([main])
  const response = await serveBlob(http.req.raw, context.blobs, main.sha256, { fileName: main.name, ...options })
  const taken = takenFile(main, { fileName: main.name, sha256: main.sha256 })
  return countedDownload(context, request, http.req.raw, taken, response)
}

function zipBytes(
  { context, request, http }: AnyCall,
  { product }: ListedProduct,
  zip: PreparedZip,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const fileName = zipName(product.internalName, zip.key)
  const response = serveBytes(http.req.raw, zip, { fileName, mediaType: 'application/zip', headers })
  const taken = { productId: product.id, part: 'everything', fileId: null, fileName, sha256: zip.sha256 } as const
  return countedDownload(context, request, http.req.raw, taken, response)
}

/** The cache is disposable: what was evicted is made again, as long as the product is what it was. */
async function rebuilt(call: AnyCall, state: ProductState, key: string) {
  const { key: current } = await zipOf(call, state)
  const zip = current === key ? call.context.zips.get(key) : null
  if (zip === null) throw new DomainError('not_found', 'Download archive not found.')
  return zip
}

const FileQuery = Type.Object({ token: Type.Optional(Type.String({ description: 'from `download_url`' })) })

const flow = (part: Part, path: string, what: string) => [
  endpoint({
    method: 'post',
    path: `/products/{id}/${path}/prepare/`,
    tag: 'Downloads',
    summary: `Prepare the download of ${what}`,
    responses: { 200: { description: 'Ready', schema: Prepared } },
    handle: (call) => prepared(call, part),
  }),
  endpoint({
    method: 'get',
    path: `/products/{id}/${path}/status/`,
    tag: 'Downloads',
    summary: `How far the download of ${what} is`,
    responses: { 200: { description: 'Ready', schema: Prepared } },
    handle: (call) => prepared(call, part),
  }),
  endpoint({
    method: 'get',
    path: `/products/{id}/${path}/file/`,
    tag: 'Downloads',
    summary: `Download ${what}`,
    query: FileQuery,
    responses: { 200: { description: 'All bytes' }, 206: { description: 'A range of them' } },
    handle: (call) => fetched(call, part),
  }),
]

export const downloadEndpoints = [
  ...flow('everything', 'download', 'everything as a zip'),
  ...flow('main_file', 'download/main-file', 'the main file'),
  endpoint({
    method: 'get',
    path: '/products/{id}/download/',
    tag: 'Downloads',
    summary: 'Everything as a zip, in one call',
    query: Type.Object(AS_OF),
    responses: { 200: { description: 'All bytes' } },
    async handle(call) {
      const { context, params, query } = call
      const state = await stateAsked(call, idOf(params), query)
      const { key } = await zipOf(call, state)
      const zip = context.zips.get(key)
      if (zip === null) throw new DomainError('not_found', 'Download archive not found.')
      return zipBytes(call, state.listed, zip, {
        Deprecation: 'true',
        Link: `</api/products/${state.listed.product.id}/download/prepare/>; rel="successor-version"`,
      })
    },
  }),
  endpoint({
    method: 'get',
    path: '/products/{id}/download_main_file/',
    tag: 'Downloads',
    summary: 'The main file, in one call',
    query: Type.Object(AS_OF),
    responses: { 200: { description: 'All bytes' }, 206: { description: 'A range of them' } },
    async handle(call) {
      const main = mainFileOf(await stateAsked(call, idOf(call.params), call.query))
      // What Python clients up to 0.3.4 ask for, which take quotes for a part of the name.
      return mainFileBytes(call, main, { unquoted: true })
    },
  }),
]
