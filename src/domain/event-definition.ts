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

/** The event that a definition describes, as a TypeScript type. */
export type EventOf<Definition> =
  Definition extends EventDefinition<infer Type, infer Schema>
    ? { readonly type: Type; readonly data: Static<Schema> }
    : never
