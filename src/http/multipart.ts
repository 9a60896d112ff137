import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy'
import type { BlobStore, TemporaryBlob } from '../blobs/blob-store.ts'
import { cleanFileName } from '../domain/file-name.ts'
import { RequestError } from './problem.ts'

/** A file that came with a request. Its bytes lie in the store, and are gone unless somebody keeps them. */
export interface UploadedFile {
  /** Name of the form's field. */
  readonly field: string
  /** As the person named it, without folders and tricks. */
  readonly name: string
  /** What the client said; null when it said nothing, or `text/plain`, which is the default of the format. */
  readonly mediaType: string | null
  readonly blob: TemporaryBlob
}

export interface FileOptions {
  readonly store: BlobStore
  /** Most bytes of one file. */
  readonly limit: number
  /** Most files of one request. */
  readonly most: number
}

export interface Multipart {
  readonly fields: readonly (readonly [string, string])[]
  readonly files: readonly UploadedFile[]
}

const LIMITS = { fieldSize: 2_000_000, fields: 1000, parts: 1000, headerPairs: 50, headerSize: 16_384 }
const LONGEST_FIELD_NAME = 200

/**
 * Reads `multipart/form-data` (RFC 7578). Files stream straight into the store, in any order with the fields. When
 * anything fails, nothing of the files stays behind.
 * @param options null: no files are expected
 * @param mostFields most fields, and most parts
 * @throws RequestError, BlobTooLarge, DiskFull
 */
export async function readMultipart(
  chunks: AsyncIterable<Uint8Array>,
  contentType: string,
  options: FileOptions | null,
  mostFields: number = LIMITS.fields,
): Promise<Multipart> {
  const steps = new Steps()
  const parser = createParser(contentType, mostFields)
  const fields: [string, string][] = []
  const streams: BusboyFileStream[] = []
  const receiving: Promise<UploadedFile | null>[] = []

  parser.on('field', (name: string | undefined, value, _nameTruncated, valueTruncated, _encoding, mediaType) => {
    if (!isFieldName(name)) steps.fail(malformed('a part has no usable name'))
    else if (valueTruncated) steps.fail(tooLarge(`The field ${name} is longer than ${LIMITS.fieldSize} bytes.`))
    else if (mediaType.startsWith('multipart/')) steps.fail(malformed('a part has parts of its own'))
    else fields.push([name, value])
  })
  parser.on('file', (name: string | undefined, stream, fileName, _encoding, mediaType) => {
    streams.push(stream)
    stream.on('error', () => {}) // whoever reads the stream gets it; without a listener it would end the process
    if (!isFieldName(name)) return steps.fail(malformed('a part has no usable name'))
    if (options === null) return steps.fail(new RequestError('bad_request', 'No file is expected here.'))
    if (receiving.length === options.most) {
      return steps.fail(
        tooLarge(`At most ${options.most} ${options.most === 1 ? 'file' : 'files'} can be sent at once.`),
      )
    }
    const file = receive(options, stream, name, fileName, mediaType)
    receiving.push(file)
    file.catch(steps.fail)
  })
  parser.on('partsLimit', () => steps.fail(tooLarge(`A form may have at most ${mostFields} parts.`)))
  parser.on('fieldsLimit', () => steps.fail(tooLarge(`A form may have at most ${mostFields} fields.`)))
  parser.on('error', (error: unknown) => steps.fail(malformed(error instanceof Error ? error.message : 'unreadable')))

  try {
    let isEmpty = true
    for await (const chunk of chunks) {
      if (chunk.length === 0) continue
      isEmpty = false
      await steps.take((done) => parser.write(chunk, () => done()))
    }
    if (isEmpty) return { fields, files: [] }
    await steps.take((done) => parser.once('finish', done).end())
    const files = await Promise.all(receiving)
    steps.check()
    return { fields, files: files.filter((file) => file !== null) }
  } catch (error) {
    for (const stream of streams) stream.destroy(error instanceof Error ? error : undefined)
    for (const file of await Promise.allSettled(receiving)) {
      if (file.status === 'fulfilled') await file.value?.blob.discard()
    }
    throw error
  }
}

/** A file input that was left empty comes as a part without name and bytes: that is no file. */
async function receive(
  { store, limit }: FileOptions,
  stream: BusboyFileStream,
  field: string,
  fileName: string,
  mediaType: string,
): Promise<UploadedFile | null> {
  const blob = await store.receive(stream, { limit })
  if (fileName === '' && blob.size === 0) {
    await blob.discard()
    return null
  }
  // Browsers write a quotation mark as %22 (HTML, "multipart/form-data encoding algorithm").
  const name = cleanFileName(fileName.replaceAll('%22', '"'))
  return { field, name, mediaType: mediaType === 'text/plain' ? null : mediaType, blob }
}

function createParser(contentType: string, mostFields: number): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      limits: { ...LIMITS, fields: mostFields, parts: mostFields },
      preservePath: true,
      isPartAFile: (_field, _mediaType, fileName) => fileName !== undefined,
    })
  } catch {
    throw malformed('it has no boundary')
  }
}

/** The steps of reading, one after the other; a failure anywhere ends the one under way. */
class Steps {
  #failure: { readonly error: unknown } | null = null
  #interrupt: (error: unknown) => void = () => {}

  readonly fail = (error: unknown): void => {
    this.#failure ??= { error }
    this.#interrupt(this.#failure.error)
  }

  check(): void {
    if (this.#failure) throw this.#failure.error
  }

  async take(begin: (done: () => void) => void): Promise<void> {
    this.check()
    await new Promise<void>((resolve, reject) => {
      this.#interrupt = reject
      begin(resolve)
    })
    this.check()
  }
}

const isFieldName = (name: string | undefined): name is string =>
  name !== undefined && name !== '' && name.length <= LONGEST_FIELD_NAME

const malformed = (why: string) => new RequestError('bad_request', `The multipart body is malformed: ${why}.`)
const tooLarge = (message: string) => new RequestError('body_too_large', message)
