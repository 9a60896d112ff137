import type { Sql } from '../../database/database.ts'
import { eventHash } from '../../eventstore/chain.ts'
import type { Projection } from '../projection.ts'
import { upsertRows } from '../rows.ts'
import { CHAIN_START, chainEntry, leafHash, nodeHash } from './merkle.ts'
import { type LedgerNodes, ledgerNodes, ledgerSegments, pack, SEGMENT, unpack } from './tables.ts'

/**
 * Chains the whole log in its global order and keeps its Merkle tree. It takes events of every type, also of those that the
 * program does not know: what somebody else wrote into the log must not stay out of it.
 */
export const ledgerProjection: Projection = {
  name: 'ledger',
  version: 1,
  tables: [ledgerSegments, ledgerNodes],
  eventTypes: 'all',

  async apply(events, tx) {
    let segment = (await lastSegment(tx)) ?? { number: 0, positions: [], hashes: [], chain: CHAIN_START }
    const changed: Segment[] = []
    for (const event of events) {
      if (isComplete(segment)) segment = { number: segment.number + 1, positions: [], hashes: [], chain: segment.chain }
      const hash = eventHash(event)
      segment.positions.push(Number(event.position))
      segment.hashes.push(hash)
      segment.chain = chainEntry(segment.chain, hash)
      if (changed.at(-1) !== segment) changed.push(segment)
    }
    await upsertRows(
      tx,
      ledgerSegments,
      changed.map(({ number, positions, hashes, chain }) => ({
        segment: number,
        first: positions[0] ?? 0,
        positions,
        hashes: pack(hashes),
        chain: pack([chain]),
      })),
    )
    await upsertRows(tx, ledgerNodes, await grownNodes(tx, changed.filter(isComplete)))
  },
}

/** A row of the ledger while it grows. */
interface Segment {
  readonly number: number
  readonly positions: number[]
  readonly hashes: Buffer[]
  chain: Uint8Array
}

const isComplete = (segment: Segment): boolean => segment.hashes.length === SEGMENT

async function lastSegment(tx: Sql): Promise<Segment | null> {
  const [row] = await tx.query<{ segment: number; positions: string[]; hashes: Uint8Array; chain: Uint8Array }>(
    'select segment, positions, hashes, chain from ledger_segments order by segment desc limit 1',
  )
  if (row === undefined) return null
  return {
    number: row.segment,
    positions: row.positions.map(Number),
    hashes: unpack(row.hashes),
    chain: row.chain,
  }
}

/** Puts the roots of complete segments into level 1, those of complete rows of level 1 into level 2, and so on. */
async function grownNodes(tx: Sql, complete: readonly Segment[]): Promise<LedgerNodes[]> {
  if (complete.length === 0) return []
  const last = new Map<number, { readonly number: number; readonly nodes: Buffer[] }>()
  const rows = await tx.query<{ level: number; number: number; hashes: Uint8Array }>(
    'select distinct on (level) level, number, hashes from ledger_nodes order by level, number desc',
  )
  for (const { level, number, hashes } of rows) last.set(level, { number, nodes: unpack(hashes) })
  const changed = new Set<{ readonly level: number; readonly number: number; readonly nodes: Buffer[] }>()
  const add = (level: number, root: Buffer): void => {
    let row = last.get(level) ?? { number: 0, nodes: [] }
    if (row.nodes.length === SEGMENT) row = { number: row.number + 1, nodes: [] }
    if (last.get(level) !== row) last.set(level, row)
    row.nodes.push(root)
    changed.add(Object.assign(row, { level }))
    if (row.nodes.length === SEGMENT) add(level + 1, rootOfComplete(row.nodes))
  }
  for (const { hashes } of complete) add(1, rootOfComplete(hashes.map(leafHash)))
  return [...changed].map(({ level, number, nodes }) => ({ level, number, hashes: pack(nodes) }))
}

/** Root over nodes of one height; their number is a power of two. */
export function rootOfComplete(nodes: readonly Buffer[]): Buffer {
  const [left, right] = [nodes.slice(0, nodes.length / 2), nodes.slice(nodes.length / 2)]
  const [only] = nodes
  if (nodes.length === 1 && only !== undefined) return only
  return nodeHash(rootOfComplete(left), rootOfComplete(right))
}
