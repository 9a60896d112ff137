/** `zones`: the zone sweep, for bulk joins. `tree`: the k-d tree, for few rows against a catalog that has its index. */
export type Engine = 'zones' | 'tree'

/** Which engine serves a match and why; part of a run's record. */
export interface EngineChoice {
  readonly engine: Engine
  /** Threads that search. */
  readonly workers: number
  readonly reason: string
}

// Measured (bench/sky.ts): the sweep costs about 50 ns for each row of both catalogs, or 30 ns when few rows sift many; a query of
// the tree about 1000 ns, building the tree 200 ns for each row. Threads look at all rows to find their own, so that little
// is won when most rows are only looked at.
const TREE_QUERY_PER_SWEPT_ROW = 16
const ROWS_WORTH_THREADS = 400_000
/** A catalog with so many times fewer rows than the other is made a sieve for it. */
export const FEW = 4

/**
 * The engine that should be faster. The tree is chosen only when the right catalog's index exists and the left rows are
 * few; building one for a single match never pays.
 */
export function chooseEngine(match: {
  readonly leftRows: number
  readonly rightRows: number
  readonly indexed: boolean
  /** Threads at hand. */
  readonly workers: number
  /** The caller's own choice. */
  readonly engine?: Engine
}): EngineChoice {
  const { leftRows, rightRows, indexed } = match
  const few = leftRows * TREE_QUERY_PER_SWEPT_ROW < leftRows + rightRows
  const engine = match.engine ?? (indexed && few ? 'tree' : 'zones')
  const sifted = Math.max(leftRows, rightRows) >= FEW * Math.min(leftRows, rightRows)
  const searched = sifted ? 2 * Math.min(leftRows, rightRows) : leftRows + rightRows
  const worth = engine === 'zones' && searched >= ROWS_WORTH_THREADS
  const workers = worth ? Math.max(1, match.workers) : 1
  const rows = `${leftRows.toLocaleString('en')} x ${rightRows.toLocaleString('en')} rows`
  if (match.engine !== undefined) return { engine, workers, reason: `asked for; ${rows}` }
  if (engine === 'tree') return { engine, workers, reason: `few rows against a catalog with an index; ${rows}` }
  return { engine, workers, reason: indexed ? `many rows, faster than the index; ${rows}` : `bulk join; ${rows}` }
}
