import type { Blob } from '../blobs/blob-store.ts'
import { BlobMissing } from '../blobs/error.ts'
import { checkIntegrity } from '../blobs/integrity.ts'
import type { AppContext } from '../context.ts'
import { type Position, type RecordedEvent, START } from '../eventstore/port.ts'
import { bookkeepingFaults } from '../eventstore/postgres/bookkeeping.ts'
import { knownEvents } from '../projections/history/known-events.ts'
import { type LedgerHead, ledgerHead, ledgerSegmentsInOrder } from '../projections/ledger/queries.ts'
import { CheckpointFiles } from '../provenance/checkpoint/checkpoint-files.ts'
import { loadSigningKey } from '../provenance/checkpoint/signing-key.ts'
import { eventInWords, type Finding, type FindingKind } from '../provenance/verify/finding.ts'
import { verifyLog } from '../provenance/verify/verify-log.ts'
import { BlobReferences } from './blob-references.ts'

export interface CheckOptions {
  /** Read every byte of the files again (the default), or only look whether they are there. */
  readonly content?: boolean
  readonly signal?: AbortSignal
}

/** What the server holds, checked against the log, and the log against its witnesses. */
export interface LogReport {
  readonly sound: boolean
  /** ISO 8601 UTC. */
  readonly at: string
  readonly milliseconds: number
  readonly events: number
  readonly streams: number
  /** Signed checkpoints that the log was compared with. */
  readonly checkpoints: number
  /** The log as it is, computed from its events. */
  readonly head: LedgerHead
  readonly blobs: {
    /** Files that the log refers to. */
    readonly referenced: number
    /** Bytes that were read again. */
    readonly bytes: number
    /** Kept, but no event refers to them: left by a crash between keeping and recording; harmless. */
    readonly orphans: number
  }
  /** Whether the read models were built anew and compared; if not, why not. */
  readonly readModels: 'compared' | string
  /** Everything that is wrong, and where. Empty: nothing was touched. */
  readonly findings: readonly Finding[]
}

/** How long the read models may take to reach the head of the log, in ms. */
const CATCH_UP_MS = 30_000

/**
 * Reads the whole log once: the chain of every stream, the ledger, the signed checkpoints; then the files that it refers to; then
 * builds the read models anew and compares them. The server may go on serving: what is recorded meanwhile is left out.
 */
export async function checkLog(context: AppContext, options: CheckOptions = {}): Promise<LogReport> {
  const started = performance.now()
  const { database, store, registry, config } = context
  const behind = await waitForReadModels(context)
  const [head, ledger] = [await store.head(), await ledgerHead(database).then(({ position }) => position)]
  const limit = behind.length === 0 && head > ledger ? head : ledger
  const references = new BlobReferences()
  const unreadable: Finding[] = []
  const { checkpoints, damaged } = await readableCheckpoints(config.dataDir)
  const log = await verifyLog({
    events: store.readAll(START),
    limit,
    ledger: ledgerSegmentsInOrder(database),
    checkpoints,
    publicKey: (await loadSigningKey(config.dataDir)).publicKey,
    known: (positions) => knownEvents(database, positions),
    onEvent(event) {
      try {
        references.note(registry.upcast(event))
      } catch (error) {
        unreadable.push(unreadableEvent(event, error))
      }
    },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
  const bookkeeping = log.findings.length === 0 ? await checkBookkeeping(context) : []
  const named = new Set(log.findings.map((finding) => finding.position))
  const findings = [
    ...behind,
    ...damaged,
    ...log.findings,
    ...bookkeeping,
    ...unreadable.filter(({ position }) => !named.has(position)),
  ]
  const logIsGood = log.onlyLedger && unreadable.length === 0 && behind.length === 0
  // The disk is busy with the one, the processor with the other.
  const [blobs, readModels] = await Promise.all([
    checkBlobs(context, references, limit, options),
    logIsGood ? compareReadModels(context, options) : null,
  ])
  findings.push(...blobs.findings, ...(readModels ?? []))
  const report: LogReport = {
    sound: findings.length === 0,
    at: context.clock().toISOString(),
    milliseconds: Math.round(performance.now() - started),
    events: log.events,
    streams: log.streams,
    checkpoints: log.checkpoints,
    head: log.head,
    blobs: blobs.report,
    readModels: readModels === null ? 'not compared, because the log itself is not in order' : 'compared',
    findings,
  }
  latest.set(context, report)
  return report
}

/** The latest report of each running server: it is worth nothing when things have moved on. */
const latest = new WeakMap<AppContext, LogReport>()
/** What can be wrong while the events themselves are as they were recorded. */
const BESIDE_THE_LOG: ReadonlySet<FindingKind> = new Set(['blob_missing', 'blob_changed', 'read_model'])

/**
 * When this server last found the log, up to this position at least, to be whole; null when it has not looked since it was
 * started, or something was wrong.
 */
export function chainVerifiedAt(context: AppContext, position: string): string | null {
  const report = latest.get(context)
  if (report === undefined || BigInt(report.head.position) < BigInt(position)) return null
  return report.findings.every(({ kind }) => BESIDE_THE_LOG.has(kind)) ? report.at : null
}

/** A file that is no checkpoint any more is a finding, and no reason not to look at the rest. */
async function readableCheckpoints(dataDir: string) {
  const { checkpoints, damaged } = await new CheckpointFiles(dataDir).readable()
  return { checkpoints, damaged: damaged.map((message): Finding => ({ kind: 'checkpoint', message })) }
}

async function checkBookkeeping({ database, config }: AppContext): Promise<Finding[]> {
  if (config.eventStore !== 'postgres') return []
  const faults = await bookkeepingFaults(database)
  return faults.map((fault) => ({ kind: 'bookkeeping', message: `${fault}: what is recorded next will be refused` }))
}

async function waitForReadModels({ projections, store }: AppContext): Promise<Finding[]> {
  const reached = await projections.waitFor(await store.head(), CATCH_UP_MS)
  const status = await projections.status()
  const stopped = status.filter((each) => each.status === 'stopped' || !reached)
  return stopped.map(({ name, position, error }) => ({
    kind: 'read_model',
    table: name,
    position,
    message: `The read model ${name} stands at position ${position} and does not go on${error === null ? '' : `: ${error}`}`,
  }))
}

const unreadableEvent = (event: RecordedEvent, error: unknown): Finding => ({
  kind: 'changed',
  position: event.position,
  stream: event.stream,
  revision: event.revision.toString(),
  eventType: event.type,
  message: `${eventInWords(event)} at position ${event.position} cannot be read: ${error instanceof Error ? error.message : error}`,
})

/** @param limit position up to which the references were read */
async function checkBlobs(
  context: AppContext,
  references: BlobReferences,
  limit: Position,
  { content = true, signal }: CheckOptions,
) {
  const holders = (sha256: string): string => {
    const streams = references.holdersOf(sha256)
    return streams.length === 0 ? '' : `, of ${streams.join(', ')}`
  }
  const lost = async (blobs: readonly Blob[]): Promise<Finding[]> =>
    (await notPurged(context, references, limit, blobs)).map(({ sha256, size }) => ({
      kind: 'blob_missing',
      sha256,
      message: `The file ${sha256} (${size} bytes${holders(sha256)}) is not there`,
    }))
  const referenced = [...references.blobs()]
  const findings: Finding[] = []
  if (!content) {
    const missing: Blob[] = []
    for (const blob of referenced) {
      signal?.throwIfAborted()
      const size = await sizeOf(context, blob.sha256)
      if (size === null) missing.push(blob)
      else if (size !== blob.size) {
        const message = `The file ${blob.sha256}${holders(blob.sha256)} has another size than the ${blob.size} bytes it had`
        findings.push({ kind: 'blob_changed', sha256: blob.sha256, message })
      }
    }
    findings.push(...(await lost(missing)))
    return { findings, report: { referenced: referenced.length, bytes: 0, orphans: 0 } }
  }
  const report = await checkIntegrity(context.blobs, referenced, signal === undefined ? {} : { signal })
  findings.push(...(await lost(report.missing)))
  for (const { sha256, expectedSize, actualSize, actualSha256 } of report.mismatched) {
    const sizes = expectedSize === null || expectedSize === actualSize ? '' : ` and ${actualSize} bytes`
    const message = `The file ${sha256}${holders(sha256)} was changed: its bytes now have the digest ${actualSha256}${sizes}`
    findings.push({ kind: 'blob_changed', sha256, message })
  }
  const { bytes, orphans } = report
  return { findings, report: { referenced: referenced.length, bytes, orphans: orphans.length } }
}

async function sizeOf({ blobs }: AppContext, sha256: string): Promise<number | null> {
  try {
    return await blobs.size(sha256)
  } catch (error) {
    if (error instanceof BlobMissing) return null
    throw error
  }
}

/** Those of the blobs that are not there which nobody destroyed since the log was read: reading all files may take hours. */
async function notPurged(
  { store, registry }: AppContext,
  references: BlobReferences,
  limit: Position,
  blobs: readonly Blob[],
): Promise<readonly Blob[]> {
  if (blobs.length === 0) return blobs
  for await (const event of store.readAll(limit, { types: ['ProductPurged'] })) references.note(registry.upcast(event))
  return blobs.filter(({ sha256 }) => references.holdersOf(sha256).length > 0)
}

async function compareReadModels({ projections }: AppContext, { signal }: CheckOptions): Promise<Finding[]> {
  const differences = await projections.compareWithLog(undefined, signal === undefined ? {} : { signal })
  return differences.map(({ table, missing, extra, examples }) => ({
    kind: 'read_model',
    table,
    message: `The table ${table} has ${missing} rows that the log does not give, and lacks ${extra} that it gives: ${examples.join('; ')}`,
  }))
}
