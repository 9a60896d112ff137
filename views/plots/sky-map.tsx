import { count, number, tick } from '../format.ts'
import { cellNumbers, DensityKey, Figure, type FigureTable } from './figure.tsx'
import { mollweide, type SkyPoint, wrapped } from './projection.ts'
import { LEVELS, level, place } from './scale.ts'

/**
 * A cell of the sky and how many rows lie in it. With `corners` (the outline, e.g. of a HEALPix pixel, in order) that
 * polygon is drawn; else a square of `sizeDeg` around the middle.
 */
export interface SkyCell extends SkyPoint {
  readonly sizeDeg: number
  readonly count: number
  readonly corners?: readonly SkyPoint[]
}

const WIDTH = 420
const HEIGHT = 216
const CENTRE = { x: 210, y: 108 }
const RADIUS = 102
/** Right ascension in the middle of the map: 0 h is at the right edge, 24 h at the left, as in the survey plans. */
const CENTRE_RA = 180

/** Fewer cells than this are drawn bolder: a field of a degree is a dot on the whole sky. */
const SPARSE = 1500

/** Where on the whole sky the rows are: Mollweide projection, equal areas. */
export function SkyMap({
  id,
  cells,
  title = 'Density on the sky',
}: {
  id: string
  cells: readonly SkyCell[]
  title?: string
}) {
  const most = cells.reduce((most, cell) => Math.max(most, cell.count), 0)
  return (
    <Figure
      id={id}
      kind="sky"
      width={WIDTH}
      height={HEIGHT}
      title={title}
      description={`All-sky map in Mollweide projection, right ascension increasing to the left. ${extent(cells)}`}
      caption={most > 0 ? <DensityKey most={most} of="Rows per cell" /> : null}
      table={cellTable(cells)}
    >
      <clipPath id={`${id}-sphere`}>
        <ellipse cx={CENTRE.x} cy={CENTRE.y} rx={2 * RADIUS} ry={RADIUS} />
      </clipPath>
      <ellipse class="sphere" cx={CENTRE.x} cy={CENTRE.y} rx={2 * RADIUS} ry={RADIUS} />
      <path class="graticule" d={GRATICULE} />
      <g clip-path={`url(#${id}-sphere)`} class={cells.length < SPARSE ? 'sparse' : undefined}>
        {cellPaths(cells, most).map((d, index) => (d === '' ? null : <path class={`d${index + 1}`} d={d} />))}
      </g>
      <ellipse class="rim" cx={CENTRE.x} cy={CENTRE.y} rx={2 * RADIUS} ry={RADIUS} />
      {[-60, -30, 30, 60].map((dec) => (
        <text {...textAt(180, dec, 5, -3)}>{dec > 0 ? `+${dec}°` : `−${-dec}°`}</text>
      ))}
      {[60, 120, 180, 240, 300].map((ra) => (
        <text {...textAt(ra - CENTRE_RA, 0, 0, 12)} class="middle">
          {ra}°
        </text>
      ))}
    </Figure>
  )
}

const project = (longitude: number, latitude: number): readonly [number, number] => {
  const { x, y } = mollweide(longitude, latitude)
  return [CENTRE.x + x * RADIUS, CENTRE.y - y * RADIUS]
}

const textAt = (longitude: number, latitude: number, dx: number, dy: number) => {
  const [x, y] = project(longitude, latitude)
  return { x: place(x + dx), y: place(y + dy) }
}

const line = (points: readonly (readonly [number, number])[]): string =>
  points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${place(x)} ${place(y)}`).join('')

/** Meridians every 60°, parallels every 30°. */
const GRATICULE = [
  ...[-120, -60, 0, 60, 120].map((longitude) =>
    line(Array.from({ length: 37 }, (_, step) => project(longitude, -90 + step * 5))),
  ),
  ...[-60, -30, 0, 30, 60].map((latitude) => line([project(-180, latitude), project(180, latitude)])),
].join('')

/** One path per shade. A cell across the edge of the map is drawn at both sides, and clipped. */
function cellPaths(cells: readonly SkyCell[], most: number): readonly string[] {
  const paths = Array.from({ length: LEVELS }, () => '')
  for (const cell of cells) {
    if (cell.count <= 0) continue
    const longitude = wrapped(cell.raDeg - CENTRE_RA)
    const outline = outlineOf(cell).map(
      ({ raDeg, decDeg }) => [longitude + wrapped(raDeg - cell.raDeg), decDeg] as const,
    )
    const shifts = [0]
    if (outline.some(([lon]) => lon > 180)) shifts.push(-360)
    if (outline.some(([lon]) => lon < -180)) shifts.push(360)
    for (const shift of shifts) {
      paths[level(cell.count, most) - 1] += `${line(outline.map(([lon, lat]) => project(lon + shift, lat)))}z`
    }
  }
  return paths
}

/** The outline of a cell: its corners, or a square of `sizeDeg` on the sky. */
export function outlineOf(cell: SkyCell): readonly SkyPoint[] {
  if (cell.corners && cell.corners.length > 2) return cell.corners
  const half = cell.sizeDeg / 2
  const top = Math.min(90, cell.decDeg + half)
  const bottom = Math.max(-90, cell.decDeg - half)
  const wide = Math.min(179.9, half / Math.max(0.02, Math.cos((cell.decDeg * Math.PI) / 180)))
  return [
    { raDeg: cell.raDeg - wide, decDeg: bottom },
    { raDeg: cell.raDeg + wide, decDeg: bottom },
    { raDeg: cell.raDeg + wide, decDeg: top },
    { raDeg: cell.raDeg - wide, decDeg: top },
  ]
}

/** The cells of a map as numbers: where their middles are, and how many rows they hold. */
export const cellTable = (cells: readonly SkyCell[]): FigureTable =>
  cellNumbers(cells, [
    { header: 'right ascension (°)', of: ({ raDeg }) => tick(Number(raDeg.toPrecision(6))) },
    { header: 'declination (°)', of: ({ decDeg }) => tick(Number(decDeg.toPrecision(6))) },
  ])

/** What the map shows, in words. */
export function extent(cells: readonly SkyCell[]): string {
  const full = cells.filter((cell) => cell.count > 0)
  if (full.length === 0) return 'There is nothing to show.'
  const total = full.reduce((sum, cell) => sum + cell.count, 0)
  const decs = full.map((cell) => cell.decDeg)
  const lowest = decs.reduce((a, b) => Math.min(a, b))
  const highest = decs.reduce((a, b) => Math.max(a, b))
  const fullest = full.reduce((a, b) => (b.count > a.count ? b : a))
  return `${count(total)} rows in ${count(full.length)} cells, between declination ${number(lowest, 3)}° and ${number(highest, 3)}°; the fullest, at right ascension ${number(fullest.raDeg, 4)}°, declination ${number(fullest.decDeg, 4)}°, has ${count(fullest.count)}.`
}
