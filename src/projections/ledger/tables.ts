import { bigint, customType, index, integer, pgTable, primaryKey } from 'drizzle-orm/pg-core'

/** Hashes one after the other, 32 bytes each, as PostgreSQL writes bytes: `\x` and hex digits. */
const hashes = customType<{ data: string; driverData: Uint8Array }>({
  dataType: () => 'bytea',
  fromDriver: (bytes) => `\\x${Buffer.from(bytes).toString('hex')}`,
})

/** Events per segment, and nodes per row of the tree: a row of 1 KiB, which is cheap to write again when it grows. */
export const SEGMENT = 32
/** SEGMENT = 2^SEGMENT_HEIGHT */
export const SEGMENT_HEIGHT = 5

/** The whole log in its global order, in segments of 32 events. Segment n holds events 32·n to 32·n + 31. */
export const ledgerSegments = pgTable(
  'ledger_segments',
  {
    segment: integer('segment').primaryKey(),
    /** Position of its first event. */
    first: bigint('first', { mode: 'number' }).notNull(),
    positions: bigint('positions', { mode: 'number' }).array().notNull(),
    /** Hash of each event as it was recorded. */
    hashes: hashes('hashes').notNull(),
    /** Entry of the chain after its last event. */
    chain: hashes('chain').notNull(),
  },
  (table) => [index('ledger_segments_first').on(table.first)],
)

/**
 * The upper part of the Merkle tree. Level n holds the roots of complete subtrees of 32^n events, 32 of them in a row: what
 * one proof needs lies in two rows per level.
 */
export const ledgerNodes = pgTable(
  'ledger_nodes',
  {
    level: integer('level').notNull(),
    number: integer('number').notNull(),
    hashes: hashes('hashes').notNull(),
  },
  (table) => [primaryKey({ columns: [table.level, table.number] })],
)

export type LedgerSegment = typeof ledgerSegments.$inferSelect
export type LedgerNodes = typeof ledgerNodes.$inferSelect

/** Hashes for one field of a row, as PostgreSQL writes bytes. */
export const pack = (list: readonly Uint8Array[]): string => `\\x${Buffer.concat(list).toString('hex')}`

/** The hashes of a field, as `pack` wrote them or as the database gives them. */
export function unpack(packed: string | Uint8Array): Buffer[] {
  const bytes = typeof packed === 'string' ? Buffer.from(packed.slice(2), 'hex') : Buffer.from(packed)
  return Array.from({ length: bytes.length / 32 }, (_, n) => bytes.subarray(32 * n, 32 * n + 32))
}
