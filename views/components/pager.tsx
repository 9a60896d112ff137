import { count } from '../format.ts'
import { hrefAt, type Place } from '../links.ts'

export interface Page {
  /** 1-based. */
  readonly number: number
  readonly size: number
  /** Of all pages together. */
  readonly total: number
}

const SIZES = [10, 25, 50, 100]

/** Which rows these are, the pages around, and how many rows a page has. */
export function Pager({ page, place, label }: { page: Page; place: Place; label: string }) {
  const last = Math.max(1, Math.ceil(page.total / page.size))
  const first = page.total === 0 ? 0 : (page.number - 1) * page.size + 1
  const until = Math.min(page.number * page.size, page.total)
  return (
    <nav class="pager" aria-label={label}>
      <span>
        {count(first)}–{count(until)} of {count(page.total)}
      </span>
      {page.total > SIZES[0]! ? <Sizes page={page} place={place} /> : null}
      {last > 1 ? (
        <ul>
          <li>
            <Step place={place} to={page.number - 1} last={last} text="Previous" rel="prev" />
          </li>
          {around(page.number, last).map((number) => (
            <li>
              {number === null ? (
                <span class="gap">…</span>
              ) : (
                <a
                  id={`page-${number}`}
                  href={hrefAt(place, { page: number === 1 ? null : number })}
                  aria-current={number === page.number ? 'page' : undefined}
                  aria-label={`Page ${number}`}
                >
                  {count(number)}
                </a>
              )}
            </li>
          ))}
          <li>
            <Step place={place} to={page.number + 1} last={last} text="Next" rel="next" />
          </li>
        </ul>
      ) : null}
    </nav>
  )
}

/**
 * The way through a history that grows while it is read: from a place in it to what is older, or newer. Nothing where there is
 * neither.
 */
export const HistoryPager = (props: { place: Place; olderFrom: string | null; newerFrom?: string | null }) => {
  const { place, olderFrom, newerFrom = null } = props
  if (olderFrom === null && newerFrom === null) return null
  return (
    <div class="pager">
      {newerFrom === null ? (
        <span />
      ) : (
        <a href={hrefAt(place, { after: newerFrom, before: null })} rel="prev">
          Newer
        </a>
      )}
      {olderFrom === null ? null : (
        <a href={hrefAt(place, { before: olderFrom, after: null })} rel="next">
          Older
        </a>
      )}
    </div>
  )
}

const Step = (props: { place: Place; to: number; last: number; text: string; rel: 'prev' | 'next' }) =>
  props.to < 1 || props.to > props.last ? (
    <span class="off">{props.text}</span>
  ) : (
    <a id={`page-${props.rel}`} href={hrefAt(props.place, { page: props.to === 1 ? null : props.to })} rel={props.rel}>
      {props.text}
    </a>
  )

const Sizes = ({ page, place }: { page: Page; place: Place }) => (
  <span class="sizes">
    {'per page '}
    {SIZES.map((size) => (
      <a
        id={`per-page-${size}`}
        href={hrefAt(place, { page_size: size, page: null })}
        aria-current={size === page.size ? 'true' : undefined}
        aria-label={`${size} per page`}
      >
        {size}
      </a>
    ))}
  </span>
)

/** The pages worth a link: first, last, and those around; null is a gap. */
export function around(current: number, last: number): readonly (number | null)[] {
  const wanted = [1, current - 1, current, current + 1, last].filter((page) => page >= 1 && page <= last)
  const pages = [...new Set(wanted)].sort((a, b) => a - b)
  return pages.flatMap((page, index) => {
    const before = pages[index - 1]
    if (before === undefined || page - before === 1) return [page]
    return page - before === 2 ? [page - 1, page] : [null, page]
  })
}
