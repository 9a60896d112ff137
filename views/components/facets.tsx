import { count } from '../format.ts'
import { hrefAt, type Place, toggledHref } from '../links.ts'

/** A property to filter by, with its values and how many things have each. */
export interface Facet {
  /** Name of the query parameter. */
  readonly name: string
  readonly label: string
  readonly values: readonly FacetValue[]
}

export interface FacetValue {
  readonly value: string
  readonly label: string
  readonly count: number
  readonly chosen: boolean
}

const IN_SIGHT = 6

/** Filters as links: each adds or takes away one value. Values that nobody chose come after the first few, folded. */
export const Facets = ({ facets, place }: { facets: readonly Facet[]; place: Place }) => (
  <div class="facets">
    {facets
      .filter((facet) => facet.values.length > 0)
      .map((facet) => {
        const chosen = facet.values.filter((value) => value.chosen)
        const others = facet.values.filter((value) => !value.chosen)
        const shown = [...chosen, ...others.slice(0, Math.max(0, IN_SIGHT - chosen.length))]
        const folded = others.slice(Math.max(0, IN_SIGHT - chosen.length))
        return (
          <section aria-labelledby={`facet-${facet.name}`}>
            <h3 id={`facet-${facet.name}`}>{facet.label}</h3>
            <Values values={shown} facet={facet} place={place} />
            {folded.length > 0 ? (
              <details>
                <summary>{folded.length} more</summary>
                <Values values={folded} facet={facet} place={place} />
              </details>
            ) : null}
          </section>
        )
      })}
    {facets.some((facet) => facet.values.some((value) => value.chosen)) ? (
      <p>
        <a href={hrefAt(place, { ...Object.fromEntries(facets.map(({ name }) => [name, null])), page: null })}>
          Clear all filters
        </a>
      </p>
    ) : null}
  </div>
)

const Values = ({ values, facet, place }: { values: readonly FacetValue[]; facet: Facet; place: Place }) => (
  <ul>
    {values.map((value) => (
      <li>
        <a
          id={`facet-${facet.name}-${encodeURIComponent(value.value)}`}
          href={toggledHref(place, facet.name, value.value)}
          aria-current={value.chosen ? 'true' : undefined}
        >
          <span class="name">{value.label}</span>
          <span class="count">{count(value.count)}</span>
          {value.chosen ? <span class="aloud"> (chosen; press to remove)</span> : null}
        </a>
      </li>
    ))}
  </ul>
)
