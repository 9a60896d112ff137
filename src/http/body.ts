import { BlobTooLarge } from '../blobs/error.ts'
import { announcedSize, bodyChunks, type Pace } from './body-stream.ts'
import { type FileOptions, readMultipart, type UploadedFile } from './multipart.ts'
import { RequestError } from './problem.ts'

export type { FileOptions, UploadedFile } from './multipart.ts'

/**
 * What a request brought, in one shape whether it came as JSON, as a form or as multipart. `await using body = …` forgets
 * the files that nobody kept.
 */
export interface Body extends AsyncDisposable {
  readonly kind: 'empty' | 'json' | 'form' | 'multipart'
  /** By name: JSON values, or strings; a field that came several times is a list in order. Has no prototype. */
  readonly fields: Readonly<Record<string, unknown>>
  readonly files: readonly UploadedFile[]
}

export interface BodyOptions {
  /** Where files go; without it a file is refused. */
  readonly files?: FileOptions
  readonly pace?: Pace
  /** Most fields of a form, 1000 unless told: a form may have a field for each column of a table. */
  readonly mostFields?: number
}

/** Most bytes of JSON or of a form without files; multipart may have as many besides its files. */
const MOST_TEXT = 2_000_000
const MOST_FORM_FIELDS = 1000
const DEEPEST_JSON = 64

/**
 * Reads a request's body, whatever form it has. No body at all is fine with every content type, because the Python client
 * announces JSON and sends nothing.
 * @throws RequestError, BlobTooLarge, DiskFull
 */
export async function readBody(request: Request, options: BodyOptions = {}): Promise<Body> {
  const contentType = request.headers.get('content-type') ?? ''
  const mediaType = (contentType.split(';')[0] ?? '').trim().toLowerCase()
  if (mediaType === 'multipart/form-data') {
    const most = MOST_TEXT + (options.files ? options.files.limit * options.files.most : 0)
    // More than all files together may have: then one of them is too large, and its limit is the one to name.
    if (options.files && announcedSize(request) > most) throw new BlobTooLarge(options.files.limit)
    const chunks = bodyChunks(request, most, options.pace)
    const { fields, files } = await readMultipart(chunks, contentType, options.files ?? null, options.mostFields)
    return multipartBody(fields, files)
  }
  const text = await readText(request, options.pace)
  if (text === '') return body('empty', [])
  if (mediaType === 'application/json' || /^application\/[\w.-]+\+json$/.test(mediaType)) {
    return body('json', Object.entries(parseObject(text)))
  }
  if (mediaType === 'application/x-www-form-urlencoded') {
    const form = new URLSearchParams(text)
    const most = options.mostFields ?? MOST_FORM_FIELDS
    if (form.size > most) {
      throw new RequestError('body_too_large', `A form may have at most ${most} fields.`)
    }
    return body('form', grouped(form))
  }
  throw new RequestError(
    'unsupported_media_type',
    `Send JSON, a form or multipart/form-data, not ${mediaType === '' ? 'a body without Content-Type' : mediaType}.`,
  )
}

/** A field as a list: nothing, one value, several values, or a JSON list. */
export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? value : [value]
}

async function multipartBody(fields: readonly (readonly [string, string])[], files: readonly UploadedFile[]) {
  try {
    return body(fields.length + files.length > 0 ? 'multipart' : 'empty', grouped(fields), files)
  } catch (error) {
    for (const file of files) await file.blob.discard()
    throw error
  }
}

function body(kind: Body['kind'], entries: Iterable<[string, unknown]>, files: readonly UploadedFile[] = []): Body {
  const fields: Record<string, unknown> = Object.create(null)
  for (const [name, value] of entries) {
    requireStorable(name, value)
    fields[name] = value
  }
  return {
    kind,
    fields,
    files,
    [Symbol.asyncDispose]: async () => {
      for (const file of files) await file.blob.discard()
    },
  }
}

function grouped(entries: Iterable<readonly [string, string]>): Map<string, unknown> {
  const groups = new Map<string, string | string[]>()
  for (const [name, value] of entries) {
    const earlier = groups.get(name)
    groups.set(name, earlier === undefined ? value : [earlier, value].flat())
  }
  return groups
}

async function readText(request: Request, pace?: Pace): Promise<string> {
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of bodyChunks(request, MOST_TEXT, pace)) chunks.push(chunk)
  } catch (error) {
    if (!(error instanceof BlobTooLarge)) throw error
    const message = `A body that is not a file may have at most ${MOST_TEXT} bytes.`
    throw new RequestError('body_too_large', message)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    throw new RequestError('bad_request', 'The body is not valid UTF-8.')
  }
}

function parseObject(text: string): object {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unreadable'
    throw new RequestError('bad_request', `JSON parse error: ${why.slice(0, 200)}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RequestError('bad_request', 'The body must be a JSON object.')
  }
  return value
}

const LONE_SURROGATE = /\p{Surrogate}/u

/** Neither the log nor PostgreSQL can store U+0000 and half characters, so they do not get past here. */
function requireStorable(field: string, value: unknown, depth = 0): void {
  const refuse = (message: string): never => {
    const name = storable(field) ? field : 'field'
    throw new RequestError('bad_request', `${name}: ${message}`, { [name]: message })
  }
  if (depth > DEEPEST_JSON) refuse('This value is nested too deeply.')
  if (typeof value === 'string' && !storable(value)) refuse(whyNotStorable(value))
  if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      if (!storable(name)) refuse(whyNotStorable(name))
      requireStorable(field, member, depth + 1)
    }
  }
  if (!storable(field)) refuse(whyNotStorable(field))
}

const storable = (text: string): boolean => !text.includes('\u0000') && !LONE_SURROGATE.test(text)

const whyNotStorable = (text: string): string =>
  text.includes('\u0000') ? 'Null characters are not allowed.' : 'Half characters (lone surrogates) are not allowed.'
