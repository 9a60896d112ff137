import type { Sql } from '../../database/database.ts'
import { CHAIN_START, leafHash, rootOf, type TreeNodes } from './merkle.ts'
import { rootOfComplete } from './projection.ts'
import { SEGMENT, SEGMENT_HEIGHT, unpack } from './tables.ts'

/** What the log is, in a hundred bytes. Hashes in hex. */
export interface LedgerHead {
  /** Number of events. */
  readonly size: number
  /** Position of the last of them, 20 digits. */
  readonly position: string
  /** Entry of the chain after the last of them. */
  readonly chainHead: string
  /** Merkle root over all of them. */
  readonly root: string
}

/** An event as the ledger knows it. */
export interface LedgerEntry {
  /** From 0, in the global order. */
  readonly index: number
  readonly position: string
  /** In hex. */
  readonly hash: string
}

export interface LedgerSegmentEntries {
  readonly segment: number
  readonly entries: readonly LedgerEntry[]
  /** Entry of the chain after the last of them, in hex. */
  readonly chain: string
}

interface SegmentRow {
  segment: number
  positions: string[]
  hashes: Uint8Array
  chain: Uint8Array
}

const COLUMNS = 'segment, positions, hashes, chain'
const padded = (position: string): string => position.padStart(20, '0')
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** The head of the ledger as the read model has it now. */
export async function ledgerHead(db: Sql): Promise<LedgerHead> {
  const [last] = await db.query<SegmentRow>(`select ${COLUMNS} from ledger_segments order by segment desc limit 1`)
  const size = last === undefined ? 0 : last.segment * SEGMENT + last.positions.length
  return {
    size,
    position: padded(last?.positions.at(-1) ?? '0'),
    chainHead: hex(last?.chain ?? CHAIN_START),
    root: hex(await rootOf(new LedgerTree(db), 0, size)),
  }
}

/** All entries in order, a few thousand at a time. */
export async function* ledgerSegmentsInOrder(db: Sql): AsyncGenerator<LedgerSegmentEntries> {
  const page = 100
  for (let from = 0; ; ) {
    const rows = await db.query<SegmentRow>(
      `select ${COLUMNS} from ledger_segments where segment >= $1::int order by segment limit ${page}`,
      [from],
    )
    for (const row of rows) {
      const digests = unpack(row.hashes)
      const entries = row.positions.map((position, n) => ({
        index: row.segment * SEGMENT + n,
        position: padded(position),
        hash: hex(digests[n] ?? new Uint8Array()),
      }))
      yield { segment: row.segment, entries, chain: hex(row.chain) }
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < page) return
    from = last.segment + 1
  }
}

/** Where in the global order the events at these positions are; those that the ledger does not know are left out. */
export async function ledgerIndexes(db: Sql, positions: readonly string[]): Promise<Map<string, number>> {
  if (positions.length === 0) return new Map()
  const rows = await db.query<{ position: string; segment: number; positions: string[] }>(
    `select p.position, s.segment, s.positions
     from (select value::bigint as position from json_array_elements_text($1::text::json)) p
     cross join lateral (
       select segment, positions from ledger_segments where first <= p.position order by first desc limit 1
     ) s`,
    [JSON.stringify(positions)],
  )
  const indexes = new Map<string, number>()
  for (const row of rows) {
    const place = row.positions.indexOf(row.position)
    if (place >= 0) indexes.set(padded(row.position), row.segment * SEGMENT + place)
  }
  return indexes
}

/** The Merkle tree in the read model; each row is read once. */
export class LedgerTree implements TreeNodes {
  readonly #db: Sql
  readonly #rows = new Map<string, Promise<readonly Buffer[]>>()

  constructor(db: Sql) {
    this.#db = db
  }

  async node(height: number, index: number): Promise<Uint8Array> {
    const level = Math.floor(height / SEGMENT_HEIGHT)
    const count = 2 ** (height % SEGMENT_HEIGHT)
    const start = index * count
    const row = await this.#row(level, Math.floor(start / SEGMENT))
    const nodes = row.slice(start % SEGMENT, (start % SEGMENT) + count)
    if (nodes.length < count) throw new Error(`The ledger has no node ${index} at height ${height}; rebuild it`)
    return rootOfComplete(nodes)
  }

  #row(level: number, number: number): Promise<readonly Buffer[]> {
    const key = `${level} ${number}`
    const row = this.#rows.get(key) ?? this.#read(level, number)
    this.#rows.set(key, row)
    return row
  }

  async #read(level: number, number: number): Promise<readonly Buffer[]> {
    const [row] =
      level === 0
        ? await this.#db.query<{ hashes: Uint8Array }>('select hashes from ledger_segments where segment = $1::int', [
            number,
          ])
        : await this.#db.query<{ hashes: Uint8Array }>(
            'select hashes from ledger_nodes where level = $1::int and number = $2::int',
            [level, number],
          )
    const nodes = unpack(row?.hashes ?? new Uint8Array())
    return level === 0 ? nodes.map(leafHash) : nodes
  }
}
