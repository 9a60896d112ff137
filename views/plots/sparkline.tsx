import type { Cell, Histogram } from '../../src/tables/inspection.ts'
import { cell, counted, number, share } from '../format.ts'
import { place } from './scale.ts'

const WIDTH = 92
const HEIGHT = 22
/** Bars of a header's histogram; finer ones are added up. */
const BARS = 16

/** How a column's numbers are spread, for its header. */
export function HistogramSparkline({ column, histogram }: { column: string; histogram: Histogram }) {
  const counts = merged(histogram.counts, BARS)
  return (
    <Bars
      counts={counts}
      label={`Distribution of ${column} from ${number(histogram.low, 4)} to ${number(histogram.high, 4)}, highest near ${number(peak(histogram), 3)}`}
    />
  )
}

/** How often a column has each of its few values, most frequent first, for its header. */
export function FrequencySparkline(props: {
  column: string
  frequent: readonly { readonly value: Cell; readonly count: number }[]
}) {
  const total = props.frequent.reduce((sum, { count }) => sum + count, 0)
  const first = props.frequent.slice(0, 3).map(({ value, count }) => `${cell(value)} ${share(count / (total || 1))}`)
  return (
    <Bars
      counts={props.frequent.slice(0, BARS).map(({ count }) => count)}
      label={`Values of ${props.column}: ${first.join(', ')}${props.frequent.length > 3 ? ` and ${counted(props.frequent.length - 3, 'other')}` : ''}`}
    />
  )
}

/** One path for all bars: a table may have a thousand columns. */
function Bars({ counts, label }: { counts: readonly number[]; label: string }) {
  const most = Math.max(...counts, 1)
  const width = Math.min(WIDTH / Math.max(1, counts.length), 30)
  const bars = counts.map((count, index) => {
    const height = count === 0 ? 0 : Math.max(0.8, (count / most) * HEIGHT)
    return height === 0
      ? ''
      : `M${place(index * width)} ${HEIGHT}v${place(-height)}h${place(width - 1)}v${place(height)}z`
  })
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <title>{label}</title>
      <path d={bars.join('')} />
    </svg>
  )
}

/** Adds neighbouring bins up until there are at most `most`. */
export function merged(counts: readonly number[], most: number): readonly number[] {
  const size = Math.ceil(counts.length / most)
  if (size <= 1) return counts
  return Array.from({ length: Math.ceil(counts.length / size) }, (_, index) =>
    counts.slice(index * size, (index + 1) * size).reduce((sum, count) => sum + count, 0),
  )
}

/** The middle of the fullest bin. */
export function peak({ low, high, counts }: Histogram): number {
  const best = counts.reduce((best, count, index) => (count > (counts[best] ?? 0) ? index : best), 0)
  return low + ((best + 0.5) * (high - low)) / Math.max(1, counts.length)
}
