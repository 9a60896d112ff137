import type { Page } from '../../../views/components/pager.tsx'

const SIZES = [10, 25, 50, 100]

/** The page that a query asks for, of a list that is at hand; what makes no sense becomes the first page. */
export function pageNumbers(query: URLSearchParams, total: number): Page {
  const size = SIZES.find((each) => String(each) === query.get('page_size')) ?? 25
  const wanted = Number(query.get('page') ?? 1)
  const last = Math.max(1, Math.ceil(total / size))
  return { number: Number.isInteger(wanted) && wanted >= 1 ? Math.min(wanted, last) : 1, size, total }
}
