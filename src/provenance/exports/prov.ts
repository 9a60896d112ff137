import { SYSTEM } from '../../domain/actor.ts'
import { isProductEvent, type ProductEvent } from '../../domain/product/events.ts'
import type { RecordedEvent } from '../../eventstore/port.ts'
import { stampOf } from '../../projections/recorded.ts'
import { hiddenName, isOfRun, type ProductRecord, productUrl, type ReadInput } from './record.ts'

/** A name of another namespace as a value, or text, a number, a time. */
export type ProvValue = string | number | { readonly name: string } | { readonly time: string }
export type Attributes = Readonly<Record<string, ProvValue>>

/** The formal attributes of each relation, in the order of PROV-N. */
export const RELATIONS = {
  wasGeneratedBy: ['entity', 'activity', 'time'],
  used: ['activity', 'entity', 'time'],
  wasDerivedFrom: ['generatedEntity', 'usedEntity', 'activity'],
  wasInvalidatedBy: ['entity', 'activity', 'time'],
  wasAssociatedWith: ['activity', 'agent', 'plan'],
  wasAttributedTo: ['entity', 'agent'],
  wasInfluencedBy: ['influencee', 'influencer'],
} as const
export type RelationName = keyof typeof RELATIONS

export interface Relation {
  readonly type: RelationName
  /** Made of the id of the event that tells it, so that the export can be audited line by line. */
  readonly id: string
  readonly formal: Readonly<Record<string, string>>
  readonly attributes: Attributes
}

/** A W3C PROV document, with the terms of IVOA ProvDM 1.0 where they say more. */
export interface ProvDocument {
  readonly prefixes: Readonly<Record<string, string>>
  readonly entities: ReadonlyMap<string, Attributes>
  readonly activities: ReadonlyMap<
    string,
    { readonly start: string | null; readonly end: string | null; readonly attributes: Attributes }
  >
  readonly agents: ReadonlyMap<string, Attributes>
  readonly relations: readonly Relation[]
}

const DATASET = { 'prov:type': { name: 'voprov:DatasetEntity' } } as const

/** The whole history of a product as PROV: versions of it, uploads, edits and the run, and who did them. */
export function provDocument(record: ProductRecord): ProvDocument {
  const writer = new Writer(record)
  writer.history()
  if (record.run !== null) writer.run(record.run)
  return {
    prefixes: {
      pz: `${record.base}/provenance/`,
      event: `${record.base}/provenance/event/`,
      voprov: 'http://www.ivoa.net/documents/ProvenanceDM/voprov#',
    },
    entities: writer.entities,
    activities: writer.activities,
    agents: writer.agents,
    relations: writer.relations,
  }
}

class Writer {
  readonly entities = new Map<string, Attributes>()
  readonly activities = new Map<string, { start: string | null; end: string | null; attributes: Attributes }>()
  readonly agents = new Map<string, Attributes>()
  readonly relations: Relation[] = []
  readonly #record: ProductRecord
  readonly #product: string
  readonly #ids = new Map<string, number>()
  /** The deletion that stands. PROV lets an entity end once: what was restored did not end. */
  readonly #end: string | undefined
  /** The file whose place the next one takes. */
  #replaced: string | null = null
  #versions = 0

  constructor(record: ProductRecord) {
    this.#record = record
    this.#product = `pz:product-${record.product.id}`
    const life = record.events.filter(({ type }) => type === 'ProductDeleted' || type === 'ProductRestored')
    const last = life.at(-1)
    this.#end = last?.type === 'ProductDeleted' ? last.id : undefined
  }

  history(): void {
    const { product, typeName, events } = this.#record
    this.entities.set(this.#product, {
      'prov:label': product.displayName,
      ...DATASET,
      'voprov:name': product.displayName,
      'voprov:location': productUrl(this.#record),
      'pz:internalName': product.internalName,
      'pz:productType': typeName,
    })
    for (const event of events) this.#event(event)
  }

  #event(recorded: RecordedEvent): void {
    if (!isProductEvent(recorded)) return
    const event: ProductEvent = recorded
    const product = this.#product
    switch (event.type) {
      case 'ProductRegistered': {
        const { at } = stampOf(recorded)
        const activity = this.#act(recorded, 'registration', 'Registration')
        this.#relate(recorded, 'wasGeneratedBy', { entity: product, activity, time: at })
        this.#relate(recorded, 'wasAttributedTo', {
          entity: product,
          agent: this.#person(event.data.owner.userId, event.data.owner.username),
        })
        return
      }
      case 'FileAttached': {
        const { role, name, sha256, size, fileId } = event.data
        const before =
          this.#replaced ?? (role === 'main' && this.#versions > 0 ? `${product}-v${this.#versions}` : null)
        this.#replaced = null
        if (role === 'main') this.#versions += 1
        const entity = role === 'main' ? `${product}-v${this.#versions}` : `pz:file-${fileId}`
        const versioned = role === 'main' ? { 'voprov:version': String(this.#versions) } : {}
        this.entities.set(entity, {
          'prov:label': name,
          ...DATASET,
          'voprov:name': name,
          ...versioned,
          'pz:role': role,
          'pz:sha256': sha256,
          'pz:size': size,
        })
        const { run } = this.#record
        const byRun = run !== null && isOfRun(this.#record, recorded)
        const activity = byRun ? `pz:run-${run.row.id}` : this.#act(recorded, 'upload', `Upload of ${name}`)
        const { at } = stampOf(recorded)
        this.#relate(recorded, 'wasGeneratedBy', { entity, activity, time: at })
        if (before !== null) {
          const revision = { 'prov:type': { name: 'prov:Revision' } }
          this.#relate(recorded, 'wasDerivedFrom', { generatedEntity: entity, usedEntity: before, activity }, revision)
        }
        this.#relate(recorded, 'wasInfluencedBy', { influencee: product, influencer: entity })
        return
      }
      case 'FileRemoved': {
        const { role, fileId, replaced } = event.data
        const entity = role === 'main' ? `${product}-v${this.#versions}` : `pz:file-${fileId}`
        if (replaced) this.#replaced = entity
        else this.#invalidate(recorded, entity)
        return
      }
      case 'ProductDeleted':
        if (recorded.id === this.#end) this.#invalidate(recorded, product)
        else this.#edit(recorded, event.type)
        return
      case 'ProductImported':
      case 'MainFileInspected':
      case 'InspectionFailed':
        return
      default:
        this.#edit(recorded, event.type)
    }
  }

  #edit(recorded: RecordedEvent, type: ProductEvent['type']): void {
    const activity = this.#act(recorded, 'edit', WORDS[type] ?? type)
    this.#relate(recorded, 'wasInfluencedBy', { influencee: this.#product, influencer: activity })
  }

  run({ row, events, inputs }: NonNullable<ProductRecord['run']>): void {
    const activity = `pz:run-${row.id}`
    const requested = events.find(({ type }) => type === 'RunRequested')
    if (requested === undefined) return
    this.activities.set(activity, {
      start: row.startedAt,
      end: row.endedAt,
      attributes: {
        'prov:label': row.displayName,
        'prov:type': { name: 'voprov:Activity' },
        'voprov:name': row.displayName,
        'voprov:comment': row.description ?? '',
        'pz:status': row.status,
        'pz:softwareVersion': row.softwareVersion,
      },
    })
    const plan = `pz:pipeline-${row.pipeline}-${row.pipelineVersion}`
    this.entities.set(plan, {
      'prov:label': `${row.pipelineName} ${row.pipelineVersion}`,
      'prov:type': { name: 'prov:Plan' },
      'voprov:type': { name: 'voprov:ActivityDescription' },
      'voprov:name': row.pipelineName,
      'voprov:version': row.pipelineVersion,
    })
    const software = this.#software(row.softwareVersion)
    this.#relate(requested, 'wasAssociatedWith', { activity, agent: this.#person(row.ownerId, row.owner) })
    this.#relate(requested, 'wasAssociatedWith', { activity, agent: software, plan })
    for (const [name, value] of Object.entries(row.parameters)) {
      const entity = `${activity}-parameter-${name.replaceAll(/[^\w-]/g, '_')}`
      this.entities.set(entity, {
        'prov:label': name,
        'prov:type': { name: 'voprov:Parameter' },
        'voprov:name': name,
        'voprov:value': typeof value === 'string' ? value : JSON.stringify(value),
      })
      this.#relate(requested, 'used', { activity, entity, time: row.createdAt })
    }
    for (const input of inputs) {
      const entity = this.#input(input)
      this.#relate(requested, 'used', { activity, entity, time: row.createdAt }, { 'prov:role': input.role })
    }
  }

  #input(input: ReadInput): string {
    const { product, releaseId, name, digest, version } = input
    const entity =
      product !== null && version !== null
        ? `pz:product-${product.id}-v${version}`
        : releaseId === null
          ? `pz:hidden-${digest.slice(0, 16)}`
          : `pz:release-${releaseId}`
    this.entities.set(entity, {
      'prov:label': product?.displayName ?? name ?? hiddenName(input),
      ...DATASET,
      ...(name === null ? {} : { 'voprov:name': name }),
      ...(version === null ? {} : { 'voprov:version': String(version) }),
      ...(product === null ? {} : { 'pz:internalName': product.internalName }),
      ...(releaseId === null ? { 'pz:sha256': digest } : { 'pz:digest': digest }),
    })
    return entity
  }

  /** What a person did, all events of one command together. */
  #act(recorded: RecordedEvent, kind: string, label: string): string {
    const { at, actor, actorId } = stampOf(recorded)
    const id = `pz:${kind}-${recorded.id}`
    this.activities.set(id, {
      start: at,
      end: at,
      attributes: { 'prov:label': label, 'prov:type': { name: 'voprov:Activity' } },
    })
    this.#relate(recorded, 'wasAssociatedWith', { activity: id, agent: this.#person(actorId, actor) })
    return id
  }

  #invalidate(recorded: RecordedEvent, entity: string): void {
    const activity = this.#act(recorded, 'removal', 'Removal')
    this.#relate(recorded, 'wasInvalidatedBy', { entity, activity, time: stampOf(recorded).at })
  }

  #person(id: number, name: string): string {
    if (id === SYSTEM.userId) return this.#software(null)
    const agent = `pz:user-${id}`
    this.agents.set(agent, { 'prov:label': name, 'prov:type': { name: 'prov:Person' }, 'voprov:name': name })
    return agent
  }

  #software(version: string | null): string {
    const agent = version === null ? 'pz:server' : `pz:server-${version.replaceAll(/[^\w-]/g, '-')}`
    this.agents.set(agent, { 'prov:label': version ?? 'Photo-z Server', 'prov:type': { name: 'prov:SoftwareAgent' } })
    return agent
  }

  #relate(
    event: RecordedEvent,
    type: RelationName,
    formal: Readonly<Record<string, string>>,
    attributes: Attributes = {},
  ): void {
    const count = this.#ids.get(event.id) ?? 0
    this.#ids.set(event.id, count + 1)
    const id = count === 0 ? `event:${event.id}` : `event:${event.id}-${count + 1}`
    this.relations.push({ type, id, formal, attributes })
  }
}

const WORDS: Readonly<Record<string, string>> = {
  MetadataEdited: 'Edit of the metadata',
  ColumnAssociated: 'Role of a column',
  ProductMarkedOfficial: 'Marked official',
  ProductUnmarkedOfficial: 'No longer official',
  ProductPublished: 'Publication',
  ProductDeleted: 'Deletion',
  ProductRestored: 'Restoration',
  ProductPurged: 'Destruction of the files',
  ProcessingFailed: 'Failure of the run',
}
