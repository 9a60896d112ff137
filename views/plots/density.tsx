import { count, number, tick } from '../format.ts'
import { cellNumbers, DensityKey, Figure, type FigureTable } from './figure.tsx'
import { LEVELS, level, linear, place, ticks } from './scale.ts'

/** Counts on a regular grid: `counts[yBin * xBins + xBin]`. Values in the columns' own units. */
export interface DensityGrid {
  readonly x: Axis
  readonly y: Axis
  readonly counts: readonly number[]
}

export interface Axis {
  readonly label: string
  readonly low: number
  readonly high: number
  readonly bins: number
}

const WIDTH = 420
const HEIGHT = 260
const FRAME = { left: 46, right: 410, top: 12, bottom: 222 }

/** Two columns against each other as a density: redshift against magnitude. */
export function Density({ id, title, grid }: { id: string; title: string; grid: DensityGrid }) {
  const x = linear([grid.x.low, grid.x.high], [FRAME.left, FRAME.right])
  const y = linear([grid.y.low, grid.y.high], [FRAME.bottom, FRAME.top])
  const most = Math.max(...grid.counts, 0)
  const total = grid.counts.reduce((sum, value) => sum + value, 0)
  return (
    <Figure
      id={id}
      kind="density"
      width={WIDTH}
      height={HEIGHT}
      title={title}
      description={`Density of ${count(total)} rows: ${grid.x.label} from ${number(grid.x.low, 3)} to ${number(grid.x.high, 3)} to the right, ${grid.y.label} from ${number(grid.y.low, 3)} to ${number(grid.y.high, 3)} upwards. ${fullest(grid)}`}
      caption={most > 0 ? <DensityKey most={most} of="Rows per cell" /> : null}
      table={numbersOf(grid)}
    >
      {ticks(grid.y.low, grid.y.high, 5).map((value) => (
        <>
          <path class="grid" d={`M${FRAME.left} ${place(y(value))}H${FRAME.right}`} />
          <text x={FRAME.left - 6} y={place(y(value) + 4)} class="end">
            {tick(value)}
          </text>
        </>
      ))}
      {levelPaths(grid, x, y, most).map((d, index) => (d === '' ? null : <path class={`d${index + 1}`} d={d} />))}
      <path class="axis" d={`M${FRAME.left} ${FRAME.top}V${FRAME.bottom}H${FRAME.right}`} />
      {ticks(grid.x.low, grid.x.high, 7).map((value) => (
        <text x={place(x(value))} y={FRAME.bottom + 16} class="middle">
          {tick(value)}
        </text>
      ))}
      <text x={FRAME.right} y={HEIGHT - 4} class="end name">
        {grid.x.label}
      </text>
      <text x={FRAME.left + 6} y={FRAME.top + 10} class="name">
        {grid.y.label}
      </text>
    </Figure>
  )
}

/** One path per shade: small, however many cells there are. */
function levelPaths(
  grid: DensityGrid,
  x: (value: number) => number,
  y: (value: number) => number,
  most: number,
): readonly string[] {
  const paths = Array.from({ length: LEVELS }, () => '')
  const width = (grid.x.high - grid.x.low) / grid.x.bins
  const height = (grid.y.high - grid.y.low) / grid.y.bins
  grid.counts.forEach((value, index) => {
    if (value <= 0) return
    const left = grid.x.low + (index % grid.x.bins) * width
    const bottom = grid.y.low + Math.floor(index / grid.x.bins) * height
    paths[level(value, most) - 1] +=
      `M${place(x(left))} ${place(y(bottom))}H${place(x(left + width))}V${place(y(bottom + height))}H${place(x(left))}z`
  })
  return paths
}

/** Where the middles of the cells are, and how many rows they hold. */
const numbersOf = (grid: DensityGrid): FigureTable =>
  cellNumbers(
    grid.counts.map((value, index) => ({ count: value, at: middleOf(grid, index) })),
    [
      { header: grid.x.label, of: ({ at }) => tick(at[0]) },
      { header: grid.y.label, of: ({ at }) => tick(at[1]) },
    ],
  )

/** The middle of a cell. */
const middleOf = ({ x, y }: DensityGrid, index: number): readonly [number, number] => [
  x.low + (((index % x.bins) + 0.5) * (x.high - x.low)) / x.bins,
  y.low + ((Math.floor(index / x.bins) + 0.5) * (y.high - y.low)) / y.bins,
]

function fullest(grid: DensityGrid): string {
  const best = grid.counts.reduce((best, value, index) => (value > (grid.counts[best] ?? 0) ? index : best), 0)
  const value = grid.counts[best] ?? 0
  if (value === 0) return 'There is nothing to show.'
  const [x, y] = middleOf(grid, best)
  return `The fullest cell, near ${number(x, 3)} and ${number(y, 3)}, has ${count(value)}.`
}
