import type { KeyObject } from 'node:crypto'
import { hashEvent } from '../../eventstore/chain.ts'
import type { RecordedEvent } from '../../eventstore/port.ts'
import { CHAIN_START, chainEntry, GrowingTree } from '../../projections/ledger/merkle.ts'
import type { LedgerHead, LedgerSegmentEntries } from '../../projections/ledger/queries.ts'
import type { SignedCheckpoint } from '../checkpoint/checkpoint.ts'
import { CheckpointCheck } from './checkpoint-check.ts'
import { describeDifferences, type KnownEvent } from './describe-differences.ts'
import { describeBrokenLinks } from './describe-links.ts'
import type { Finding } from './finding.ts'
import { LogAgainstLedger } from './log-against-ledger.ts'
import { StreamLinks } from './stream-links.ts'

export interface LogEvidence {
  /** The whole log, as it was recorded. */
  readonly events: AsyncIterable<RecordedEvent>
  /** Position of the last event to look at: what is recorded meanwhile is left for the next time. */
  readonly limit: string
  readonly ledger: AsyncIterable<LedgerSegmentEntries>
  /** In order of size. */
  readonly checkpoints: readonly SignedCheckpoint[]
  readonly publicKey: KeyObject
  /** What the read models know of the events that stood at these positions. */
  known(positions: readonly string[]): Promise<ReadonlyMap<string, KnownEvent>>
  /** Sees every event of the log once. */
  readonly onEvent?: (event: RecordedEvent) => void
  readonly signal?: AbortSignal
}

export interface LogVerdict {
  readonly events: number
  readonly streams: number
  /** Head of the log as it is, computed from its events. */
  readonly head: LedgerHead
  readonly checkpoints: number
  /** Empty: nobody touched the log. */
  readonly findings: readonly Finding[]
  /** Those of `findings` that are about the table of the ledger alone. */
  readonly onlyLedger: boolean
}

/**
 * Reads the log once and checks it against three independent witnesses: the hashes that events of a stream carry of each
 * other, the ledger, and the signed checkpoints. Memory: one entry for each stream, and what is wrong.
 */
export async function verifyLog(evidence: LogEvidence): Promise<LogVerdict> {
  const links = new StreamLinks()
  const ledger = new LogAgainstLedger(evidence.ledger, evidence.limit)
  const checkpoints = new CheckpointCheck(evidence.checkpoints, evidence.publicKey)
  const tree = new GrowingTree()
  let chain: Uint8Array = CHAIN_START
  let position = '0'.repeat(20)
  for await (const event of evidence.events) {
    evidence.signal?.throwIfAborted()
    if (event.position > evidence.limit) break
    const hash = hashEvent(event)
    const bytes = Buffer.from(hash, 'hex')
    chain = chainEntry(chain, bytes)
    links.add(event, hash, tree.size)
    tree.add(bytes)
    position = event.position
    await ledger.add(event, hash, chain)
    if (checkpoints.isDue(tree.size)) checkpoints.compare(headOf(tree, position, chain))
    evidence.onEvent?.(event)
  }
  await ledger.end()
  const head = headOf(tree, position, chain)

  const differences = await describeDifferences(ledger, head, evidence.known)
  const signed = checkpoints.end(head, differences)
  const broken = describeBrokenLinks(links.end(), differences, checkpoints)
  const findings = [...differences, ...broken, ...signed]
  return {
    events: tree.size,
    streams: links.streams,
    head,
    checkpoints: evidence.checkpoints.length,
    findings,
    onlyLedger: findings.every((finding) => finding.kind === 'ledger'),
  }
}

const headOf = (tree: GrowingTree, position: string, chain: Uint8Array): LedgerHead => ({
  size: tree.size,
  position,
  chainHead: Buffer.from(chain).toString('hex'),
  root: tree.root.toString('hex'),
})
