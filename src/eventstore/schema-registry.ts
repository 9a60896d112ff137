import type { TSchema } from '@sinclair/typebox'
import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import { InvalidEvent, UnsupportedEventVersion } from './errors.ts'
import type { JsonObject, NewEvent } from './port.ts'

/** What the store knows of a type of event. `EventDefinition` of `src/domain` satisfies it. */
export interface EventDefinition {
  readonly type: string
  /** The version that is written now; 1 or more. It is kept in the metadata as `schemaVersion`. */
  readonly version: number
  /** One sentence for the documentation. */
  readonly description: string
  readonly schema: TSchema
  /** The function under key n makes data of version n + 1 from data of version n. */
  readonly upcasters?: Readonly<Record<number, (data: Record<string, unknown>) => Record<string, unknown>>>
}

interface Entry {
  readonly definition: EventDefinition
  readonly validate: ValidateFunction<JsonObject>
}

/**
 * The types of events that may be written, with their schemas, and how older versions are read.
 * @throws Error at construction when a type is defined twice or an upcaster of the chain is missing.
 */
export class SchemaRegistry {
  readonly #entries = new Map<string, Entry>()

  constructor(definitions: Iterable<EventDefinition>) {
    const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allowUnionTypes: true })
    formats.default(ajv)
    for (const definition of definitions) {
      const { type, version, upcasters = {} } = definition
      if (this.#entries.has(type)) throw new Error(`Event type ${type} is defined twice`)
      if (!Number.isSafeInteger(version) || version < 1) throw new Error(`Version of ${type} must be 1 or more`)
      for (let from = 1; from < version; from++) {
        if (!upcasters[from]) throw new Error(`${type} version ${version} has no upcaster from version ${from}`)
      }
      this.#entries.set(type, { definition, validate: ajv.compile<JsonObject>(definition.schema) })
    }
  }

  get definitions(): EventDefinition[] {
    return [...this.#entries.values()].map((entry) => entry.definition)
  }

  /**
   * Checks events that are about to be written and stamps their metadata with `schemaVersion`.
   * @throws InvalidEvent for an unknown type, data that does not fit, or a stamp of another version.
   */
  stamp(events: readonly NewEvent[]): NewEvent[] {
    return events.map((event, index) => {
      const path = `events[${index}]`
      const { definition, validate } = this.#entry(event.type, path)
      const stamped = event.metadata.schemaVersion
      if (stamped !== undefined && stamped !== definition.version) {
        throw new InvalidEvent(
          `${path}.metadata.schemaVersion`,
          `${event.type} is written in version ${definition.version}`,
        )
      }
      requireValid(validate, event.data, event.type, `${path}.data`)
      return { ...event, metadata: { ...event.metadata, schemaVersion: definition.version } }
    })
  }

  /**
   * The event as if the current version had been written; the event itself when it is of the current version or of a
   * type that is not written any more. The metadata, and with it the recorded `schemaVersion`, stay as they are, and what was
   * recorded is kept as `recordedData`.
   * @throws UnsupportedEventVersion when a newer program wrote it.
   */
  upcast<Event extends NewEvent>(event: Event): Event & { readonly recordedData?: JsonObject } {
    const entry = this.#entries.get(event.type)
    if (!entry) return event
    const { type, version, upcasters = {} } = entry.definition
    const recorded = event.metadata.schemaVersion
    const from = typeof recorded === 'number' ? recorded : 1
    if (from > version) throw new UnsupportedEventVersion(type, from, version)
    if (from === version) return event
    let data: Record<string, unknown> = event.data
    for (let step = from; step < version; step++) data = upcasters[step]?.(data) ?? data
    return { ...event, data: requireValid(entry.validate, data, type, 'data'), recordedData: event.data }
  }

  /**
   * An event that another program wrote, as `upcast` gives it, when its data fit its type; one of a type that nobody writes any
   * more passes.
   * @throws InvalidEvent, UnsupportedEventVersion
   */
  foreign<Event extends NewEvent>(event: Event): Event & { readonly recordedData?: JsonObject } {
    const current = this.upcast(event)
    const entry = this.#entries.get(event.type)
    if (entry) requireValid(entry.validate, current.data, event.type, 'data')
    return current
  }

  #entry(type: string, path: string): Entry {
    const entry = this.#entries.get(type)
    if (!entry) throw new InvalidEvent(`${path}.type`, `${type} is not a known type of event`)
    return entry
  }
}

function requireValid(validate: ValidateFunction<JsonObject>, data: unknown, type: string, path: string): JsonObject {
  if (validate(data)) return data
  const [error] = validate.errors ?? []
  throw new InvalidEvent(`${path}${error?.instancePath ?? ''}`, `does not fit ${type}: ${error?.message ?? 'invalid'}`)
}
