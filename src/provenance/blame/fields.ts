/** What blame needs to know of an event. */
export interface BlamedEvent {
  readonly type: string
  readonly data: unknown
  readonly position: string
  readonly actorId: number
  /** The name at that time. */
  readonly actor: string
  /** ISO 8601 UTC. */
  readonly at: string
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** A value with the event that set it. */
export interface SetValue {
  readonly value: Json
  readonly by: { readonly id: number; readonly username: string }
  readonly at: string
  readonly position: string
  /** Type of the event. */
  readonly event: string
}

/** Of one field: who set its present value, and what it was before. */
export interface FieldBlame extends SetValue {
  /** Stable: `display_name`, `column:12:role`. */
  readonly field: string
  /** As people call it: "name", "role of z". */
  readonly label: string
  readonly group: BlameGroup
  /** Null when it never had another value. */
  readonly before: SetValue | null
}

export type BlameGroup = 'metadata' | 'status' | 'files' | 'columns'

/**
 * The fields of a thing while its events are folded, in the order in which they appeared. A field that never had a value is
 * not there: nobody set it.
 */
export class BlamedFields {
  readonly #fields = new Map<string, FieldBlame>()

  /** An event gives a field a value; it takes the blame only when the value is another one. */
  set(event: BlamedEvent, group: BlameGroup, field: string, label: string, value: Json): void {
    const known = this.#fields.get(field)
    if (known === undefined && value === null) return
    if (known !== undefined && JSON.stringify(known.value) === JSON.stringify(value)) return
    const { actorId, actor, at, position, type } = event
    this.#fields.set(field, {
      field,
      label,
      group,
      value,
      by: { id: actorId, username: actor },
      at,
      position,
      event: type,
      before: known === undefined ? null : setValueOf(known),
    })
  }

  /** What a field belonged to is gone. */
  drop(gone: (field: FieldBlame) => boolean): void {
    for (const [key, field] of this.#fields) if (gone(field)) this.#fields.delete(key)
  }

  list(): FieldBlame[] {
    return [...this.#fields.values()]
  }
}

const setValueOf = ({ value, by, at, position, event }: FieldBlame): SetValue => ({ value, by, at, position, event })
