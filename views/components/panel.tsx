import type { Child } from 'hono/jsx'

interface PanelProps {
  readonly title: Child
  /** Beside the title: a link, a count. */
  readonly aside?: Child
  /** The content reaches the edges (tables). */
  readonly flush?: boolean
  readonly id?: string
  readonly level?: 2 | 3
  readonly children?: Child
}

/** A card with a heading. */
export const Panel = ({ title, aside, flush, id, level = 2, children }: PanelProps) => (
  <section class="panel" id={id}>
    <header>
      {level === 2 ? <h2>{title}</h2> : <h3>{title}</h3>}
      {aside ? <div class="aside">{aside}</div> : null}
    </header>
    {flush ? children : <div class="pad">{children}</div>}
  </section>
)

/** Facts as pairs: a term and what it is. */
export const Facts = ({ facts }: { facts: readonly (readonly [term: string, fact: Child])[] }) => (
  <dl class="facts">
    {facts.map(([term, fact]) => (
      <div>
        <dt>{term}</dt>
        <dd>{fact}</dd>
      </div>
    ))}
  </dl>
)

/** A few numbers that matter, large. */
export const Tiles = ({
  tiles,
}: {
  tiles: readonly { label: string; value: Child; note?: Child; href?: string }[]
}) => (
  <dl class="tiles">
    {tiles.map((tile) => (
      <div>
        <dt>{tile.label}</dt>
        <dd>{tile.href ? <a href={tile.href}>{tile.value}</a> : tile.value}</dd>
        {tile.note ? <dd class="note">{tile.note}</dd> : null}
      </div>
    ))}
  </dl>
)
