import { chooseEngine, type Engine, type EngineChoice } from './choice.ts'
import { Control } from './control.ts'
import { SkyError } from './errors.ts'
import { Kernel } from './kernel/kernel.ts'
import { type MatchWorkers, matchInWorkers } from './match-workers.ts'
import {
  bestPairs,
  countPairs,
  emptyPairs,
  endsOfCounts,
  nearestOfRight,
  type PairRequest,
  PairSink,
  type Pairs,
  placePairs,
} from './pairs.ts'
import type { Positions } from './positions.ts'
import { SkyIndex } from './sky-index.ts'
import { planStripes } from './stripes.ts'
import { ZoneSweep } from './zones.ts'

/** What a cross-match is asked for. */
export interface MatchOptions {
  /** Arcsec, above 0 and at most 648,000 (180°). A pair is closer than this: the radius is strict. */
  readonly radius: number
  /**
   * `all`: every pair. `nearest`: each left row's `neighbours` nearest right rows. `nearest_of_right`: each right row's
   * nearest left row. `best`: one to one, see `bestPairs`. Default `all`.
   */
  readonly find?: 'all' | 'nearest' | 'nearest_of_right' | 'best'
  /** How many right rows a left row may have with `nearest`. Default 1. */
  readonly neighbours?: number
  /**
   * At equal separation the right row with the smaller rank comes first (`rankOfIds` makes ranks of ids); without it the
   * smaller row.
   */
  readonly rank?: Uint32Array | null
  /** More pairs than this within the radius are refused with `TooManyPairs`. Default `MAX_PAIRS`. */
  readonly maxPairs?: number
  /** Which engine; both give the same pairs. Default: the one that `chooseEngine` expects to be faster. */
  readonly engine?: Engine
  /** An index of the right catalog that exists already. */
  readonly index?: SkyIndex
  /** Threads to use when that pays; they are the caller's to close. */
  readonly workers?: MatchWorkers
  readonly signal?: AbortSignal
  /** Called now and then with the share of the work that is done, 0 to 1. */
  readonly onProgress?: (fraction: number) => void
}

/** Pairs, and how they were found, for the run's record. */
export interface MatchResult extends EngineChoice {
  readonly pairs: Pairs
}

/** 16 bytes a pair while searching, 16 while they are put to their places and 16 in the answer: 960 MB. */
export const MAX_PAIRS = 20_000_000

/**
 * Pairs of rows of two catalogs closer than a radius on the sky, exact at the poles and across RA 0/360. The answer does
 * not depend on the engine or the number of workers.
 * @throws TooManyPairs, SkyError `bad_radius` or `bad_request`; the signal's reason when aborted
 */
export async function crossMatch(left: Positions, right: Positions, options: MatchOptions): Promise<MatchResult> {
  const { find = 'all', neighbours = 1 } = options
  if (find === 'nearest' && !(Number.isInteger(neighbours) && neighbours > 0)) {
    throw new SkyError('bad_request', `The number of neighbours must be a whole number above 0, not ${neighbours}.`)
  }
  const nearest = find === 'nearest' ? neighbours : Number.POSITIVE_INFINITY
  const result = await findPairs(left, right, pairRequest(options, nearest, false), options)
  if (find === 'best') return { ...result, pairs: bestPairs(result.pairs, right.ra.length) }
  if (find === 'nearest_of_right') return { ...result, pairs: nearestOfRight(result.pairs, right.ra.length) }
  return result
}

/**
 * The pairs inside one catalog closer than a radius, each once, with left row < right row.
 * @throws as `crossMatch`
 */
export async function internalMatch(
  positions: Positions,
  options: Omit<MatchOptions, 'find' | 'neighbours'>,
): Promise<MatchResult> {
  return findPairs(positions, positions, pairRequest(options, Number.POSITIVE_INFINITY, true), options)
}

function pairRequest(options: MatchOptions, nearest: number, internal: boolean): PairRequest {
  const { radius, maxPairs = MAX_PAIRS, rank = null } = options
  if (!(radius > 0 && radius <= 648_000)) {
    throw new SkyError(
      'bad_radius',
      `The radius must be above 0 and at most 648000 arcsec (180 degrees), not ${radius}.`,
    )
  }
  return { radius, nearest, internal, rank, maxPairs }
}

async function findPairs(left: Positions, right: Positions, request: PairRequest, options: MatchOptions) {
  const { signal, index, workers } = options
  signal?.throwIfAborted()
  if (request.rank !== null && request.rank.length !== right.ra.length) {
    throw new SkyError('bad_request', `There are ${request.rank.length} ranks for ${right.ra.length} right rows.`)
  }
  if (index !== undefined && index.rows !== right.ra.length) {
    throw new SkyError('bad_index', `The index is of ${index.rows} rows, the right catalog has ${right.ra.length}.`)
  }
  const choice = chooseEngine({
    leftRows: left.report.valid,
    rightRows: right.report.valid,
    indexed: index !== undefined,
    workers: workers?.size ?? 1,
    ...(options.engine === undefined ? {} : { engine: options.engine }),
  })
  const control = new Control(signal, options.onProgress)
  if (choice.engine === 'tree') {
    return { pairs: await searchTree(left, index ?? SkyIndex.build(right), request, control), ...choice }
  }
  if (choice.workers > 1 && workers !== undefined) {
    return { pairs: await matchInWorkers(workers, left, right, request, control), ...choice }
  }
  return { pairs: await sweepZones(left, right, request, control), ...choice }
}

async function sweepZones(left: Positions, right: Positions, request: PairRequest, control: Control): Promise<Pairs> {
  const stripes = planStripes(left, right, request.radius / 3600)
  using kernel = Kernel.lease()
  const sweep = new ZoneSweep(kernel, left, right, request, stripes, [0, stripes.count])
  const sink = new PairSink(kernel, request, left.report.valid)
  for (let z = 0; z < stripes.count; z++) {
    sweep.sweep(z, sink)
    if (control.due()) await control.pause((z + 1) / stripes.count)
  }
  return finished(sink, left, request, control)
}

async function searchTree(left: Positions, index: SkyIndex, request: PairRequest, control: Control): Promise<Pairs> {
  const rows = left.ra.length
  using kernel = Kernel.lease()
  const sink = new PairSink(kernel, request, left.report.valid)
  for (let row = 0; row < rows; row++) {
    const ra = left.ra[row]!
    if (Number.isNaN(ra)) continue
    index.search(ra, left.dec[row]!, request.radius, (other, separation) => {
      if (!request.internal || other > row) sink.push(row, other, separation)
    })
    sink.settle()
    if (control.due()) await control.pause((row + 1) / rows)
  }
  return finished(sink, left, request, control)
}

/** The pairs that were found, in order. */
function finished(sink: PairSink, left: Positions, request: PairRequest, control: Control): Pairs {
  const counts = new Uint32Array(left.ra.length + 1)
  const found = sink.bucketed(left.ra.length)
  const several = countPairs(found, counts)
  const pairs = emptyPairs(counts, endsOfCounts(counts), false)
  placePairs(found, several, pairs, request.rank)
  control.done()
  return pairs
}
