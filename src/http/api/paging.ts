import { Type } from '@sinclair/typebox'
import { DomainError } from '../../domain/error.ts'
import type { Page } from '../../projections/products/filter.ts'

export const PAGING = {
  page: Type.Optional(Type.String({ description: 'from 1; without page and page_size everything is given' })),
  page_size: Type.Optional(Type.String({ description: 'default 100, at most 1000' })),
}

/** The page that was asked for; null for everything, because the Python client never asks for pages and would miss the rest. */
export function pageOf(query: { readonly page?: string; readonly page_size?: string }): Page | null {
  if (query.page === undefined && query.page_size === undefined) return null
  const size = Number(query.page_size ?? 100)
  const limit = Number.isInteger(size) && size > 0 ? Math.min(size, 1000) : 100
  const page = Number(query.page ?? 1)
  if (!Number.isSafeInteger(page) || page < 1 || page > 1_000_000) throw invalidPage()
  return { offset: (page - 1) * limit, limit }
}

export const invalidPage = (): DomainError => new DomainError('not_found', 'Invalid page.')

/** One page of a list that is in memory already. */
export function cut<Item>(items: readonly Item[], page: Page | null): { count: number; results: readonly Item[] } {
  if (page === null) return { count: items.length, results: items }
  if (page.offset > 0 && page.offset >= items.length) throw invalidPage()
  return { count: items.length, results: items.slice(page.offset, page.offset + page.limit) }
}

/** The query parameter of a list that can be searched in these fields. OPTIONS names them. */
export const searchedIn = (fields: readonly string[], description: string) => ({
  search: Type.Optional(Type.String({ description, 'x-fields': fields })),
})

/** Search terms: separated by white space or commas. At most 20 of at most 200 characters. */
export function searchTerms(text: string | undefined): string[] {
  const terms = (text ?? '')
    .replaceAll('\u0000', '')
    .split(/[\s,]+/)
    .filter(Boolean)
  if (terms.length > 20) throw new DomainError('invalid', 'search: at most 20 words.', { search: 'At most 20 words.' })
  return terms.map((term) => term.slice(0, 200))
}
