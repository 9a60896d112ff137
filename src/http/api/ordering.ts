import { Type } from '@sinclair/typebox'
import { byCodeUnits } from '../../domain/text.ts'
import type { OrderedField } from '../../projections/order.ts'

/** The query parameter of a list that can be ordered by these fields. OPTIONS names them. */
export const orderedBy = (fields: readonly string[]) => ({
  ordering: Type.Optional(
    Type.String({
      description: `${fields.join(', ')}, or several of them separated by commas; with a dash in front: descending`,
      'x-fields': fields,
    }),
  ),
})

/** What `field`, `-field` or `field,-other` asks for. Fields that cannot be ordered by are ignored, as the reference server does. */
export function fieldsOrdered<Field extends string>(
  ordering: string | undefined,
  fields: readonly Field[],
): readonly OrderedField<Field>[] {
  const wanted = new Map<Field, OrderedField<Field>>()
  for (const text of (ordering ?? '').split(',')) {
    const name = text.trim()
    const by = fields.find((each) => each === name.replace(/^-/, ''))
    if (by !== undefined && !wanted.has(by)) wanted.set(by, { by, descending: name.startsWith('-') })
  }
  return [...wanted.values()]
}

/**
 * A list that is in memory, in the order that is asked for. Texts without regard to case; those that are alike stay as they
 * were.
 */
export function ordered<Item extends object>(
  items: readonly Item[],
  ordering: string | undefined,
  fields: readonly (keyof Item & string)[],
): readonly Item[] {
  const wanted = fieldsOrdered(ordering, fields)
  return items.toSorted((a, b) => {
    for (const { by, descending } of wanted) {
      const difference = compare(a[by], b[by])
      if (difference !== 0) return descending ? -difference : difference
    }
    return 0
  })
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return byCodeUnits(String(a ?? '').toLowerCase(), String(b ?? '').toLowerCase())
}
