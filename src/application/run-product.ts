import type { Blob } from '../blobs/blob-store.ts'
import type { AppContext } from '../context.ts'
import { SYSTEM } from '../domain/actor.ts'
import { inSequence } from '../domain/decider.ts'
import { DomainError } from '../domain/error.ts'
import type { ProductCommand } from '../domain/product/commands.ts'
import { productDecider } from '../domain/product/decider.ts'
import { type ProductState, productStream } from '../domain/product/product.ts'
import { isRunEvent, type RunEvent } from '../domain/run/events.ts'
import { isFinished, type Run, runDecider, runStream } from '../domain/run/run.ts'
import { findPipeline } from '../pipelines/registry.ts'
import { yamlText } from '../provenance/exports/yaml.ts'
import { TableError } from '../tables/table.ts'
import { keepingBlobs } from './blob-lock.ts'
import { execute, loadState, type Request } from './command.ts'
import { type Examined, examine, withColumnNumbers } from './files.ts'
import { nextNumbers } from './numbers.ts'
import { runConfiguration } from './run-configuration.ts'
import { keepText, registerOutput, releaseOfObjects, runCommandId } from './runs.ts'

/** What the log says of a run: its state, what it told, and the request that began it all. */
export interface RunRecord {
  readonly run: Run
  readonly lines: readonly string[]
  readonly failure: string | null
  readonly correlationId: string
}

/** Null when there is no such run. */
export async function readRunRecord(context: AppContext, runId: number): Promise<RunRecord | null> {
  let run = runDecider.initialState
  let correlationId = ''
  let failure: string | null = null
  const lines: string[] = []
  for await (const recorded of context.store.readStream(runStream(runId))) {
    const current = context.registry.upcast(recorded)
    if (!isRunEvent(current)) continue
    const event: RunEvent = current
    run = runDecider.evolve(run, event)
    if (event.type === 'RunRequested') correlationId = String(recorded.metadata.$correlationId)
    if (event.type === 'RunProgressed') lines.push(...event.data.lines)
    if (event.type === 'RunFailed') failure = event.data.reason
  }
  return run.status === 'absent' ? null : { run, lines, failure, correlationId }
}

const productCommands = inSequence(productDecider)

/**
 * Brings the product of a run that has ended in line with it: publishes it, or says why it failed. A crash at any point is
 * mended by doing it again: all that happens to the product is one command, which is carried out once.
 */
export async function settleProduct(context: AppContext, runId: number): Promise<void> {
  const record = await readRunRecord(context, runId)
  if (record === null || !isFinished(record.run.status)) return
  const { run, correlationId } = record
  const request: Request = { actor: SYSTEM, correlationId }
  await ensureRegistered(context, record)
  const product = await loadProduct(context, run)
  if (product.status !== 'processing') return
  if (run.status !== 'succeeded') {
    // The run goes on with a list, the product does not.
    const told = record.failure?.replace(/:$/, '.') ?? 'The run failed.'
    const reason = run.status === 'failed' ? told : 'The run was stopped.'
    await failProduct(context, request, run, reason)
    return
  }
  try {
    await keepingBlobs(context, () => publishOutputs(context, request, record))
  } catch (error) {
    // What the domain or a reader refuses now, it refuses every time.
    const refused = error instanceof TableError || (error instanceof DomainError && error.code !== 'conflict')
    if (!refused) {
      // It was deleted at this very moment: then nothing is published.
      if (error instanceof DomainError && (await loadProduct(context, run)).status !== 'processing') return
      throw error
    }
    context.log.error({ err: error, runId }, 'the output of a run could not be published')
    await failProduct(context, request, run, `The result could not be published: ${error.message}`)
  }
}

const loadProduct = (context: AppContext, run: Run): Promise<ProductState> =>
  loadState(context, productDecider, productStream(run.outputProductId))

/** Registers the product of a run whose request did not live to do it. */
export async function ensureRegistered(context: AppContext, { run, correlationId }: RunRecord): Promise<void> {
  if ((await loadProduct(context, run)).status !== 'absent') return
  const pipeline = findPipeline(run.pipeline.name)
  if (pipeline === undefined) return
  const owner = { ...run.owner, isAdmin: false, groupIds: [] }
  await registerOutput(
    context,
    { actor: SYSTEM, correlationId },
    {
      type: 'RegisterProduct',
      by: owner,
      productId: run.outputProductId,
      official: false,
      origin: run.pipeline.displayName,
      runId: run.runId,
      status: 'processing',
      displayName: run.displayName,
      description: run.description,
      productType: pipeline.outputType,
      release: await releaseOfObjects(context, run.objects),
    },
  )
}

async function failProduct(context: AppContext, request: Request, run: Run, reason: string): Promise<void> {
  // Without an id of its own: a product that is restored after its run failed, fails again.
  const command = { type: 'FailProcessing', by: SYSTEM, reason } as const
  await execute(context, request, productDecider, productStream(run.outputProductId), command)
}

async function publishOutputs(context: AppContext, request: Request, record: RunRecord): Promise<void> {
  const { run } = record
  const main = run.outputs.find((output) => output.role === 'main')
  if (main === undefined) throw new TableError('empty', 'The run made no main file.')
  for (const { name, sha256 } of run.outputs) {
    if (await context.blobs.has(sha256)) continue
    throw new DomainError('gone', `${name} was purged with another product that had the same bytes. Run it again.`)
  }
  const examined = await examine(context, { path: await context.blobs.path(main.sha256), name: main.name })
  try {
    await examined.document?.keep()
    const others = await companions(context, record)
    const commands = await publication(context, { ...main }, examined, others, run.associations)
    const commandId = runCommandId(run.runId, 'publish')
    const stream = productStream(run.outputProductId)
    await execute(context, { ...request, commandId }, productCommands, stream, commands)
  } finally {
    await Promise.all([examined.document?.discard(), examined.table?.blob.discard()])
  }
}

interface Companion extends Blob {
  readonly name: string
  readonly mediaType: string | null
}

/** What goes with the main file: other outputs, configuration, rules and log. A function of the record alone. */
async function companions(context: AppContext, { run, lines }: RunRecord): Promise<Companion[]> {
  const configuration = yamlText(runConfiguration(run))
  const pipeline = findPipeline(run.pipeline.name)
  return [
    ...run.outputs
      .filter((output) => output.role === 'auxiliary')
      .map(({ name, sha256, size }) => ({ name, sha256, size, mediaType: null })),
    { name: 'config.yaml', mediaType: 'application/yaml', ...(await keepText(context, configuration)) },
    ...(run.rules === null
      ? []
      : [{ name: pipeline?.rulesFileName ?? 'rules.yaml', mediaType: 'application/yaml', ...run.rules }]),
    {
      name: 'pipeline.log',
      mediaType: 'text/plain',
      ...(await keepText(context, lines.map((line) => `${line}\n`).join('') || 'Nothing was told.\n')),
    },
  ]
}

async function publication(
  context: AppContext,
  main: { readonly name: string; readonly sha256: string; readonly size: number },
  examined: Examined,
  others: readonly Companion[],
  associations: Readonly<Record<string, string>>,
): Promise<ProductCommand[]> {
  const inspection = await withColumnNumbers(context, examined.result)
  const fileIds = await nextNumbers(context.database, 'file', others.length + 1)
  const attach = (file: Omit<Companion, 'sha256' | 'size'> & Blob, place: number) => {
    const fileId = fileIds[place]
    if (fileId === undefined) throw new Error('The sequence of file numbers gave too few')
    const { name, mediaType, sha256, size } = file
    return {
      type: 'AttachFile',
      by: SYSTEM,
      fileId,
      role: place === 0 ? 'main' : 'auxiliary',
      name,
      mediaType,
      blob: { sha256, size },
      original: null,
      inspection: place === 0 ? inspection : null,
      replace: false,
    } as const
  }
  const columnIds = new Map(
    inspection?.kind === 'table' ? inspection.columns.map((column, i) => [column.name, inspection.columnIds[i]]) : [],
  )
  const roles = Object.entries(associations).flatMap(([alias, column]): ProductCommand[] => {
    const columnId = columnIds.get(column)
    return columnId === undefined ? [] : [{ type: 'AssociateColumn', by: SYSTEM, columnId, alias }]
  })
  return [
    attach({ ...main, mediaType: null }, 0),
    ...others.map((file, i) => attach(file, i + 1)),
    ...roles,
    { type: 'PublishProduct', by: SYSTEM },
  ]
}
