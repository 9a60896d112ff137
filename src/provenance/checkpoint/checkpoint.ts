import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { canonicalJson } from '../../eventstore/chain.ts'
import type { LedgerHead } from '../../projections/ledger/queries.ts'

/**
 * What a server says about its log at a moment, and stands by with its signature: whoever keeps a checkpoint can show later
 * that the first `size` events are still the same. `tools/verify-checkpoint.mjs` checks it without this program.
 */
export interface Checkpoint extends LedgerHead {
  readonly format: 'photoz-checkpoint'
  readonly version: 1
  /** Address of the server, or null when it has none of its own. */
  readonly server: string | null
  /** ISO 8601 UTC, by the clock of the server. */
  readonly time: string
  /** `checkpointDigest` of the checkpoint before this one; null for the first. */
  readonly previous: string | null
}

export interface SignedCheckpoint {
  readonly checkpoint: Checkpoint
  /** SHA-256 of the public key (SPKI, DER), in hex: tells which key signed. */
  readonly key: string
  /** Ed25519 over the canonical JSON (RFC 8785) of `checkpoint`, in base64. */
  readonly signature: string
}

const bytesOf = (checkpoint: Checkpoint): Buffer => Buffer.from(canonicalJson({ ...checkpoint }))

export const checkpointDigest = (checkpoint: Checkpoint): string =>
  createHash('sha256').update(bytesOf(checkpoint)).digest('hex')

export function keyFingerprint(publicKey: KeyObject): string {
  const der = publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(der).digest('hex')
}

export function signCheckpoint(checkpoint: Checkpoint, privateKey: KeyObject): SignedCheckpoint {
  const signature = sign(null, bytesOf(checkpoint), privateKey).toString('base64')
  return { checkpoint, key: keyFingerprint(createPublicKey(privateKey)), signature }
}

export const isSignedBy = ({ checkpoint, signature }: SignedCheckpoint, publicKey: KeyObject): boolean =>
  verify(null, bytesOf(checkpoint), publicKey, Buffer.from(signature, 'base64'))
