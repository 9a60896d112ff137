import { raWindow, WHOLE_CIRCLE } from './coordinates.ts'
import { ROW_BYTES } from './kernel/kernel.ts'

/** Cells for each row: a row far from all others passes with a chance of about one in this. */
const CELLS_PER_ROW = 32
const MOST_CELLS = 2 ** 26
const PACKED = ROW_BYTES / 8

/**
 * Tells rows that may lie within a radius of one of a few rows from those that cannot: a bit for each small cell of the sky, set where the
 * circle around a row touches it. When few rows are matched with many, most of the many are dropped by one look at a bit.
 */
export class Sieve {
  private readonly bits: Uint32Array
  private readonly rows: number
  private readonly columns: number
  /** Degrees. */
  private readonly raLow: number
  private readonly decLow: number
  private readonly columnsPerDegree: number
  private readonly rowsPerDegree: number

  /**
   * @param packed rows as they lie in the memory of a kernel
   * @param radius degrees
   * @param reach `decWindow` of the radius
   */
  constructor(packed: Float64Array, radius: number, reach: number) {
    const count = packed.length / PACKED
    let [raLow, raHigh, decLow, decHigh, widest] = [360, 0, 90, -90, 0]
    for (let k = 0; k < packed.length; k += PACKED) {
      const ra = packed[k]!
      const dec = packed[k + 1]!
      if (ra < raLow) raLow = ra
      if (ra > raHigh) raHigh = ra
      if (dec < decLow) decLow = dec
      if (dec > decHigh) decHigh = dec
    }
    widest = Math.max(raWindow(decLow, radius), raWindow(decHigh, radius))
    // Circles that reach across RA 0 have their other part at the far end.
    const around = raLow - widest < 0 || raHigh + widest >= 360
    this.raLow = around ? 0 : raLow - widest
    this.decLow = decLow - reach
    const width = around ? 360 : raHigh - raLow + 2 * widest
    const height = decHigh - decLow + 2 * reach
    const cells = Math.min(MOST_CELLS, count * CELLS_PER_ROW)
    const middle = Math.cos((((decLow + decHigh) / 2) * Math.PI) / 180)
    // About square, and no smaller than a circle.
    const rows = Math.sqrt((cells * height) / Math.max(width * middle, height / cells))
    this.rows = Math.max(1, Math.floor(Math.min(rows, height / (2 * reach))))
    this.columns = Math.max(1, Math.floor(Math.min(cells / this.rows, (width * middle) / (2 * reach))))
    this.columnsPerDegree = this.columns / width
    this.rowsPerDegree = this.rows / height
    this.bits = new Uint32Array(Math.ceil((this.rows * this.columns) / 32))
    const windows = this.windows(radius, reach)
    for (let k = 0; k < packed.length; k += PACKED) {
      const ra = packed[k]!
      const from = this.rowOf(packed[k + 1]! - reach)
      const to = this.rowOf(packed[k + 1]! + reach)
      for (let row = from; row <= to; row++) {
        const window = windows[row]!
        if (window === WHOLE_CIRCLE) {
          this.mark(row, 0, 360)
          continue
        }
        this.mark(row, ra - window, ra + window)
        if (ra - window < 0) this.mark(row, ra - window + 360, 360)
        if (ra + window >= 360) this.mark(row, 0, ra + window - 360)
      }
    }
  }

  /** For each row of cells, how far in right ascension the circle around a position in it can reach. */
  private windows(radius: number, reach: number): Float64Array {
    const edge = (row: number) => Math.max(-90, Math.min(90, this.decLow + row / this.rowsPerDegree))
    return Float64Array.from({ length: this.rows }, (_, row) => {
      // Rows of cells that the circle touches belong to positions a reach beyond their own edges.
      return Math.max(...[edge(row) - reach, edge(row + 1) + reach].map((dec) => raWindow(dec, radius)))
    })
  }

  /** 0 when no row can be within the radius of this position, else 1. */
  passes(ra: number, dec: number): number {
    const x = (ra - this.raLow) * this.columnsPerDegree
    const y = (dec - this.decLow) * this.rowsPerDegree
    const { rows, columns } = this
    // A hair beyond the last cell still belongs to it.
    if (!(x >= 0 && y >= 0 && x <= columns && y <= rows)) return 0
    const cell = Math.min(y | 0, rows - 1) * columns + Math.min(x | 0, columns - 1)
    return (this.bits[cell >>> 5]! >>> (cell & 31)) & 1
  }

  private rowOf(dec: number): number {
    return clamp((dec - this.decLow) * this.rowsPerDegree, this.rows)
  }

  private mark(row: number, raFrom: number, raTo: number): void {
    const last = clamp((raTo - this.raLow) * this.columnsPerDegree, this.columns)
    for (let column = clamp((raFrom - this.raLow) * this.columnsPerDegree, this.columns); column <= last; column++) {
      const cell = row * this.columns + column
      this.bits[cell >>> 5]! |= 1 << (cell & 31)
    }
  }
}

/** The cell of a coordinate in units of cells, of `cells` cells. */
const clamp = (value: number, cells: number): number => (value <= 0 ? 0 : value >= cells ? cells - 1 : value | 0)
