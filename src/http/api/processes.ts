import { readFile } from 'node:fs/promises'
import { Type } from '@sinclair/typebox'
import { processConfig } from '../../application/run-config.ts'
import { changeRun, maySeeRun, type RunInputFields, requestRun, requireRun } from '../../application/runs.ts'
import { SYSTEM } from '../../domain/actor.ts'
import { DomainError, forbidden, invalidField } from '../../domain/error.ts'
import { mayChange } from '../../domain/product/permissions.ts'
import { isRunEvent, type RunEvent } from '../../domain/run/events.ts'
import { isFinished, runStream } from '../../domain/run/run.ts'
import { LONGEST_TEXT } from '../../domain/text.ts'
import { type RecordedEvent, START } from '../../eventstore/port.ts'
import { closestNames } from '../../pipelines/names.ts'
import { PIPELINES } from '../../pipelines/registry.ts'
import { type ListedProduct, listProducts } from '../../projections/products/queries.ts'
import { stampOf } from '../../projections/recorded.ts'
import { listReleases } from '../../projections/releases/queries.ts'
import { listRuns, runLog } from '../../projections/runs/queries.ts'
import type { RunRow } from '../../projections/runs/tables.ts'
import { readBody } from '../body.ts'
import { eventStream, lastEventId } from '../event-stream.ts'
import { tellPosition } from '../middleware/event-position.ts'
import { checkFields } from './check.ts'
import { type Call, endpoint } from './endpoint.ts'
import { invalidPage, pageOf } from './paging.ts'
import { Process, processJson, type Surroundings } from './process-json.ts'
import { filterOf, orderOf, ProcessQuery } from './process-query.ts'
import { idOf } from './products.ts'
import { readPythonLiteral } from './python-literal.ts'
import { HIGHEST_ID, ListOf, NullableText, nullable } from './schemas.ts'

/** Most bytes of a rules file. */
const RULES_LIMIT = 1_000_000
/** How long a request waits for the end of a replay before it says that it goes on, in ms. */
const REPLAY_PATIENCE_MS = 20_000

const RULES_FIELD = 'flags_translation_file'

const ProcessBody = Type.Object({
  display_name: nullable(Type.String({ description: 'name of the run and of the product it makes', maxLength: 255 })),
  description: Type.Optional(
    nullable(Type.String({ description: 'of the product, Markdown', maxLength: LONGEST_TEXT })),
  ),
  pipeline: Type.Integer({
    description: 'number of the pipeline',
    'x-choices': PIPELINES.map(({ id, displayName }) => ({ value: id, display_name: displayName })),
  }),
  used_config: Type.Optional(
    Type.Unsafe<unknown>({ description: '`{param: {…}, output_format}`, as an object or as JSON in a text' }),
  ),
  output_format: Type.Optional(nullable(Type.String({ description: 'parquet, csv, fits, hdf5, …' }))),
  inputs: Type.Array(Type.Integer({ minimum: 1, maximum: HIGHEST_ID }), { description: 'products' }),
  release: Type.Optional(nullable(Type.Integer({ description: 'for pipelines that need one' }))),
  object_catalog: Type.Optional(
    nullable(
      Type.Integer({
        minimum: 1,
        maximum: HIGHEST_ID,
        description: 'a published Objects Catalog to match with, instead of that of a release',
      }),
    ),
  ),
  flags_translation_file: Type.Optional(
    Type.Unsafe<unknown>({ type: 'string', format: 'binary', description: 'a rules file of your own (multipart)' }),
  ),
})
const { flags_translation_file: _, ...jsonFields } = ProcessBody.properties
// What is missing is told together with all that is wrong with the rest.
const ProcessFields = Type.Partial(Type.Object(jsonFields))

const ProcessEdit = Type.Object({
  display_name: Type.Optional(Type.String()),
  comment: Type.Optional(NullableText),
})

/** What lists and pages of runs show besides the runs. */
async function surroundings(call: Call<unknown, unknown>, runs: readonly RunRow[]): Promise<Surroundings> {
  const { context, request } = call
  const drizzle = context.database.drizzle
  const ids = [
    ...new Set(
      runs.flatMap(({ inputs, status, outputProductId }) => [
        ...inputs.map((input) => input.productId),
        ...(status === 'succeeded' ? [outputProductId] : []),
      ]),
    ),
  ]
  const order = { by: 'id', descending: false } as const
  const products = ids.length === 0 ? [] : (await listProducts(drizzle, request.actor, { ids }, order, null)).items
  const releases = runs.some((run) => run.objects?.kind === 'release')
    ? await listReleases(drizzle, SYSTEM, { withRetired: true })
    : []
  return {
    products: new Map(products.map((item): [number, ListedProduct] => [item.product.id, item])),
    releases: new Map(releases.map((release) => [release.id, release.displayName])),
  }
}

async function show(call: Call<unknown, unknown>, status: 200 | 201 | 202 = 200) {
  const { context, request, params, http } = call
  const run = await requireRun(context, request, idOf(params))
  tellPosition(http, run.position)
  return http.json(processJson(run, request, await surroundings(call, [run])), status)
}

/** `used_config` in whatever form it came. @throws DomainError `invalid` */
function readConfig(sent: unknown): { readonly parameters: unknown; readonly outputFormat: string | null } {
  const value = typeof sent === 'string' ? parseConfig(sent) : (sent ?? {})
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidField('used_config', 'Expected an object: {"param": {…}}.', true)
  }
  const { param = {}, output_format: format = null, ...rest } = value as Record<string, unknown>
  const unknown = Object.keys(rest)
  if (unknown.length > 0) {
    const message = `Unknown: ${unknown.join(', ')}. It has param (the parameters) and output_format.`
    throw invalidField('used_config', message, true)
  }
  if (format !== null && typeof format !== 'string') {
    throw invalidField('used_config', 'output_format must be a text.', true)
  }
  return { parameters: param, outputFormat: format }
}

function parseConfig(text: string): unknown {
  if (text.trim() === '') return {}
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    try {
      return readPythonLiteral(text)
    } catch {
      throw invalidField('used_config', `Invalid JSON format: ${error.message.slice(0, 200)}`, true)
    }
  }
}

/** Reads a request for a run, whether it came as JSON, as a form or as multipart with a rules file. */
async function readRequest({ context, http }: Call<unknown, unknown>): Promise<RunInputFields> {
  await using body = await readBody(http.req.raw, {
    files: { store: context.blobs, limit: RULES_LIMIT, most: 1 },
  })
  refuseUnknown(body.fields)
  const fields = checkFields(ProcessFields, body.fields) as typeof ProcessFields.static
  const [file] = body.files
  if (file !== undefined && file.field !== RULES_FIELD) {
    throw invalidField(file.field, 'No file is expected here; a rules file goes into flags_translation_file.', true)
  }
  if (fields.pipeline === undefined) throw invalidField('pipeline', 'This field is required.', true)
  const config = readConfig(fields.used_config)
  refuseTwoFormats(fields.output_format ?? null, config.outputFormat)
  return {
    pipelineId: fields.pipeline,
    displayName: fields.display_name ?? null,
    description: fields.description ?? null,
    parameters: config.parameters,
    outputFormat: fields.output_format ?? config.outputFormat,
    inputIds: fields.inputs ?? [],
    releaseId: fields.release ?? null,
    objectCatalogId: fields.object_catalog ?? null,
    rules: file === undefined ? null : { fileName: file.name, text: await readFile(file.blob.path, 'utf8') },
  }
}

/** Nothing that is given is silently ignored. @throws DomainError `invalid`, naming every unknown field */
function refuseUnknown(sent: Readonly<Record<string, unknown>>): void {
  const known = Object.keys(ProcessFields.properties)
  const problems: Record<string, string[]> = {}
  for (const [name, value] of Object.entries(sent)) {
    if (known.includes(name)) continue
    if (name !== RULES_FIELD) {
      const [meant] = closestNames(name, known)
      problems[name] = [
        `Unknown field. ${meant === undefined ? `Fields are ${known.join(', ')}` : `Did you mean ${meant}?`}`,
      ]
    } else if (value !== '' && value !== null) {
      problems[name] = ['Send the rules file as a file, in a multipart request.']
    }
  }
  const detail = Object.entries(problems).map(([name, [message]]) => `${name}: ${message}`)
  if (detail.length > 0) throw new DomainError('invalid', detail.join('\n'), problems)
}

/** @throws DomainError `invalid` when the format is given in two places, and not the same */
function refuseTwoFormats(field: string | null, config: string | null): void {
  if (field === null || config === null || field.trim().toLowerCase() === config.trim().toLowerCase()) return
  const message = `output_format is "${field}", but used_config.output_format is "${config}": leave one of them out.`
  throw invalidField('output_format', message, true)
}

async function stop(call: Call<unknown, unknown>) {
  await changeRun(call.context, call.request, idOf(call.params), { type: 'StopRun' })
  return show(call)
}

async function edit(call: Call<unknown, typeof ProcessEdit.static>) {
  const { context, request, params, body } = call
  await changeRun(context, request, idOf(params), {
    type: 'DescribeRun',
    ...(body.display_name === undefined ? {} : { displayName: body.display_name }),
    ...(body.comment === undefined ? {} : { comment: body.comment }),
  })
  return show(call)
}

const ENDS: ReadonlySet<RunEvent['type']> = new Set(['RunSucceeded', 'RunFailed', 'RunStopped'])

/** An event of a run as its watchers get it. */
function messageOf(recorded: RecordedEvent) {
  const { type, data } = recorded
  const told = type === 'RunRequested' ? {} : data
  return {
    id: recorded.position,
    event: type,
    data: JSON.stringify({ type, at: stampOf(recorded).at, revision: Number(recorded.revision), ...told }),
  }
}

export const processEndpoints = [
  endpoint({
    method: 'get',
    path: '/processes/',
    tag: 'Runs',
    summary: 'Runs of pipelines: your own, and for administrators everybody’s',
    query: ProcessQuery,
    responses: { 200: { description: 'Newest first', schema: ListOf(Process) } },
    async handle(call) {
      const { context, request, query, http } = call
      const page = pageOf(query)
      const { count, items } = await listRuns(
        context.database.drizzle,
        request.actor,
        filterOf(query),
        orderOf(query.ordering),
        page,
      )
      if (page !== null && page.offset > 0 && items.length === 0) throw invalidPage()
      const around = await surroundings(call, items)
      return http.json({ count, results: items.map((run) => processJson(run, request, around)) })
    },
  }),
  endpoint({
    method: 'post',
    path: '/processes/',
    tag: 'Runs',
    summary: 'Ask for a run',
    description:
      'Everything is checked first, and all problems are told at once. The product that the run will make appears at once, with status 3 (processing): `upload` is its number.',
    body: ProcessBody,
    streams: true,
    responses: { 201: { description: 'The run', schema: Process } },
    async handle(call) {
      const wanted = await readRequest(call)
      return call.once(wanted, async () => {
        const { runId } = await requestRun(call.context, call.request, wanted)
        return show({ ...call, params: { id: runId } }, 201)
      })
    },
  }),
  endpoint({
    method: 'get',
    path: '/processes/{id}/',
    tag: 'Runs',
    summary: 'A run',
    responses: { 200: { description: 'The run', schema: Process } },
    handle: (call) => show(call),
  }),
  ...(['patch', 'put'] as const).map((method) =>
    endpoint({
      method,
      path: '/processes/{id}/',
      tag: 'Runs',
      summary: 'Change the name of a run, or the comment on it',
      body: ProcessEdit,
      responses: { 200: { description: 'The run', schema: Process } },
      handle: edit,
    }),
  ),
  endpoint({
    method: 'delete',
    path: '/processes/{id}/',
    tag: 'Runs',
    summary: 'Take a run that has ended off the lists; what it made stays',
    responses: { 204: { description: 'Deleted' } },
    async handle({ context, request, params, http }) {
      await changeRun(context, request, idOf(params), { type: 'DeleteRun' })
      return http.body(null, 204)
    },
  }),
  endpoint({
    method: 'get',
    path: '/processes/{id}/stop/',
    tag: 'Runs',
    summary: 'Stop a run (the Python client asks with GET)',
    description:
      'Does nothing to a run that has ended. Links on other sites and tokens that may only read are refused.',
    responses: { 200: { description: 'The run', schema: Process } },
    handle: stop,
  }),
  endpoint({
    method: 'post',
    path: '/processes/{id}/stop/',
    tag: 'Runs',
    summary: 'Stop a run',
    responses: { 200: { description: 'The run', schema: Process } },
    handle: stop,
  }),
  endpoint({
    method: 'get',
    path: '/processes/{id}/logs/',
    tag: 'Runs',
    summary: 'What the run told',
    responses: { 200: { description: 'The log' } },
    async handle({ context, request, params, http }) {
      const run = await requireRun(context, request, idOf(params))
      const lines = (await runLog(context.database.drizzle, run.id)).flatMap((report) => report.lines)
      return http.json({
        pipeline: { filename: ['pipeline.log', '*.log'], content: lines.map((line) => `${line}\n`).join('') },
        slurm: { filename: ['run.out', 'run.err'], content: '' },
      })
    },
  }),
  endpoint({
    method: 'get',
    path: '/processes/{id}/process_config/',
    tag: 'Runs',
    summary: 'The configuration of a run, and its rules file',
    responses: { 200: { description: 'The configuration' } },
    async handle({ context, request, params, http }) {
      return http.json(await processConfig(context, await requireRun(context, request, idOf(params))))
    },
  }),
  endpoint({
    method: 'post',
    path: '/processes/{id}/replay/',
    tag: 'Runs',
    summary: 'Carry out a run again from its record, and compare the bytes',
    description:
      'Answers 200 with the result in `replay`, or 202 when it takes longer; it is then told by the events of the run.',
    responses: {
      200: { description: 'The run, with its `replay`', schema: Process },
      202: { description: 'The replay goes on', schema: Process },
    },
    async handle(call) {
      const { context, request, params } = call
      const run = await requireRun(context, request, idOf(params))
      if (!mayChange(request.actor, run.ownerId)) throw forbidden()
      const replay = context.replays.replay(run.id)
      replay.catch((error: unknown) => context.log.warn({ err: error, runId: run.id }, 'a replay failed'))
      return show(call, (await within(replay, REPLAY_PATIENCE_MS)) ? 200 : 202)
    },
  }),
  endpoint({
    method: 'get',
    path: '/processes/{id}/events/',
    tag: 'Runs',
    summary: 'What happens to a run, live (server-sent events)',
    description:
      'Each message has the position in the log as its id, the type of the event, and its data as JSON. Begins with what has happened already, or after `Last-Event-ID`; ends with the run. 204: nothing more will come.',
    query: Type.Object({ after: Type.Optional(Type.String({ description: 'as Last-Event-ID: 20 digits' })) }),
    responses: { 200: { description: 'text/event-stream' }, 204: { description: 'The run has ended' } },
    async handle({ context, request, params, http }) {
      const run = await requireRun(context, request, idOf(params))
      const after = lastEventId(http) ?? START
      if (isFinished(run.status) && after >= run.position) return http.body(null, 204)
      return eventStream(http, context.limits, {
        mayFollow: (actor) => maySeeRun(context, actor, run.id),
        async *messages(signal) {
          let ended = false
          for await (const event of context.follower.follow(runStream(run.id), after, signal)) {
            yield messageOf(event)
            ended ||= isRunEvent(event) && ENDS.has(event.type)
            // What came after the end (a replay, a comment) belongs to what has happened already.
            if (ended && event.position >= run.position) return
          }
        },
      })
    },
  }),
]

/** Whether a promise is kept within a time. @throws what it throws within it */
async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms)
  })
  try {
    return await Promise.race([promise.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}
