import { instant as momentText } from '../../../views/format.ts'
import type { Choice, ProductPick } from '../../../views/pages/compare/model.ts'
import type { Request } from '../../application/command.ts'
import { parseReference, type ReferredProduct, referenceText, referredProduct } from '../../application/compare.ts'
import type { AppContext } from '../../context.ts'
import { DomainError } from '../../domain/error.ts'
import { productType } from '../../domain/product/product-type.ts'
import { tell } from '../../domain/words.ts'
import { type ListedProduct, listProducts } from '../../projections/products/queries.ts'
import { stampOf } from '../../projections/recorded.ts'
import { searchTerms } from '../api/paging.ts'

const MOST_CHOICES = 50
const MOST_MATCHES = 8
const MOST_MOMENTS = 60

/** What the address says of one side, and the product that it means. */
export interface Picked {
  /** As in the address: `12_deep_field@2026-03-14`; '' when nothing is chosen. */
  readonly text: string
  readonly found: ReferredProduct | null
  readonly problem: string | null
  readonly momentProblem: string | null
  /** Products that the words fit, when they name none. */
  readonly matches: readonly ListedProduct[]
}

/** The product that a side of the address means; words that name none are looked for. */
export async function picked(context: AppContext, request: Request, given: string | null): Promise<Picked> {
  const text = given?.trim() ?? ''
  const nothing = { text, found: null, problem: null, momentProblem: null, matches: [] }
  if (text === '') return nothing
  const reference = parseReference(text)
  try {
    return { ...nothing, found: await referredProduct(context, request, reference) }
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    if (error.code === 'invalid') return { ...nothing, momentProblem: error.message.replace(/^as_of: /, '') }
    if (error.code !== 'not_found') throw error
    const matches = await search(context, request, reference.name, MOST_MATCHES)
    const problem =
      matches.length > 0
        ? 'Several products may be meant: choose one.'
        : `You can see no product “${reference.name.slice(0, 100)}”${reference.asOf === null ? '' : ' of that time'}. Give its number, its name or words from it.`
    return { ...nothing, problem, matches }
  }
}

async function search(context: AppContext, request: Request, words: string, limit: number) {
  const filter = words.trim() === '' ? {} : { search: searchTerms(words) }
  const order = { by: 'updated_at', descending: true } as const
  const page = { offset: 0, limit }
  return (await listProducts(context.database.drizzle, request.actor, filter, order, page)).items
}

/** Products that fit the words, for the field to suggest. */
export async function suggestions(context: AppContext, request: Request, words: string): Promise<Choice[]> {
  const items = await search(context, request, parseReference(words).name, MOST_CHOICES)
  return items.map(({ product }) => ({
    value: product.internalName,
    label: `${product.displayName} · ${productType(product.productType).displayName} of ${product.owner}`,
  }))
}

/** One side of the form. @param hrefWith the address with another product on this side */
export function pickOf(picked: Picked, hrefWith: (name: string) => string): ProductPick {
  const { text, found, problem, momentProblem, matches } = picked
  const { name, asOf } = parseReference(text)
  return {
    value: found?.state.listed.product.internalName ?? name,
    asOf: asOf ?? '',
    problem,
    momentProblem,
    matches: matches.map(({ product }) => ({
      label: product.displayName,
      note: `${productType(product.productType).displayName} of ${product.owner}`,
      href: hrefWith(referenceText({ name: product.internalName, asOf })),
    })),
    moments: found === null ? [] : momentsOf(found),
  }
}

/** After each command since the product could be seen by others, the latest first. */
function momentsOf({ record }: ReferredProduct): Choice[] {
  const { publishedAt } = record.product
  if (publishedAt === null) return []
  return record.events
    .filter((event, place) => {
      const { at } = stampOf(event)
      const next = record.events[place + 1]
      return at >= publishedAt && (next === undefined || stampOf(next).at !== at)
    })
    .toReversed()
    .slice(0, MOST_MOMENTS)
    .map((event) => ({
      value: event.position.replace(/^0+(?=\d{5})/, ''),
      label: `${momentText(stampOf(event).at)} · ${tell(event).words}`,
    }))
}

export function compareHref(left: string, right: string): string {
  const query = new URLSearchParams()
  if (left !== '') query.set('left', left)
  if (right !== '') query.set('right', right)
  return query.size === 0 ? '/compare' : `/compare?${query}`
}
