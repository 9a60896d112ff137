import { v5 as uuidv5 } from 'uuid'
import type { AppContext } from '../context.ts'
import type { Actor } from '../domain/actor.ts'
import { SYSTEM } from '../domain/actor.ts'
import { inSequence } from '../domain/decider.ts'
import { DomainError, invalidField, notFound } from '../domain/error.ts'
import type { ProductCommand } from '../domain/product/commands.ts'
import { productDecider } from '../domain/product/decider.ts'
import { productStream, type ReleaseReference } from '../domain/product/product.ts'
import type { ObjectCatalog, RunInput, RunRequest } from '../domain/run/events.ts'
import { type RunCommand, runDecider, runStream } from '../domain/run/run.ts'
import type { CheckedRequest, Pipeline, RequestedInput, RequestProblem } from '../pipelines/pipeline.ts'
import { findPipelineById } from '../pipelines/registry.ts'
import { productColumns } from '../projections/columns/queries.ts'
import { currentFiles } from '../projections/files/queries.ts'
import { findProduct } from '../projections/products/queries.ts'
import { findRelease } from '../projections/releases/queries.ts'
import { findRun } from '../projections/runs/queries.ts'
import type { RunRow } from '../projections/runs/tables.ts'
import { keepingBlobs } from './blob-lock.ts'
import { execute, type Request } from './command.ts'
import { nextNumber } from './numbers.ts'
import { requireRoom } from './quota.ts'

/** What a person asks for, as it was sent. */
export interface RunInputFields {
  readonly pipelineId: number
  readonly displayName: string | null
  readonly description: string | null
  /** `used_config.param`. */
  readonly parameters: unknown
  readonly outputFormat: string | null
  readonly inputIds: readonly number[]
  readonly releaseId: number | null
  /** A published object catalog, instead of that of a release. */
  readonly objectCatalogId: number | null
  /** A rules file that came along. */
  readonly rules: { readonly fileName: string; readonly text: string } | null
}

/** Names the commands that belong to a run, so that each is carried out once however often it is sent. */
const NAMESPACE = '0f6b6a4e-8f0b-5d0c-9b53-2d4c1a6f7b10'
export const runCommandId = (runId: number, step: string): string => uuidv5(`run-${runId}/${step}`, NAMESPACE)

/** A request in which nothing is wrong. */
interface Accepted {
  readonly pipeline: Pipeline
  readonly checked: CheckedRequest
  readonly release: ReleaseReference | null
}

/**
 * Looks everything up and checks it; nothing is recorded.
 * @throws DomainError `invalid`, with all problems of all fields at once
 */
export async function checkRun(context: AppContext, request: Request, fields: RunInputFields): Promise<Accepted> {
  const pipeline = findPipelineById(fields.pipelineId)
  if (pipeline === undefined) {
    throw invalidField('pipeline', `Invalid pk "${fields.pipelineId}" - object does not exist.`, true)
  }
  const problems = new Problems()
  const release = await releaseOf(context, request, fields.releaseId, problems)
  const objects = await objectsOf(context, request, pipeline, fields, problems)
  const inputs = await inputsOf(context, request, pipeline, fields.inputIds, problems)
  const checked = await pipeline.check({
    parameters: fields.parameters,
    outputFormat: fields.outputFormat,
    inputs,
    rules: rulesOf(pipeline, fields, problems),
    release,
    objects,
    objectCatalogs: context.config.objectCatalogs,
  })
  if ('problems' in checked) for (const { field, message } of checked.problems) problems.add(field, message)
  // Registered once with a number that is never kept, to hear what is wrong with the name.
  problems.tryOut(() =>
    productDecider.decide(registration(pipeline, request, fields, 1, 1, null), productDecider.initialState),
  )
  if ('problems' in checked || problems.any) throw problems.error()
  return { pipeline, checked, release: checked.keepsRelease ? await releaseOfObjects(context, checked.objects) : null }
}

/**
 * The release that a result belongs to: that of the objects whose rows are in it, also when they are a product. Whoever may not
 * use the release must not find them there.
 */
export async function releaseOfObjects(
  { database: { drizzle } }: AppContext,
  objects: ObjectCatalog | null,
): Promise<ReleaseReference | null> {
  if (objects === null) return null
  const id =
    objects.kind === 'release'
      ? objects.releaseId
      : ((await findProduct(drizzle, SYSTEM, objects.productId))?.product.releaseId ?? null)
  const release = id === null ? null : await findRelease(drizzle, SYSTEM, id)
  return release === null ? null : { id: release.id, displayName: release.displayName }
}

/**
 * Asks for a run. Everything is checked first; then the product that it will make appears as *Processing*, and a worker takes
 * the run up.
 * @throws DomainError `invalid`, with all problems of all fields at once; QuotaExceeded
 */
export async function requestRun(
  context: AppContext,
  request: Request,
  fields: RunInputFields,
): Promise<{ readonly runId: number; readonly productId: number }> {
  const { pipeline, checked, release } = await checkRun(context, request, fields)
  // How large its files will be, nobody knows; but there has to be some room.
  await requireRoom(context, request.actor.userId, 0)
  const runId = await nextNumber(context.database, 'run')
  const productId = await nextNumber(context.database, 'product')
  const { name, version, displayName } = pipeline
  const record: Omit<RunRequest, 'rules'> = {
    runId,
    pipeline: { name, version, displayName },
    displayName: fields.displayName?.trim() ?? '',
    description: fields.description?.trim() || null,
    parameters: checked.parameters,
    inputs: [...checked.inputs],
    objects: checked.objects,
    outputFormat: checked.outputFormat,
    outputProductId: productId,
    owner: { userId: request.actor.userId, username: request.actor.username },
  }
  // The run first: a worker registers the product if we do not live to do it.
  await keepingBlobs(context, async () => {
    const rules = checked.rules === null ? null : await keepText(context, checked.rules)
    await execute(context, request, runDecider, runStream(runId), { type: 'RequestRun', request: { ...record, rules } })
  })
  await registerOutput(context, request, registration(pipeline, request, fields, productId, runId, release))
  return { runId, productId }
}

const productCommands = inSequence(productDecider)

/** Registers the product that a run makes; once, whoever does it. */
export async function registerOutput(
  context: AppContext,
  request: Request,
  command: Extract<ProductCommand, { readonly type: 'RegisterProduct' }>,
): Promise<void> {
  const commandId = runCommandId(command.runId ?? 0, 'register')
  await execute(context, { ...request, commandId }, productCommands, productStream(command.productId), [command])
}

function registration(
  pipeline: Pick<Pipeline, 'displayName' | 'outputType'>,
  request: Request,
  fields: { readonly displayName: string | null; readonly description: string | null },
  productId: number,
  runId: number,
  release: ReleaseReference | null,
) {
  return {
    type: 'RegisterProduct',
    by: request.actor,
    productId,
    official: false,
    origin: pipeline.displayName,
    runId,
    status: 'processing',
    displayName: fields.displayName,
    description: fields.description,
    productType: pipeline.outputType,
    release,
  } as const
}

/** What is wrong, per field of the request. */
class Problems {
  readonly #fields = new Map<string, string[]>()

  get any(): boolean {
    return this.#fields.size > 0
  }

  add(field: RequestProblem['field'] | 'display_name', message: string): void {
    const messages = this.#fields.get(field)
    if (messages === undefined) this.#fields.set(field, [message])
    else messages.push(message)
  }

  tryOut(decide: () => unknown): void {
    try {
      decide()
    } catch (error) {
      if (!(error instanceof DomainError) || error.fields === null) throw error
      for (const [field, told] of Object.entries(error.fields)) {
        for (const message of [told].flat()) this.#fields.set(field, [...(this.#fields.get(field) ?? []), message])
      }
    }
  }

  error(): DomainError {
    const fields = Object.fromEntries(this.#fields)
    const detail = Object.entries(fields).flatMap(([field, messages]) => messages.map((each) => `${field}: ${each}`))
    return new DomainError('invalid', detail.join('\n'), fields)
  }
}

async function releaseOf(
  context: AppContext,
  request: Request,
  id: number | null,
  problems: Problems,
): Promise<{ id: number; name: string; displayName: string; indexingColumn: string } | null> {
  if (id === null) return null
  const release = await findRelease(context.database.drizzle, request.actor, id)
  if (release !== null && !release.retired) return release
  problems.add('release', `Invalid pk "${id}" - object does not exist.`)
  return null
}

/** The product with the objects to match with; without one, a release must name its catalog. */
async function objectsOf(
  context: AppContext,
  request: Request,
  pipeline: Pipeline,
  { objectCatalogId: id, releaseId }: RunInputFields,
  problems: Problems,
): Promise<RequestedInput | null> {
  if (!pipeline.takesObjects) {
    if (id !== null) problems.add('object_catalog', 'This pipeline takes no object catalog: leave it out.')
    return null
  }
  if (id === null) {
    const message = 'This field is required, unless a published Objects Catalog is given as object_catalog.'
    if (releaseId === null) problems.add('release', message)
    return null
  }
  if (releaseId !== null) {
    problems.add('object_catalog', 'Choose a release or an object catalog, not both: leave one of them out.')
    return null
  }
  const found = await inputOf(context, request, OBJECTS, id)
  if (typeof found !== 'string') return found
  problems.add('object_catalog', found)
  return null
}

function rulesOf(pipeline: Pipeline, fields: RunInputFields, problems: Problems): RunInputFields['rules'] {
  if (fields.rules === null || pipeline.takesRules) return fields.rules
  problems.add('flags_translation_file', 'This pipeline takes no rules file: leave it out.')
  return null
}

async function inputsOf(
  context: AppContext,
  request: Request,
  pipeline: Pipeline,
  ids: readonly number[],
  problems: Problems,
): Promise<RequestedInput[]> {
  const { least, most } = pipeline.inputs
  if (ids.length === 0) problems.add('inputs', 'This field is required.')
  else if (ids.length < least) problems.add('inputs', `Choose at least ${least} products.`)
  if (ids.length > most) problems.add('inputs', `Choose at most ${most} ${most === 1 ? 'product' : 'products'}.`)
  for (const twice of new Set(ids.filter((id, place) => ids.indexOf(id) !== place))) {
    problems.add('inputs', `The product ${twice} is given more than once: leave it out.`)
  }
  const found: RequestedInput[] = []
  for (const id of new Set(ids.slice(0, most))) {
    const input = await inputOf(context, request, pipeline, id)
    if (typeof input === 'string') problems.add('inputs', input)
    else found.push(input)
  }
  return found
}

/** What a product must be to be read. */
type Wanted = Pick<Pipeline, 'acceptedTypes' | 'requiredRoles' | 'displayName'>

/** What a catalog of objects must be. */
const OBJECTS: Wanted = {
  acceptedTypes: ['object_catalog'],
  requiredRoles: ['ra', 'dec'],
  displayName: 'the choice of objects',
}

/** The input, or what is wrong with it. A product that is hidden from the person is told like one that does not exist. */
async function inputOf(
  context: AppContext,
  request: Request,
  wanted: Wanted,
  id: number,
): Promise<RequestedInput | string> {
  const drizzle = context.database.drizzle
  const product = (await findProduct(drizzle, request.actor, id))?.product
  if (product === undefined || product.status === 'deleted' || product.status === 'purged') {
    return `Invalid pk "${id}" - object does not exist.`
  }
  const name = `${product.displayName} (${product.internalName})`
  if (product.status !== 'published') return `${name} is not published yet: publish it first.`
  if (!wanted.acceptedTypes.includes(product.productType)) {
    return `${name} is not of a type that ${wanted.displayName} takes: choose a product of type ${wanted.acceptedTypes.join(' or ')}.`
  }
  const main = (await currentFiles(drizzle, [id])).find((file) => file.role === 'main')
  if (main === undefined) return `${name} has no main file: add one, or choose another product.`
  if (main.inspection === null) {
    return `The main file of ${name} could not be read as a table${main.inspectionError === null ? '' : ` (${main.inspectionError})`}: replace it, or choose another product.`
  }
  const columns = await productColumns(drizzle, id)
  const roles = columnsByRole(columns)
  const missing = wanted.requiredRoles.filter((role) => roles[role] === undefined)
  if (missing.length > 0) {
    return `${name} has no column for ${missing.join(', ')}: give these roles to its columns on the product's page.`
  }
  const input: RunInput = {
    productId: id,
    internalName: product.internalName,
    displayName: product.displayName,
    fileId: main.id,
    fileName: main.name,
    sha256: main.sha256,
    size: main.size,
    columns: roles,
  }
  const columnNames = columns.map((column) => column.name)
  return { productType: product.productType, input, columnNames, format: main.format }
}

/** The roles that a run takes of its inputs, in lower case, in the order in which they are told. */
export const ROLES = ['id', 'ra', 'dec', 'z', 'z_flag', 'z_err', 'survey'] as const
/** Roles that a column of the very name has when none was given it. */
const BY_NAME: ReadonlySet<string> = new Set(['ra', 'dec', 'z'])

/** From the role to the column that has it: found in any case, if there is exactly one (the reference's rule). */
export function columnsByRole(
  columns: readonly { readonly name: string; readonly alias: string | null }[],
): Record<string, string> {
  const roles: Record<string, string> = {}
  for (const role of ROLES) {
    const holders = columns.filter((column) => column.alias?.toLowerCase() === role)
    const holder = holders.length === 1 ? holders[0] : undefined
    const column = holder ?? (BY_NAME.has(role) ? columns.find(({ name }) => name === role) : undefined)
    if (column !== undefined) roles[role] = column.name
  }
  return roles
}

/** Keeps a text as a blob. */
export async function keepText(context: AppContext, text: string): Promise<{ sha256: string; size: number }> {
  const blob = await context.blobs.receive(
    (async function* () {
      yield Buffer.from(text)
    })(),
  )
  return blob.keep()
}

/** The run, if the person may see it. @throws DomainError `not_found`, whether it is missing or hidden. */
export async function requireRun(context: AppContext, request: Request, id: number): Promise<RunRow> {
  const run = await findRun(context.database.drizzle, request.actor, id)
  if (run === null) throw notFound()
  return run
}

/** Whether a person may (still) see a run. */
export const maySeeRun = async ({ database }: AppContext, actor: Actor, id: number): Promise<boolean> =>
  (await findRun(database.drizzle, actor, id)) !== null

/** Stops, describes or deletes a run that the person may see. */
export async function changeRun(
  context: AppContext,
  request: Request,
  id: number,
  command: WithoutActor<Extract<RunCommand, { readonly type: 'StopRun' | 'DescribeRun' | 'DeleteRun' }>>,
): Promise<void> {
  await requireRun(context, request, id)
  await execute(context, request, runDecider, runStream(id), { ...command, by: request.actor })
}
type WithoutActor<Command> = Command extends unknown ? Omit<Command, 'by'> : never
