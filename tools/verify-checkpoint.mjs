#!/usr/bin/env node
/**
 * Checks what a Photo-z Server signed, without the server and without its program: this one file and Node 20 are enough.
 *
 *   node verify-checkpoint.mjs log <log.ndjson> <checkpoint.json>… --key <public-key.pem>
 *   node verify-checkpoint.mjs consistency <older.json> <newer.json> <proof.json> --key <public-key.pem>
 *   node verify-checkpoint.mjs product <proof.json> --key <public-key.pem>
 *
 * The key is that of `GET /api/proof/key/` (the PEM text, or the whole answer), from somebody you trust or from when you first
 * saw the server: a key that comes along with what it is to prove shows nothing. Exit code 0: everything fits; 1: it says what
 * does not.
 *
 * Rules: hash of an event = SHA-256(hex digits of metadata.previous ‖ canonical JSON (RFC 8785) of {data, id, metadata,
 * revision, stream, type}); chain entry = SHA-256(entry before ‖ hash), beginning with 32 zero bytes; Merkle tree and proofs of
 * RFC 6962 over these hashes; signature = Ed25519 over the canonical JSON of the checkpoint.
 */
import { createHash, createPublicKey, verify } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

class Mismatch extends Error {}

const hashOf = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
const node = (left, right) => hashOf(Uint8Array.of(1), left, right)
const leaf = (hash) => hashOf(Uint8Array.of(0), hash)
const bytes = (hex) => Buffer.from(hex, 'hex')
const GENESIS = '0'.repeat(64)

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`
}

function eventHash({ stream, revision, id, type, data, metadata }) {
  return hashOf(metadata.previous ?? '', canonical({ stream, revision, id, type, data, metadata }))
}

const splitOf = (size) => 2 ** (Math.ceil(Math.log2(size)) - 1)

function readKey(path) {
  if (path === undefined) throw new Mismatch('give the public key of the server with --key')
  const text = readFileSync(path, 'utf8')
  return createPublicKey(text.trimStart().startsWith('{') ? JSON.parse(text).public_key : text)
}

/** The checkpoint inside, when the signature is good. */
function checked({ checkpoint, signature }, key, name) {
  if (checkpoint?.format !== 'photoz-checkpoint') throw new Mismatch(`${name} is not a checkpoint`)
  const good = verify(null, Buffer.from(canonical(checkpoint)), key, Buffer.from(signature ?? '', 'base64'))
  if (!good) throw new Mismatch(`the signature of ${name} is not that of this key`)
  return checkpoint
}

/** Walks through an exported log and compares it with each checkpoint at its size. */
async function verifyLog(path, checkpoints) {
  const due = [...checkpoints].sort((a, b) => a.size - b.size)
  const streams = new Map()
  const roots = []
  let chain = new Uint8Array(32)
  let size = 0
  let line = 0
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    line += 1
    const event = JSON.parse(text)
    if (line === 1 && event.format !== 'photoz-log') throw new Mismatch(`${path} is not an exported log`)
    if (event.stream === undefined) continue
    const hash = eventHash(event)
    const where = `line ${line} (position ${event.position}, ${event.stream}, revision ${event.revision})`
    const before = streams.get(event.stream)
    if (String(before === undefined ? 0 : before.revision + 1) !== event.revision) {
      throw new Mismatch(`${where}: the stream goes on with revision ${before === undefined ? 0 : before.revision + 1}`)
    }
    if (event.metadata.previous !== (before?.hash ?? GENESIS)) {
      throw new Mismatch(`${where}: it does not continue the event before it, or that one was changed`)
    }
    streams.set(event.stream, { revision: Number(event.revision), hash: hash.toString('hex') })
    chain = hashOf(chain, hash)
    let root = leaf(hash)
    for (let rest = size; rest % 2 === 1; rest = Math.floor(rest / 2)) root = node(roots.pop(), root)
    roots.push(root)
    size += 1
    while (due[0]?.size === size) {
      const checkpoint = due.shift()
      if (roots.reduceRight((right, left) => node(left, right)).toString('hex') !== checkpoint.root) {
        throw new Mismatch(`the first ${size} events are not those of the checkpoint of ${checkpoint.time} (Merkle root)`)
      }
      if (Buffer.from(chain).toString('hex') !== checkpoint.chainHead) {
        throw new Mismatch(`the first ${size} events are not those of the checkpoint of ${checkpoint.time} (chain)`)
      }
    }
  }
  if (due[0]?.size > 0) throw new Mismatch(`the log has ${size} events, but a checkpoint signed ${due[0].size}`)
  return `${size} events in ${streams.size} streams are what ${checkpoints.length} checkpoints signed.`
}

/** RFC 9162, section 2.1.4.2: both roots follow from the proof. */
function verifyConsistency(older, newer, { proof }) {
  if (older.size > newer.size) throw new Mismatch('the older checkpoint covers more events than the newer one')
  if (older.size === 0) return 'A log without events is the beginning of every log.'
  const path = proof.map(bytes)
  const isPower = Number.isInteger(Math.log2(older.size))
  let at = BigInt(older.size) - 1n
  let last = BigInt(newer.size) - 1n
  while (at % 2n === 1n) [at, last] = [at >> 1n, last >> 1n]
  let old = isPower ? bytes(older.root) : path.shift()
  let young = old
  for (const sibling of older.size === newer.size ? [] : path) {
    if (last === 0n) throw new Mismatch('the proof is too long')
    if (at % 2n === 1n || at === last) {
      old = node(sibling, old)
      young = node(sibling, young)
      while (at % 2n === 0n && at !== 0n) [at, last] = [at >> 1n, last >> 1n]
    } else {
      young = node(young, sibling)
    }
    ;[at, last] = [at >> 1n, last >> 1n]
  }
  const fits = older.size === newer.size ? older.root === newer.root : last === 0n
  if (!fits || old?.toString('hex') !== older.root) throw new Mismatch('the proof does not lead to the older root')
  if (older.size < newer.size && young?.toString('hex') !== newer.root) {
    throw new Mismatch('the proof does not lead to the newer root: history was rewritten between the checkpoints')
  }
  return `The log of ${newer.size} events begins with that of ${older.size}.`
}

function rootOfInclusion(hash, index, size, proof) {
  const sides = []
  for (let start = 0, end = size; end - start > 1; ) {
    const middle = start + splitOf(end - start)
    sides.unshift(index < middle)
    if (index < middle) end = middle
    else start = middle
  }
  if (sides.length !== proof.length || index >= size) return null
  return proof.reduce((own, other, n) => (sides[n] ? node(own, other) : node(other, own)), leaf(hash)).toString('hex')
}

function verifyProduct({ format, stream, events, checkpoint: signed }, key) {
  if (format !== 'photoz-product-proof') throw new Mismatch('this is not the proof of a product')
  const checkpoint = checked(signed, key, 'the checkpoint')
  let previous = GENESIS
  for (const [n, { event, index, hash, inclusion }] of events.entries()) {
    const where = `event ${n} (${event.type}, position ${event.position})`
    const own = eventHash(event)
    if (event.stream !== stream || event.revision !== String(n)) throw new Mismatch(`${where} is not revision ${n} of ${stream}`)
    if (event.metadata.previous !== previous) throw new Mismatch(`${where} does not continue the event before it`)
    if (own.toString('hex') !== hash) throw new Mismatch(`${where} was changed: its hash is another one`)
    if (rootOfInclusion(own, index, checkpoint.size, inclusion.map(bytes)) !== checkpoint.root) {
      throw new Mismatch(`${where} is not in the log that was signed`)
    }
    previous = hash
  }
  return `${events.length} events of ${stream} are in the log that was signed at ${checkpoint.time}.`
}

const given = process.argv.slice(2)
const keyAt = given.indexOf('--key')
const keyPath = keyAt < 0 ? undefined : given.splice(keyAt, 2)[1]
const [command, ...paths] = given
const json = (path) => JSON.parse(readFileSync(path, 'utf8'))
const checkpointAt = (path) => checked(json(path), readKey(keyPath), path)

try {
  let verdict
  if (command === 'log' && paths.length >= 2) verdict = await verifyLog(paths[0], paths.slice(1).map(checkpointAt))
  else if (command === 'consistency' && paths.length === 3)
    verdict = verifyConsistency(checkpointAt(paths[0]), checkpointAt(paths[1]), json(paths[2]))
  else if (command === 'product' && paths.length === 1) verdict = verifyProduct(json(paths[0]), readKey(keyPath))
  else throw new Mismatch('usage: log <log> <checkpoint>… | consistency <older> <newer> <proof> | product <proof>; with --key <pem>')
  console.log(`OK: ${verdict}`)
} catch (error) {
  console.error(`NOT OK: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}
