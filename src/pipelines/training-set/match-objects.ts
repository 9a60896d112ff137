import type { Data, RecordBatch } from 'apache-arrow'
import { crossMatch } from '../../sky/match.ts'
import { type Positions, positionsOf } from '../../sky/positions.ts'
import { isValid } from '../../tables/cell.ts'
import { Candidates, type Matches, MOST_MATCHES } from './candidates.ts'
import { type IdColumn, idColumnFor } from './object-ids.ts'
import type { ObjectPart, ObjectSource } from './object-source.ts'
import type { TrainingSetParameters } from './parameters.ts'

/** Objects that are matched at a time: all that is in memory of the object catalog. */
const CHUNK_ROWS = 524_288

/** What was read and found, for the run's record. */
export interface MatchCounts {
  readonly parts: number
  /** Objects that were looked at, and those of them without a usable position. */
  readonly objectsRead: number
  readonly objectsWithoutPosition: number
}

/**
 * Matches redshifts with an object catalog that may be larger than memory: of each part the ids and positions alone are
 * read, half a million objects at a time. Which objects share a part makes no difference to the result.
 * @throws TooManyPairs, TableError; the signal's reason when aborted
 */
export async function matchObjects(
  redshifts: Positions,
  source: ObjectSource,
  parts: readonly ObjectPart[],
  parameters: TrainingSetParameters,
  control: { readonly signal?: AbortSignal; readonly onProgress?: (rows: number) => void },
): Promise<{ readonly matches: Matches; readonly counts: MatchCounts }> {
  const { id, ra, dec } = source.roles
  const idType = source.columns.find(({ name }) => name === id)?.type ?? null
  const matcher = new ChunkMatcher(redshifts, parameters, () => idColumnFor(idType), control.signal)
  const columns = id === null ? [ra, dec] : [ra, dec, id]
  for (const [place, part] of parts.entries()) {
    let firstRow = 0
    for await (const batch of part.batches(columns)) {
      control.signal?.throwIfAborted()
      await matcher.take(batch, place, firstRow)
      firstRow += batch.numRows
      control.onProgress?.(matcher.objectsRead)
    }
  }
  await matcher.matchChunk()
  const { objectsRead, objectsWithoutPosition } = matcher
  return { matches: matcher.candidates.matches(), counts: { parts: parts.length, objectsRead, objectsWithoutPosition } }
}

class ChunkMatcher {
  readonly candidates: Candidates
  objectsRead = 0
  objectsWithoutPosition = 0
  private readonly ra = new Float64Array(CHUNK_ROWS)
  private readonly dec = new Float64Array(CHUNK_ROWS)
  private readonly part = new Uint32Array(CHUNK_ROWS)
  private readonly row = new Uint32Array(CHUNK_ROWS)
  private readonly ids: IdColumn
  private length = 0
  private readonly byDec: Uint32Array

  constructor(
    private readonly redshifts: Positions,
    private readonly parameters: TrainingSetParameters,
    newIds: () => IdColumn,
    private readonly signal: AbortSignal | undefined,
  ) {
    const { find, neighbours, radiusArcsec } = parameters
    this.ids = newIds()
    this.candidates = new Candidates(newIds, find === 'best' ? neighbours : Number.POSITIVE_INFINITY, radiusArcsec)
    const { ra, dec } = redshifts
    this.byDec = Uint32Array.from(ra.keys()).filter((row) => !Number.isNaN(ra[row]!))
    this.byDec.sort((a, b) => dec[a]! - dec[b]!)
  }

  /** @param firstRow row in its part of the batch's first row */
  async take(batch: RecordBatch, part: number, firstRow: number): Promise<void> {
    const [ra, dec, id] = batch.data.children as [Data, Data, Data | undefined]
    for (let from = 0; from < batch.numRows; ) {
      const at = this.length
      const count = Math.min(batch.numRows - from, CHUNK_ROWS - at)
      copyNumbers(ra, from, count, this.ra, at)
      copyNumbers(dec, from, count, this.dec, at)
      this.part.fill(part, at, at + count)
      for (let k = 0; k < count; k++) this.row[at + k] = firstRow + from + k
      if (id !== undefined) this.ids.take(id, from, count)
      this.length += count
      from += count
      if (this.length === CHUNK_ROWS) await this.matchChunk()
    }
  }

  async matchChunk(): Promise<void> {
    const { length, ids } = this
    const objects = positionsOf(this.ra.slice(0, length), this.dec.slice(0, length))
    this.objectsRead += length
    this.objectsWithoutPosition += length - objects.report.valid
    const near = this.redshiftsNear(objects)
    if (near.length > 0) {
      const { find, neighbours, radiusArcsec } = this.parameters
      const { pairs } = await crossMatch(subset(this.redshifts, near), objects, {
        radius: radiusArcsec,
        find: find === 'best' ? 'nearest' : find === 'each_object' ? 'nearest_of_right' : 'all',
        ...(find === 'best' ? { neighbours, rank: ids.length > 0 ? ids.ranks() : null } : { maxPairs: MOST_MATCHES }),
        ...(this.signal ? { signal: this.signal } : {}),
      })
      // An id column without ids has none to give: the place in the catalog decides.
      while (ids.length < length) ids.pushMissing()
      for (let k = 0; k < pairs.left.length; k++) {
        const at = pairs.right[k]!
        this.candidates.push(near[pairs.left[k]!]!, this.part[at]!, this.row[at]!, pairs.separation[k]!, ids, at)
      }
      this.candidates.tidy()
    }
    ids.clear()
    this.length = 0
  }

  /** Redshifts in the declinations of the objects, ascending by row. */
  private redshiftsNear({ decRange: [low, high] }: Positions): Uint32Array {
    // A hair wider than the radius: the match itself is exact.
    const reach = (this.parameters.radiusArcsec / 3600) * (1 + 1e-9) + 1e-9
    const { byDec } = this
    const { dec } = this.redshifts
    const placeOf = (limit: number): number => {
      let from = 0
      let to = byDec.length
      while (from < to) {
        const middle = (from + to) >> 1
        if (dec[byDec[middle]!]! < limit) from = middle + 1
        else to = middle
      }
      return from
    }
    if (low > high) return new Uint32Array(0)
    return byDec.slice(placeOf(low - reach), placeOf(high + reach)).sort()
  }
}

function subset({ ra, dec }: Positions, rows: Uint32Array): Positions {
  return positionsOf(
    Float64Array.from(rows, (row) => ra[row]!),
    Float64Array.from(rows, (row) => dec[row]!),
  )
}

function copyNumbers(data: Data, from: number, count: number, to: Float64Array, at: number): void {
  if (data.nullCount === 0 && data.values instanceof Float64Array) {
    to.set(data.values.subarray(from, from + count), at)
    return
  }
  for (let k = 0; k < count; k++) to[at + k] = isValid(data, from + k) ? Number(data.values[from + k]) : Number.NaN
}
