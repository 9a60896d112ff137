import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { User } from '../accounts/users.ts'
import type { Request } from '../application/command.ts'
import { giveRoles, publishDraft } from '../application/drafts.ts'
import { attachFile, type IncomingFile } from '../application/files.ts'
import { changeProduct, metadataEdit, type ProductInput, registerProduct } from '../application/products.ts'
import { type RunInputFields, requestRun, requireRun } from '../application/runs.ts'
import { productEvents } from '../application/time-travel.ts'
import { undoEvent } from '../application/undo.ts'
import type { AppContext } from '../context.ts'
import type { FileRole } from '../domain/product/events.ts'
import { isFinished } from '../domain/run/run.ts'
import { findProduct } from '../projections/products/queries.ts'
import type { OutputTable } from '../tables/writers/output-table.ts'
import { writeTable } from '../tables/writers/write-table.ts'
import type { DemoClock } from './clock.ts'

/** A file for a product: a table to be written in the format of its name, or bytes. */
export interface DemoFile {
  readonly name: string
  readonly content: OutputTable | string | Uint8Array
  readonly role?: FileRole
  /** Group of an HDF5 file. */
  readonly group?: string
}

const FORMATS = { csv: 'csv', fits: 'fits', hdf5: 'hdf5', parquet: 'parquet', xml: 'votable' } as const

/** Does what people do, with the functions of the application: every step is an event like any other. */
export class DemoMaker {
  readonly #context: AppContext
  readonly #clock: DemoClock

  constructor(context: AppContext, clock: DemoClock) {
    this.#context = context
    this.#clock = clock
  }

  /** What a person's browser would send along. */
  as(person: Pick<User, 'id' | 'username' | 'isAdmin'>, groupIds: readonly number[] = []): Request {
    const actor = { userId: person.id, username: person.username, isAdmin: person.isAdmin, groupIds }
    return { actor, correlationId: this.#context.newId() }
  }

  /** Registers, uploads, gives roles, and publishes unless told otherwise. @returns the number of the product */
  async product(
    request: Request,
    input: ProductInput,
    options: {
      readonly files?: readonly DemoFile[]
      readonly roles?: Readonly<Record<string, string>>
      readonly draft?: boolean
    } = {},
  ): Promise<number> {
    this.#clock.pass(64)
    const id = await registerProduct(this.#context, request, { ...input, official: false })
    for (const file of options.files ?? []) await this.attach(request, id, file)
    await this.giveRoles(request, id, options.roles ?? {})
    if (options.draft) return id
    this.#clock.pass(0.6)
    await publishDraft(this.#context, request, id)
    return id
  }

  async attach(request: Request, id: number, file: DemoFile, replace = false): Promise<void> {
    this.#clock.pass(0.05)
    const incoming = await this.#incoming(file)
    await attachFile(this.#context, request, id, { file: incoming, role: file.role ?? 'main', replace })
  }

  async giveRoles(request: Request, id: number, roles: Readonly<Record<string, string>>): Promise<void> {
    if (Object.keys(roles).length === 0) return
    this.#clock.pass(0.05)
    await giveRoles(this.#context, request, id, roles)
  }

  async edit(request: Request, id: number, input: ProductInput): Promise<void> {
    this.#clock.pass(131)
    await changeProduct(this.#context, request, id, await metadataEdit(this.#context, request, input))
  }

  async change(request: Request, id: number, ...commands: Parameters<typeof changeProduct>[3][]): Promise<void> {
    this.#clock.pass(74)
    await changeProduct(this.#context, request, id, ...commands)
  }

  /** Asks for a run and waits for its end, as the worker of the context carries it out. @returns its numbers */
  async run(
    request: Request,
    fields: Pick<RunInputFields, 'pipelineId' | 'displayName' | 'inputIds'> & Partial<RunInputFields>,
  ): Promise<{ readonly runId: number; readonly productId: number }> {
    this.#clock.pass(20)
    const asked = {
      description: null,
      parameters: {},
      outputFormat: null,
      releaseId: null,
      objectCatalogId: null,
      rules: null,
    }
    const run = await requestRun(this.#context, request, { ...asked, ...fields })
    while (!(await this.#isDone(request, run))) await sleep(50)
    return run
  }

  async replay(runId: number): Promise<void> {
    this.#clock.pass(30)
    await this.#context.replays.replay(runId)
  }

  /** Takes back the last event of a product. */
  async undoLast(request: Request, id: number): Promise<void> {
    this.#clock.pass(1)
    let last = ''
    for await (const { position } of productEvents(this.#context, id)) last = position
    await undoEvent(this.#context, request, id, last)
  }

  /** Whether the run has ended, and its product with it. */
  async #isDone(request: Request, { runId, productId }: { runId: number; productId: number }): Promise<boolean> {
    const { status } = await requireRun(this.#context, request, runId)
    if (!isFinished(status)) return false
    const found = await findProduct(this.#context.database.drizzle, request.actor, productId)
    return found?.product.status !== 'processing'
  }

  async #incoming({ name, content, group }: DemoFile): Promise<IncomingFile> {
    if (typeof content === 'string' || content instanceof Uint8Array) {
      return { name, mediaType: null, blob: await this.#context.blobs.receive(oneChunk(Buffer.from(content))) }
    }
    const folder = await mkdtemp(join(tmpdir(), 'photoz-demo-table-'))
    try {
      const path = join(folder, 'table')
      const extension = name.slice(name.lastIndexOf('.') + 1)
      const format = Object.entries(FORMATS).find(([each]) => each === extension)?.[1]
      if (format === undefined) throw new Error(`The demonstration does not write ${name}`)
      await writeTable(format, content, path, group === undefined ? {} : { hdf5Group: group })
      return { name, mediaType: null, blob: await this.#context.blobs.receive(createReadStream(path)) }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
}

async function* oneChunk(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}
