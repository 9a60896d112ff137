import { number, tick } from '../format.ts'
import { DensityKey, Figure } from './figure.tsx'
import { lambert, middle, type Point, type SkyPoint, wrapped } from './projection.ts'
import { LEVELS, level, niceStep, place } from './scale.ts'
import { cellTable, extent, outlineOf, type SkyCell } from './sky-map.tsx'

const SIZE = 420
const FRAME = { left: 52, right: 410, top: 12, bottom: 370 }
const SIDE = FRAME.right - FRAME.left

interface SkyFieldProps {
  readonly id: string
  readonly cells: readonly SkyCell[]
  readonly title?: string
  /** Middle and width of the field, degrees; by default what holds all the cells. */
  readonly centre?: SkyPoint
  readonly widthDeg?: number
}

/** A field of the sky, enlarged: Lambert's equal-area projection around its middle, east to the left. */
export function SkyField({ id, cells, title = 'Density in the field', ...given }: SkyFieldProps) {
  const full = cells.filter((cell) => cell.count > 0)
  const centre = given.centre ?? middle(full) ?? { raDeg: 0, decDeg: 0 }
  const projected = lambert(centre)
  const width = given.widthDeg ?? fitting(full, projected)
  const scale = SIDE / width
  const middleOf = { x: (FRAME.left + FRAME.right) / 2, y: (FRAME.top + FRAME.bottom) / 2 }
  const onPage = (point: SkyPoint): Point | null => {
    const at = projected(point)
    return at && { x: middleOf.x + at.x * scale, y: middleOf.y - at.y * scale }
  }
  const most = full.reduce((most, cell) => Math.max(most, cell.count), 0)
  const grid = gridOf(centre, width)
  return (
    <Figure
      id={id}
      kind="sky"
      width={SIZE}
      height={SIZE}
      title={title}
      description={`A field ${number(width, 2)}° wide around right ascension ${number(centre.raDeg, 5)}°, declination ${number(centre.decDeg, 4)}°, east to the left. ${extent(full)}`}
      caption={most > 0 ? <DensityKey most={most} of="Rows per cell" /> : null}
      table={cellTable(full)}
    >
      <clipPath id={`${id}-frame`}>
        <rect x={FRAME.left} y={FRAME.top} width={SIDE} height={SIDE} />
      </clipPath>
      <rect class="sphere" x={FRAME.left} y={FRAME.top} width={SIDE} height={SIDE} />
      <g clip-path={`url(#${id}-frame)`}>
        {shades(full, most, onPage).map((d, index) => (d === '' ? null : <path class={`d${index + 1}`} d={d} />))}
        <path class="graticule" d={grid.lines.map((points) => polyline(points.map(onPage))).join('')} />
      </g>
      <rect class="rim" x={FRAME.left} y={FRAME.top} width={SIDE} height={SIDE} />
      {grid.ras.map((raDeg) => {
        const x = crossing(grid.decs, (decDeg) => onPage({ raDeg, decDeg }), 'y', FRAME.bottom)
        return x === null || x < FRAME.left + 8 || x > FRAME.right - 8 ? null : (
          <text x={place(x)} y={FRAME.bottom + 16} class="middle">
            {tick(((raDeg % 360) + 360) % 360)}°
          </text>
        )
      })}
      {grid.decRows.map((decDeg) => {
        const y = crossing(grid.raRange, (raDeg) => onPage({ raDeg, decDeg }), 'x', FRAME.left)
        return y === null || y < FRAME.top + 6 || y > FRAME.bottom - 2 ? null : (
          <text x={FRAME.left - 6} y={place(y + 4)} class="end">
            {tick(decDeg)}°
          </text>
        )
      })}
      <text x={middleOf.x} y={SIZE - 14} class="middle name">
        right ascension
      </text>
      <text x={FRAME.left + 6} y={FRAME.top + 14} class="name">
        declination
      </text>
    </Figure>
  )
}

/** A width, degrees, that holds all the cells with a margin. */
function fitting(cells: readonly SkyCell[], projected: (point: SkyPoint) => Point | null): number {
  let reach = 0
  for (const cell of cells) {
    for (const corner of outlineOf(cell)) {
      const at = projected(corner)
      if (at) reach = Math.max(reach, Math.abs(at.x), Math.abs(at.y))
    }
  }
  return Math.min(160, reach > 0 ? reach * 2.12 : 1)
}

/** Lines of equal right ascension and declination, about five each, and the ranges in which to look for their ends. */
function gridOf(centre: SkyPoint, width: number) {
  const decStep = niceStep(width / 5)
  const half = width * 0.75
  const south = Math.max(-90, centre.decDeg - half)
  const north = Math.min(90, centre.decDeg + half)
  const atPole = Math.max(Math.abs(south), Math.abs(north)) > 89
  const raHalf = atPole
    ? 180
    : Math.min(180, half / Math.cos(Math.max(Math.abs(south), Math.abs(north)) * (Math.PI / 180)))
  const raStep = atPole ? 30 : niceStep((raHalf * 2) / 7.5)
  const multiples = (low: number, high: number, step: number) => {
    const first = Math.ceil(low / step)
    return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, index) =>
      Number(((first + index) * step).toPrecision(12)),
    )
  }
  const between = (low: number, high: number, steps = 60) =>
    Array.from({ length: steps + 1 }, (_, index) => low + ((high - low) * index) / steps)
  const decs = between(south, north)
  const raRange = between(centre.raDeg - raHalf, centre.raDeg + raHalf)
  const ras = multiples(centre.raDeg - raHalf, centre.raDeg + raHalf - 1e-9, raStep)
  const decRows = multiples(south, north, decStep).filter((dec) => Math.abs(dec) < 90)
  return {
    decs,
    raRange,
    ras,
    decRows,
    lines: [
      ...ras.map((raDeg) => decs.map((decDeg) => ({ raDeg, decDeg }))),
      ...decRows.map((decDeg) => raRange.map((raDeg) => ({ raDeg, decDeg }))),
    ],
  }
}

/** Where a line of the grid crosses an edge of the frame: the other coordinate there. */
function crossing(
  steps: readonly number[],
  at: (step: number) => Point | null,
  axis: 'x' | 'y',
  edge: number,
): number | null {
  let before: Point | null = null
  for (const step of steps) {
    const point = at(step)
    if (before && point && (before[axis] - edge) * (point[axis] - edge) <= 0 && before[axis] !== point[axis]) {
      const part = (edge - before[axis]) / (point[axis] - before[axis])
      const other = axis === 'x' ? 'y' : 'x'
      return before[other] + part * (point[other] - before[other])
    }
    before = point
  }
  return null
}

function shades(cells: readonly SkyCell[], most: number, onPage: (point: SkyPoint) => Point | null): readonly string[] {
  const paths = Array.from({ length: LEVELS }, () => '')
  for (const cell of cells) {
    const outline = outlineOf(cell).map(({ raDeg, decDeg }) =>
      onPage({ raDeg: cell.raDeg + wrapped(raDeg - cell.raDeg), decDeg }),
    )
    if (outline.includes(null)) continue
    paths[level(cell.count, most) - 1] += `${polyline(outline)}z`
  }
  return paths
}

function polyline(points: readonly (Point | null)[]): string {
  let pen = 'M'
  let text = ''
  for (const point of points) {
    if (point) text += `${pen}${place(point.x)} ${place(point.y)}`
    pen = point ? 'L' : 'M'
  }
  return text
}
