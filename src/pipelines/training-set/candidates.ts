import { TooManyPairs } from '../../sky/errors.ts'
import type { IdColumn } from './object-ids.ts'

/** Most matches that are kept: the result is made of them in memory. */
export const MOST_MATCHES = 5_000_000

/** Matches of redshifts with objects, by redshift, then separation, then the object's id. */
export interface Matches {
  /** Row of the redshift catalog. */
  readonly left: Uint32Array
  /** The object: its part of the object catalog and its row in that part. */
  readonly part: Uint32Array
  readonly row: Uint32Array
  /** Arcsec. */
  readonly separation: Float64Array
  /** The objects numbered from 0 in the order of their ids; equal numbers are the same object. */
  readonly object: Uint32Array
  readonly objects: number
  /** The id of an object; where it has none, its place in the catalog. */
  idOf(object: number): string
}

/**
 * Possible matches, collected while the object catalog is read. What cannot be among the nearest any more is dropped as
 * they grow, so they need room for the result and no more.
 */
export class Candidates {
  private left = new Uint32Array(1024)
  private part = new Uint32Array(1024)
  private row = new Uint32Array(1024)
  private separation = new Float64Array(1024)
  private length = 0
  private pruneAt = 1_000_000

  /**
   * @param newIds makes an empty column of ids
   * @param nearest at most this many objects for each redshift; Infinity for all
   * @param radius for the message when there are too many, arcsec
   */
  constructor(
    private readonly newIds: () => IdColumn,
    private readonly nearest: number,
    private readonly radius: number,
    private ids = newIds(),
  ) {}

  /** @param idRow the row in `ids` of the object's id */
  push(left: number, part: number, row: number, separation: number, ids: IdColumn, idRow: number): void {
    if (this.length === this.left.length) this.grow()
    this.left[this.length] = left
    this.part[this.length] = part
    this.row[this.length] = row
    this.separation[this.length] = separation
    this.ids.pushFrom(ids, idRow)
    this.length++
  }

  /** Drops what is not among the nearest, when much has come. @throws TooManyPairs */
  tidy(): void {
    if (this.length < this.pruneAt) return
    if (this.nearest !== Number.POSITIVE_INFINITY) this.keepNearest()
    if (this.length > MOST_MATCHES) throw new TooManyPairs(MOST_MATCHES, this.radius)
    this.pruneAt = Math.max(1_000_000, this.length * 2)
  }

  /** @throws TooManyPairs */
  matches(): Matches {
    this.keepNearest()
    if (this.length > MOST_MATCHES) throw new TooManyPairs(MOST_MATCHES, this.radius)
    const { length, ids } = this
    const part = this.part.slice(0, length)
    const row = this.row.slice(0, length)
    const order = Uint32Array.from({ length }, (_, i) => i)
    order.sort((a, b) => ids.compare(a, b) || part[a]! - part[b]! || row[a]! - row[b]!)
    const object = new Uint32Array(length)
    const firsts: number[] = []
    let previous = -1
    for (const at of order) {
      const isSame = previous >= 0 && this.isSameObject(previous, at)
      if (!isSame) firsts.push(at)
      object[at] = firsts.length - 1
      previous = at
    }
    return {
      left: this.left.slice(0, length),
      part,
      row,
      separation: this.separation.slice(0, length),
      object,
      objects: firsts.length,
      idOf: (number) => {
        const at = firsts[number]!
        return ids.text(at) ?? `${part[at]}/${row[at]}`
      },
    }
  }

  /** Equal ids are one object, wherever they lie; without an id only a row is the same as itself. */
  private isSameObject(a: number, b: number): boolean {
    if (this.ids.text(a) !== null) return this.ids.compare(a, b) === 0
    return this.ids.text(b) === null && this.part[a] === this.part[b] && this.row[a] === this.row[b]
  }

  /** Brings the candidates into the order of the result and keeps the nearest of each redshift. */
  private keepNearest(): void {
    const { left, separation, part, row, ids } = this
    const order = Uint32Array.from({ length: this.length }, (_, i) => i)
    order.sort(
      (a, b) =>
        left[a]! - left[b]! ||
        separation[a]! - separation[b]! ||
        ids.compare(a, b) ||
        part[a]! - part[b]! ||
        row[a]! - row[b]!,
    )
    let inRow = 0
    const kept = order.filter((at, place) => {
      inRow = place > 0 && left[order[place - 1]!] === left[at] ? inRow + 1 : 0
      return inRow < this.nearest
    })
    const taken = <T extends Uint32Array | Float64Array>(values: T): T => {
      const moved = new (values.constructor as new (length: number) => T)(Math.max(1024, kept.length))
      for (let k = 0; k < kept.length; k++) moved[k] = values[kept[k]!]!
      return moved
    }
    this.left = taken(left)
    this.part = taken(part)
    this.row = taken(row)
    this.separation = taken(separation)
    this.ids = this.newIds()
    for (const at of kept) this.ids.pushFrom(ids, at)
    this.length = kept.length
  }

  private grow(): void {
    const size = this.length * 2
    const wider = <T extends Uint32Array | Float64Array>(values: T): T => {
      const moved = new (values.constructor as new (length: number) => T)(size)
      moved.set(values)
      return moved
    }
    this.left = wider(this.left)
    this.part = wider(this.part)
    this.row = wider(this.row)
    this.separation = wider(this.separation)
  }
}
