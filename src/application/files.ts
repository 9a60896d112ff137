import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { Blob, TemporaryBlob } from '../blobs/blob-store.ts'
import type { AppContext } from '../context.ts'
import { forbidden, invalidField } from '../domain/error.ts'
import { cleanFileName } from '../domain/file-name.ts'
import type { InspectionResult, ProductCommand } from '../domain/product/commands.ts'
import { productDecider } from '../domain/product/decider.ts'
import type { FileRole } from '../domain/product/events.ts'
import { productStream } from '../domain/product/product.ts'
import { suggestRoles } from '../domain/product/role-suggestion.ts'
import type { Examination } from '../tables/examine.ts'
import type { Inspection } from '../tables/inspection.ts'
import { TableError } from '../tables/table.ts'
import { keepingBlobs } from './blob-lock.ts'
import { execute, type Request, tryOut } from './command.ts'
import { nextNumber, nextNumbers } from './numbers.ts'
import { canChange, requireProduct } from './products.ts'
import { requireRoom } from './quota.ts'

/** A file that has arrived, and that nobody owns yet. */
export interface IncomingFile {
  readonly name: string
  readonly mediaType: string | null
  readonly blob: TemporaryBlob
}

/**
 * Adds a file to a product. A main file is looked through first: when it has to be a table and is none, or when its name
 * lies, nothing is stored. Bytes are safe on disk before the event that names them.
 * @returns the number of the file.
 * @throws DomainError, TableError
 */
export async function attachFile(
  context: AppContext,
  request: Request,
  productId: number,
  incoming: {
    readonly file: IncomingFile
    readonly role: FileRole
    readonly replace: boolean
    readonly signal?: AbortSignal
  },
): Promise<number> {
  try {
    const product = await requireProduct(context, request, productId)
    if (!canChange(request, product)) throw forbidden()
    await requireRoom(context, product.product.ownerId, incoming.file.blob.size)
    return await withExamined(context, request, incoming, async ({ command, store }) => {
      await tryOut(context, productDecider, productStream(productId), command)
      const stored = await store()
      await execute(context, request, productDecider, productStream(productId), stored)
      return stored.fileId
    })
  } finally {
    await incoming.file.blob.discard()
  }
}

type AttachFile = Extract<ProductCommand, { readonly type: 'AttachFile' }>

/** A file that has been looked at, and whose bytes are not kept yet. */
export interface ExaminedFile {
  /** What attaches it, with numbers that are not given to anybody: to try out. */
  readonly command: AttachFile
  /** What was found in a main file; null when it is no table. */
  readonly inspection: Inspection | null
  /** Makes the bytes permanent, and gives the same command with numbers of its own. */
  store(): Promise<AttachFile>
}

/** Examines a file and hands it on; what was not stored by then is forgotten. The caller discards the file itself. */
export async function withExamined<Result>(
  context: AppContext,
  request: Request,
  incoming: {
    readonly file: IncomingFile
    readonly role: FileRole
    readonly replace: boolean
    readonly signal?: AbortSignal
  },
  use: (examined: ExaminedFile) => Promise<Result>,
): Promise<Result> {
  const { file, role, replace } = incoming
  if (file.blob.size === 0) throw invalidField('file', 'The submitted file is empty.', true)
  const examined = role === 'main' ? await examineMainFile(context, file, incoming.signal) : PLAIN
  const command: AttachFile = {
    type: 'AttachFile',
    by: request.actor,
    fileId: -1,
    role,
    // Names inside archives and bundles have passed no form.
    name: cleanFileName(examined.table?.name ?? file.name),
    mediaType: examined.table === null ? file.mediaType : null,
    blob: digest(examined.table?.blob ?? file.blob),
    original: examined.table === null ? null : { name: file.name, sha256: file.blob.sha256, size: file.blob.size },
    inspection: examined.result,
    ...(examined.inspection === null ? {} : { suggestedRoles: rolesOf(examined.inspection) }),
    replace,
  }
  try {
    return await keepingBlobs(context, () =>
      use({
        command,
        inspection: examined.inspection,
        async store() {
          await Promise.all([file.blob.keep(), examined.table?.blob.keep(), examined.document?.keep()])
          const fileId = await nextNumber(context.database, 'file')
          return { ...command, fileId, inspection: await withColumnNumbers(context, examined.result) }
        },
      }),
    )
  } finally {
    await Promise.all([examined.table?.blob.discard(), examined.document?.discard()])
  }
}

const rolesOf = ({ columns, rows }: Inspection) =>
  suggestRoles(columns, rows).map((suggestion) => suggestion?.role ?? null)

const digest = ({ sha256, size }: Blob): Blob => ({ sha256, size })

/** Looks through the main file again, e.g. after the program learned to read more. */
export async function inspectAgain(
  context: AppContext,
  request: Request,
  productId: number,
  main: { readonly id: number; readonly name: string; readonly sha256: string },
): Promise<void> {
  if (!canChange(request, await requireProduct(context, request, productId))) throw forbidden()
  const outcome = await examine(context, { path: await context.blobs.path(main.sha256), name: main.name })
  try {
    await keepingBlobs(context, async () => {
      await outcome.document?.keep()
      const inspection = await withColumnNumbers(context, outcome.result)
      if (inspection === null) throw new Error('An examination always has a result')
      await execute(context, request, productDecider, productStream(productId), {
        type: 'RecordInspection',
        by: request.actor,
        fileId: main.id,
        inspection,
      })
    })
  } finally {
    await Promise.all([outcome.document?.discard(), outcome.table?.blob.discard()])
  }
}

export interface Examined {
  readonly result: InspectionResult | null
  readonly inspection: Inspection | null
  /** The same as the bytes of a document. */
  readonly document: TemporaryBlob | null
  /** The table that was taken out of an archive; it becomes the main file. */
  readonly table: { readonly name: string; readonly blob: TemporaryBlob } | null
}

const PLAIN: Examined = { result: null, inspection: null, document: null, table: null }

const examineMainFile = (context: AppContext, file: IncomingFile, signal?: AbortSignal): Promise<Examined> =>
  examine(context, { path: file.blob.path, name: file.name }, signal)

/** Looks into a main file: a table, or why it is none. The caller keeps or discards what came out. */
export async function examine(
  context: AppContext,
  file: { readonly path: string; readonly name: string },
  signal?: AbortSignal,
): Promise<Examined> {
  let examination: Examination
  try {
    examination = await context.examine(
      { path: file.path, fileName: file.name },
      signal === undefined ? {} : { signal },
    )
  } catch (error) {
    if (!(error instanceof TableError) || error.code === 'cancelled') throw error
    return { ...PLAIN, result: { kind: 'not_a_table', code: error.code, reason: error.message } }
  }
  const { inspection, unpacked } = examination
  try {
    const blob = unpacked === null ? null : await context.blobs.receive(createReadStream(unpacked.path))
    const document = await context.blobs.receive(oneChunk(JSON.stringify(inspection)))
    return {
      result: {
        kind: 'table',
        format: inspection.format,
        rows: inspection.rows,
        columns: inspection.columns.map(({ name, type, unit, ucd, description }) => ({
          name,
          type,
          unit,
          ucd,
          description,
        })),
        // Only for a try: numbers that no column has, also not that of the file before.
        columnIds: inspection.columns.map((_, index) => -1 - index),
        inspection: digest(document),
      },
      inspection,
      document,
      table: blob === null || unpacked === null ? null : { name: unpacked.fileName, blob },
    }
  } finally {
    if (unpacked !== null) await rm(unpacked.path, { force: true })
  }
}

async function* oneChunk(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text)
}

/** The inspection with numbers for its columns that nobody else has. */
export async function withColumnNumbers(
  context: AppContext,
  result: InspectionResult | null,
): Promise<InspectionResult | null> {
  if (result?.kind !== 'table') return result
  return { ...result, columnIds: await nextNumbers(context.database, 'column', result.columns.length) }
}
