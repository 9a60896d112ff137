import { Type } from '@sinclair/typebox'
import { byCodeUnits } from '../../domain/text.ts'

/** The query parameter of a list that can be ordered by these fields. OPTIONS names them. */
export const orderedBy = (fields: readonly string[]) => ({
  ordering: Type.Optional(
    Type.String({ description: `one of ${fields.join(', ')}; with a dash in front: descending`, 'x-fields': fields }),
  ),
})

/**
 * A list that is in memory, in the order that is asked for: `field` or `-field`. Texts without regard to case; those that are
 * alike stay as they were. Fields by which it cannot be ordered are ignored, as the reference server does.
 */
export function ordered<Item extends object>(
  items: readonly Item[],
  ordering: string | undefined,
  fields: readonly (keyof Item & string)[],
): readonly Item[] {
  const wanted = ordering?.trim() ?? ''
  const field = fields.find((each) => each === wanted.replace(/^-/, ''))
  if (field === undefined) return items
  const direction = wanted.startsWith('-') ? -1 : 1
  return items.toSorted((a, b) => direction * compare(a[field], b[field]))
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return byCodeUnits(String(a ?? '').toLowerCase(), String(b ?? '').toLowerCase())
}
