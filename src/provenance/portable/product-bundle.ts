import { createPublicKey, type KeyObject } from 'node:crypto'
import type { Readable } from 'node:stream'
import { type Entry, open, type ZipFile } from 'yauzl'
import type { Blob } from '../../blobs/blob-store.ts'
import { GENESIS, hashEvent } from '../../eventstore/chain.ts'
import type { RecordedEvent } from '../../eventstore/port.ts'
import { rootOfInclusion } from '../../projections/ledger/merkle.ts'
import { isSignedBy, keyFingerprint, type SignedCheckpoint } from '../checkpoint/checkpoint.ts'
import { parseCheckpoint } from '../checkpoint/checkpoint-files.ts'
import { isEventLine, recordedEvent } from './event-line.ts'

/**
 * A product on its way to another server, as a zip: `bundle.json` says what it is and lists the files, `events.ndjson` has its
 * events as they were recorded, `proof.json` shows that they are in a log that the other server signed, and `files/<sha256>`
 * are the files of its whole history.
 */
export interface BundleManifest {
  readonly format: 'photoz-product'
  readonly version: 1
  readonly server: string | null
  readonly stream: string
  readonly events: number
  readonly lastHash: string
  readonly files: readonly Blob[]
  /** Files that events refer to and that whoever made the bundle may not have: they were gone before the product was published. */
  readonly withheld?: readonly Blob[]
}

/** The bundle was changed, or is none. The message names the part of it that is wrong. */
export class BadBundle extends Error {
  readonly code = 'bad_bundle'
  override readonly name = 'BadBundle'
}

/** Bytes of events or proofs that are read into memory. */
const MOST_TEXT = 64 * 1024 * 1024
const MOST_ENTRIES = 10_000
const KNOWN_NAME = /^(bundle\.json|events\.ndjson|proof\.json|MANIFEST\.sha256|files\/[0-9a-f]{64})$/

/** A bundle whose history and proof have been checked; the files are checked by whoever reads them. */
export interface OpenBundle {
  readonly manifest: BundleManifest
  /** In order of revision, from 0. */
  readonly history: readonly RecordedEvent[]
  readonly historyText: Buffer
  readonly proofText: Buffer
  readonly checkpoint: SignedCheckpoint
  /** SHA-256 of the public key that signed. */
  readonly signedBy: string
  /** Bytes of a file; compare their digest. @throws BadBundle when it is not in the bundle, or damaged */
  file(sha256: string): AsyncIterable<Uint8Array>
  close(): void
}

/** @throws BadBundle */
export async function openBundle(path: string): Promise<OpenBundle> {
  const zip = await openZip(path)
  try {
    const entries = await entriesOf(zip)
    const text = async (name: string): Promise<Buffer> => {
      const entry = entries.get(name)
      if (entry === undefined) throw new BadBundle(`${name} is not in the bundle.`)
      if (entry.uncompressedSize > MOST_TEXT) throw new BadBundle(`${name} is larger than ${MOST_TEXT} bytes.`)
      const chunks: Buffer[] = []
      for await (const chunk of bytesOf(zip, entry)) chunks.push(chunk)
      return Buffer.concat(chunks)
    }
    const manifest = manifestOf(await text('bundle.json'))
    const [historyText, proofText] = [await text('events.ndjson'), await text('proof.json')]
    const history = chainedHistory(historyText, manifest)
    const { checkpoint, signedBy } = checkProof(proofText, history)
    return {
      manifest,
      history,
      historyText,
      proofText,
      checkpoint,
      signedBy,
      file(sha256) {
        const entry = entries.get(`files/${sha256}`)
        if (entry === undefined) throw new BadBundle(`files/${sha256} is not in the bundle.`)
        return bytesOf(zip, entry)
      },
      close: () => zip.close(),
    }
  } catch (error) {
    zip.close()
    // `canonicalJson`, which hashes and signatures need, goes as deep as its value.
    if (error instanceof RangeError) throw new BadBundle('A value in it is nested too deeply.')
    throw error
  }
}

function openZip(path: string): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    open(path, { lazyEntries: true, autoClose: false, validateEntrySizes: true }, (error, zip) => {
      if (error) reject(new BadBundle(`This is not a zip file: ${error.message}`))
      else resolve(zip)
    })
  })
}

function entriesOf(zip: ZipFile): Promise<Map<string, Entry>> {
  return new Promise((resolve, reject) => {
    const entries = new Map<string, Entry>()
    zip.on('error', (error: Error) => reject(new BadBundle(`The zip file is damaged: ${error.message}`)))
    zip.on('end', () => resolve(entries))
    zip.on('entry', (entry: Entry) => {
      const name = String(entry.fileName)
      if (!KNOWN_NAME.test(name)) reject(new BadBundle(`${name} does not belong into a bundle.`))
      else if (entries.has(name)) reject(new BadBundle(`${name} is twice in the bundle.`))
      else if (entries.size >= MOST_ENTRIES) reject(new BadBundle(`The bundle has more than ${MOST_ENTRIES} files.`))
      else {
        entries.set(name, entry)
        zip.readEntry()
      }
    })
    zip.readEntry()
  })
}

/** Opens the entry when the first chunk is asked for: a stream that breaks while nobody reads it would end the process. */
async function* bytesOf(zip: ZipFile, entry: Entry): AsyncGenerator<Buffer> {
  try {
    yield* await streamOf(zip, entry)
  } catch (error) {
    if (error instanceof BadBundle || !(error instanceof Error)) throw error
    throw new BadBundle(`${entry.fileName} is damaged: ${error.message}`, { cause: error })
  }
}

function streamOf(zip: ZipFile, entry: Entry): Promise<Readable> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error) reject(new BadBundle(`${entry.fileName} cannot be read: ${error.message}`))
      else resolve(stream)
    })
  })
}

function jsonOf(text: Buffer, name: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text.toString('utf8'))
    if (typeof value === 'object' && value !== null) return { ...value }
  } catch {
    throw new BadBundle(`${name} is not JSON.`)
  }
  throw new BadBundle(`${name} is not a JSON object.`)
}

function manifestOf(text: Buffer): BundleManifest {
  const { format, version, server, stream, events, lastHash, files, withheld } = jsonOf(text, 'bundle.json')
  if (format !== 'photoz-product' || version !== 1) throw new BadBundle('bundle.json is not that of a product.')
  if (typeof stream !== 'string' || !/^product-\d+$/.test(stream) || typeof lastHash !== 'string') {
    throw new BadBundle('bundle.json does not say which product it is.')
  }
  if (!Array.isArray(files) || typeof events !== 'number') throw new BadBundle('bundle.json does not list the files.')
  const digests = new Set<string>()
  const listed = (file: unknown): Blob => {
    const { sha256, size }: Readonly<Record<string, unknown>> = { ...(typeof file === 'object' ? file : {}) }
    if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256) || !Number.isSafeInteger(size)) {
      throw new BadBundle('bundle.json lists a file without digest or size.')
    }
    if (digests.has(sha256)) throw new BadBundle(`bundle.json lists files/${sha256} twice.`)
    digests.add(sha256)
    return { sha256, size: Number(size) }
  }
  return {
    format,
    version,
    server: typeof server === 'string' ? server : null,
    stream,
    events,
    lastHash,
    files: files.map(listed),
    ...(Array.isArray(withheld) && { withheld: withheld.map(listed) }),
  }
}

/** What the chain of events has to lead to. */
export type ChainEnd = Pick<BundleManifest, 'stream' | 'events' | 'lastHash'>

/** The events of `events.ndjson`, their chain checked from the first to the last. @throws BadBundle naming the line */
export function chainedHistory(text: Buffer, manifest: ChainEnd): RecordedEvent[] {
  const events = text
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line, n) => {
      try {
        return recordedEvent(JSON.parse(line))
      } catch {
        throw new BadBundle(`events.ndjson, line ${n + 1}: this is not an event.`)
      }
    })
  let previous = GENESIS
  for (const [n, event] of events.entries()) {
    const where = `events.ndjson, line ${n + 1} (${event.type}, revision ${event.revision} of ${event.stream})`
    if (event.stream !== manifest.stream) throw new BadBundle(`${where}: the bundle is that of ${manifest.stream}.`)
    if (event.revision !== BigInt(n)) throw new BadBundle(`${where}: revision ${n} is due; an event is gone or moved.`)
    if (event.metadata.previous !== previous) {
      throw new BadBundle(`${where}: it does not continue the event before it, or that one was changed.`)
    }
    previous = hashEvent(event)
  }
  if (events.length !== manifest.events || previous !== manifest.lastHash) {
    throw new BadBundle(
      'events.ndjson does not end as bundle.json says: the last event was changed, or events are gone.',
    )
  }
  return events
}

/** Every event must be in the log that was signed. @throws BadBundle */
export function checkProof(text: Buffer, history: readonly RecordedEvent[]) {
  const { events, checkpoint: signed, publicKey } = jsonOf(text, 'proof.json')
  if (!Array.isArray(events) || events.length !== history.length || typeof publicKey !== 'string')
    throw new BadBundle('proof.json is not the proof of these events.')
  const checkpoint = parseSigned(signed)
  const key = publicKeyOf(publicKey)
  const signedBy = keyFingerprint(key)
  if (signedBy !== checkpoint.key || !isSignedBy(checkpoint, key)) {
    throw new BadBundle('proof.json: the signature of the checkpoint is not that of the key.')
  }
  for (const [n, event] of history.entries()) {
    const proven: Readonly<Record<string, unknown>> = { ...events[n] }
    const path = Array.isArray(proven.inclusion) ? proven.inclusion.map((hash) => Buffer.from(String(hash), 'hex')) : []
    const own = Buffer.from(hashEvent(event), 'hex')
    if (!isSame(proven.event, event)) {
      throw new BadBundle(`proof.json, event ${n}: it is not that of events.ndjson.`)
    }
    const root = rootOfInclusion(own, Number(proven.index), checkpoint.checkpoint.size, path)
    if (root?.toString('hex') !== checkpoint.checkpoint.root) {
      throw new BadBundle(
        `Revision ${event.revision} of ${event.stream} is not in the log that was signed (proof.json).`,
      )
    }
  }
  return { checkpoint, signedBy }
}

function isSame(value: unknown, event: RecordedEvent): boolean {
  return isEventLine(value) && hashEvent(recordedEvent(value)) === hashEvent(event)
}

function parseSigned(value: unknown): SignedCheckpoint {
  try {
    return parseCheckpoint(JSON.stringify(value))
  } catch {
    throw new BadBundle('proof.json has no checkpoint.')
  }
}

/** Of the kind that servers sign with: others sign in other ways, or not at all. */
function publicKeyOf(pem: string): KeyObject {
  try {
    const key = createPublicKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch {
    // Told below.
  }
  throw new BadBundle('proof.json has no public key of the kind Ed25519.')
}
