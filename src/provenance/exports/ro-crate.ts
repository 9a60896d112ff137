import { archiveNames, CRATE_FILE } from '../../domain/archive-names.ts'
import type { RecordedEvent } from '../../eventstore/port.ts'
import type { FileRow } from '../../projections/files/tables.ts'
import { stampOf } from '../../projections/recorded.ts'
import {
  description,
  hiddenName,
  isOfRun,
  mainFile,
  type ProductRecord,
  permalink,
  productUrl,
  publicationDay,
  versionOf,
} from './record.ts'

type Entity = {
  readonly '@id': string
  readonly '@type': string | readonly string[]
  readonly [property: string]: unknown
}
const ref = (id: string) => ({ '@id': id })
/** A single value stands without brackets, as RO-Crate recommends. */
const compact = <Value>(values: readonly Value[]): Value | readonly Value[] =>
  values.length === 1 ? (values[0] as Value) : values
/** The times of actions with an offset, which is how the profile's validator wants them. */
const withOffset = (iso: string): string => iso.replace(/Z$/, '+00:00')

const CRATE = 'https://w3id.org/ro/crate/1.1'
const PROCESS = 'https://w3id.org/ro/wfrun/process/0.5'

/**
 * The metadata of an RO-Crate 1.1 that holds the files of the product under the names that they have in a download of
 * everything, as a Process Run Crate 0.5: what
 * made it is an action with its instrument, inputs, configuration and results. A run that failed is told as well.
 */
export function roCrate(record: ProductRecord): object {
  const { product, ownerName, files, base, releaseName, run } = record
  const owner = `#user-${product.ownerId}`
  const names = archiveNames(files)
  const partOf = ({ id, name }: FileRow) => ref(encodeURIComponent(names.get(id) ?? name))
  const parts = files.map(partOf)
  const attached = attachedFiles(record)
  const [made, uploads] = [attached.filter(({ ofRun }) => ofRun), attached.filter(({ ofRun }) => !ofRun)]
  const results = made.map(({ file }) => partOf(file))
  const actions = [
    ...(run === null ? [] : runActions(run, base, results, owner)),
    ...(run === null || uploads.length > 0 ? uploadActions(base, uploads, owner, partOf) : []),
  ]
  const main = mainFile(record)
  const graph: Entity[] = [
    { '@id': CRATE_FILE, '@type': 'CreativeWork', conformsTo: ref(CRATE), about: ref('./') },
    {
      '@id': './',
      '@type': 'Dataset',
      conformsTo: ref(PROCESS),
      name: product.displayName,
      description: description(record),
      identifier: permalink(record),
      url: productUrl(record),
      version: String(versionOf(record)),
      datePublished: publicationDay(record),
      dateCreated: product.createdAt,
      dateModified: product.updatedAt,
      author: ref(owner),
      publisher: ref(base),
      license: ref('#licence'),
      keywords: ['photometric redshifts', record.typeName, ...(releaseName === null ? [] : [releaseName])].join(', '),
      hasPart: compact(parts),
      ...(main === null ? {} : { mainEntity: partOf(main) }),
      mentions: compact(
        actions.filter((entity) => entity['@type'] === 'CreateAction').map((entity) => ref(entity['@id'])),
      ),
    },
    { '@id': PROCESS, '@type': 'CreativeWork', name: 'Process Run Crate', version: '0.5' },
    {
      '@id': '#licence',
      '@type': 'CreativeWork',
      name: 'No licence stated',
      description: 'Ask the author before you use it.',
    },
    { '@id': owner, '@type': 'Person', name: ownerName, alternateName: product.owner },
    { '@id': base, '@type': 'Organization', name: 'Photo-z Server', url: base },
    ...files.map(
      (file): Entity => ({
        ...partOf(file),
        '@type': 'File',
        name: file.name,
        contentSize: String(file.size),
        sha256: file.sha256,
        dateCreated: file.createdAt,
        encodingFormat: file.mediaType ?? 'application/octet-stream',
      }),
    ),
    ...actions,
  ]
  return { '@context': `${CRATE}/context`, '@graph': graph }
}

/** A file of the crate with the event that added it. */
interface Attached {
  readonly event: RecordedEvent
  readonly file: FileRow
  readonly ofRun: boolean
}

const attachedFiles = (record: ProductRecord): Attached[] =>
  record.events
    .filter(({ type }) => type === 'FileAttached')
    .flatMap((event) =>
      record.files
        .filter(({ id }) => id === event.data.fileId)
        .map((file) => ({ event, file, ofRun: isOfRun(record, event) })),
    )

/** Who added a file may be somebody else than the owner. */
const uploader = (event: RecordedEvent): Entity => {
  const { actorId, actor } = stampOf(event)
  return { '@id': `#user-${actorId}`, '@type': 'Person', name: actor }
}

function uploadActions(
  base: string,
  uploads: readonly Attached[],
  owner: string,
  partOf: (file: FileRow) => { readonly '@id': string },
): Entity[] {
  const server = `${base}/#photoz-server`
  const people = new Map(uploads.map(({ event }) => uploader(event)).map((person) => [person['@id'], person]))
  people.delete(owner)
  const version = String(uploads[0]?.event.metadata.softwareVersion ?? '')
  return [
    {
      '@id': server,
      '@type': 'SoftwareApplication',
      name: 'Photo-z Server',
      softwareVersion: version,
      url: SERVER_URL,
    },
    ...uploads.map(
      ({ event, file }): Entity => ({
        '@id': `urn:uuid:${event.id}`,
        '@type': 'CreateAction',
        name: `Upload of ${String(event.data.name)}`,
        description: 'The file was uploaded to the Photo-z Server.',
        startTime: withOffset(String(event.metadata.at)),
        endTime: withOffset(String(event.metadata.at)),
        instrument: ref(server),
        agent: ref(uploader(event)['@id']),
        result: partOf(file),
        actionStatus: 'http://schema.org/CompletedActionStatus',
      }),
    ),
    ...people.values(),
  ]
}

const SERVER_URL = 'https://github.com/linea-it/pzserver_app'

const STATUSES = {
  succeeded: 'CompletedActionStatus',
  failed: 'FailedActionStatus',
  stopped: 'FailedActionStatus',
  pending: 'PotentialActionStatus',
  running: 'ActiveActionStatus',
  stopping: 'ActiveActionStatus',
} as const

function runActions(
  { row, events, inputs }: NonNullable<ProductRecord['run']>,
  base: string,
  results: readonly object[],
  owner: string,
): Entity[] {
  const instrument = `${base}/#pipeline-${row.pipeline}-${row.pipelineVersion}`
  const agent = `#user-run-${row.ownerId}`
  const parameters = Object.entries(row.parameters).map(
    ([name, value]): Entity => ({
      '@id': `#run-${row.id}-${encodeURIComponent(name)}`,
      '@type': 'PropertyValue',
      name,
      value: typeof value === 'string' ? value : JSON.stringify(value),
    }),
  )
  const read = inputs.map(
    (input): Entity => ({
      '@id': `urn:sha256:${input.digest}`,
      // Not a file: those are in the crate, and this is only named, by what it holds.
      '@type': 'CreativeWork',
      name: input.name ?? hiddenName(input),
      ...(input.releaseId === null ? { sha256: input.digest } : { identifier: input.digest }),
      ...(input.product === null ? {} : { isPartOf: input.product.internalName }),
      ...(input.version === null ? {} : { version: String(input.version) }),
    }),
  )
  const once = [...new Map(read.map((entity) => [entity['@id'], entity])).values()]
  return [
    {
      '@id': `urn:uuid:${events[0]?.id ?? row.id}`,
      '@type': 'CreateAction',
      name: row.displayName,
      description: row.description || `A run of ${row.pipelineName}.`,
      startTime: withOffset(row.startedAt ?? row.createdAt),
      ...(row.endedAt === null ? {} : { endTime: withOffset(row.endedAt) }),
      instrument: ref(instrument),
      agent: ref(row.ownerId === Number(owner.slice('#user-'.length)) ? owner : agent),
      object: compact([...once, ...parameters].map((entity) => ref(entity['@id']))),
      result: row.status === 'succeeded' ? compact(results) : [],
      actionStatus: `http://schema.org/${STATUSES[row.status]}`,
      ...(row.status === 'failed' ? { error: [row.errorReason, ...row.problems].filter(Boolean).join('\n') } : {}),
    },
    {
      '@id': instrument,
      '@type': 'SoftwareApplication',
      name: row.pipelineName,
      softwareVersion: row.pipelineVersion,
      url: SERVER_URL,
      softwareRequirements: row.softwareVersion,
    },
    ...(row.ownerId === Number(owner.slice('#user-'.length))
      ? []
      : [{ '@id': agent, '@type': 'Person', name: row.owner }]),
    ...once,
    ...parameters,
  ]
}
