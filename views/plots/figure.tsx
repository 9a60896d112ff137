import type { Child } from 'hono/jsx'
import { count } from '../format.ts'
import { LEVELS, levelRanges } from './scale.ts'

interface FigureProps {
  /** Unique on the page: the parts of the picture are named after it. */
  readonly id: string
  readonly width: number
  readonly height: number
  readonly title: string
  /** What the picture shows, in words, for those who cannot see it. */
  readonly description: string
  readonly kind: string
  /** The numbers of the picture, folded below it. */
  readonly table?: FigureTable
  readonly caption?: Child
  readonly children?: Child
}

export interface FigureTable {
  readonly headers: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
  /** Which of them these are, when not all. */
  readonly note?: string
}

/** More rows would make the page heavy; the fullest cells say most. */
const MOST_ROWS = 200

/** The cells of a density as numbers, the fullest first. @param columns what stands before the count: where each cell is */
export function cellNumbers<Cell extends { readonly count: number }>(
  cells: readonly Cell[],
  columns: readonly { readonly header: string; readonly of: (cell: Cell) => string }[],
): FigureTable {
  const full = cells.filter((cell) => cell.count > 0)
  return {
    headers: [...columns.map(({ header }) => header), 'rows'],
    rows: full
      .toSorted((a, b) => b.count - a.count)
      .slice(0, MOST_ROWS)
      .map((cell) => [...columns.map((column) => column.of(cell)), count(cell.count)]),
    ...(full.length > MOST_ROWS ? { note: `These are the ${MOST_ROWS} fullest of ${count(full.length)} cells.` } : {}),
  }
}

/** A picture drawn by the server: SVG with a title and a description, and its numbers as a table on demand. */
export const Figure = ({ id, width, height, title, description, kind, table, caption, children }: FigureProps) => (
  <figure class="plot">
    <svg
      class={kind}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
    >
      <title id={`${id}-title`}>{title}</title>
      <desc id={`${id}-text`}>{description}</desc>
      {children}
    </svg>
    {caption ? <figcaption>{caption}</figcaption> : null}
    {table && table.rows.length > 0 ? <Numbers title={title} table={table} /> : null}
  </figure>
)

const Numbers = ({ title, table }: { title: string; table: FigureTable }) => (
  <details class="numbers">
    <summary>Numbers</summary>
    <section class="scroll" tabindex={0} aria-label={`Numbers of: ${title}`}>
      <table class="data">
        <caption class="aloud">{title}</caption>
        <thead>
          <tr>
            {table.headers.map((header) => (
              <th scope="col" class="n">
                {header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row) => (
            <tr>
              {row.map((value) => (
                <td class="n">{value}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
    {table.note === undefined ? null : <p class="muted">{table.note}</p>}
  </details>
)

/** What the shades of a density mean. */
export const DensityKey = ({ most, of }: { most: number; of: string }) => (
  <span class="density-key">
    <span>{of}</span>
    {levelRanges(most).map(({ level, from, to }) => (
      <span>
        <svg class="swatch" viewBox="0 0 12 12" aria-hidden="true">
          <rect class={`d${Math.min(level, LEVELS)}`} width="12" height="12" />
        </svg>
        {from === to ? count(from) : `${count(from)}–${count(to)}`}
      </span>
    ))}
  </span>
)
