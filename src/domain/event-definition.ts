import type { Static, TSchema } from '@sinclair/typebox'

/** An event of the log: its name, its current version, the schema that it is checked against, and how old versions are read. */
export interface EventDefinition<Type extends string = string, Schema extends TSchema = TSchema> {
  readonly type: Type
  readonly version: number
  /** One sentence for the documentation. */
  readonly description: string
  readonly schema: Schema
  /** From the version given by the key to the next one. */
  readonly upcasters?: Readonly<Record<number, (data: Record<string, unknown>) => Record<string, unknown>>>
}

/** Gives the definition back, with type and schema as exact as they are written: `EventOf` needs them. */
export function defineEvent<const Type extends string, Schema extends TSchema>(
  definition: EventDefinition<Type, Schema>,
): EventDefinition<Type, Schema> {
  return definition
}

/** An event of which nobody has looked yet what it is: from the log, or from a row that keeps one. */
export interface UntypedEvent {
  readonly type: string
  readonly data: unknown
}

/**
 * Tells the events of these definitions from all others, by their type. That the data fits the type is the store's promise: it
 * checks an event against the schema of its type when it is written, and brings old versions up to date when it is read.
 */
export function eventGuard<const Definitions extends readonly EventDefinition[]>(
  definitions: Definitions,
): <Event extends UntypedEvent>(event: Event) => event is Event & EventOf<Definitions[number]> {
  const types = new Set(definitions.map(({ type }) => type))
  return <Event extends UntypedEvent>(event: Event): event is Event & EventOf<Definitions[number]> =>
    types.has(event.type)
}

/** The event that a definition describes, as a TypeScript type. */
export type EventOf<Definition> =
  Definition extends EventDefinition<infer Type, infer Schema>
    ? { readonly type: Type; readonly data: Static<Schema> }
    : never
