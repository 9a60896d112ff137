import { sha256 } from '../../eventstore/sha256.ts'

/**
 * The Merkle tree of RFC 6962 (section 2.1) over the hashes of events, in the global order of the log. A short list of
 * hashes proves that an event is in the log (inclusion) or that a longer log begins with a shorter one (consistency).
 * All hashes are SHA-256, 32 bytes.
 */

const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)
const HASH_BYTES = 32
// Two hashes are put together here: memory of its own for each pair costs more than the hash.
const node = Buffer.alloc(1 + 2 * HASH_BYTES, NODE)
const link = Buffer.alloc(2 * HASH_BYTES)

/** Whether both have the length of a hash: what comes from outside may be anything. */
const areHashes = (left: Uint8Array, right: Uint8Array): boolean =>
  left.length === HASH_BYTES && right.length === HASH_BYTES

/** @param eventHash what `hashEvent` gives, as bytes */
export const leafHash = (eventHash: Uint8Array): Buffer => sha256(Buffer.concat([LEAF, eventHash]))

/** Hash of an inner node: SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  if (!areHashes(left, right)) return sha256(Buffer.concat([NODE, left, right]))
  node.set(left, 1)
  node.set(right, 1 + HASH_BYTES)
  return sha256(node)
}

/** Root of a tree without leaves. */
export const EMPTY_ROOT = sha256('')

/** The next entry of the chain over the whole log: SHA-256(entry before ‖ hash of the event). */
export function chainEntry(before: Uint8Array, eventHash: Uint8Array): Buffer {
  if (!areHashes(before, eventHash)) return sha256(Buffer.concat([before, eventHash]))
  link.set(before)
  link.set(eventHash, HASH_BYTES)
  return sha256(link)
}
/** Before the first entry. */
export const CHAIN_START: Uint8Array = new Uint8Array(32)

/** A tree that only grows: keeps the roots of its complete subtrees, one for each bit of its size. */
export class GrowingTree {
  #size = 0
  /** Largest subtree first. */
  readonly #roots: Buffer[] = []

  get size(): number {
    return this.#size
  }

  add(eventHash: Uint8Array): void {
    let node = leafHash(eventHash)
    for (let rest = this.#size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
      const left = this.#roots.pop()
      if (left !== undefined) node = nodeHash(left, node)
    }
    this.#roots.push(node)
    this.#size += 1
  }

  get root(): Buffer {
    return this.#roots.length === 0 ? EMPTY_ROOT : this.#roots.reduceRight((right, left) => nodeHash(left, right))
  }
}

/** Roots of complete subtrees: `node(0, i)` is the hash of leaf i, `node(h, i)` covers leaves i·2^h to (i+1)·2^h − 1. */
export interface TreeNodes {
  node(height: number, index: number): Promise<Uint8Array>
}

/** Root of the leaves from `start` to `end` (not included). Splits as RFC 6962 does, so every complete part is a node. */
export async function rootOf(nodes: TreeNodes, start: number, end: number): Promise<Uint8Array> {
  const size = end - start
  if (size === 0) return EMPTY_ROOT
  const height = Math.log2(size)
  if (Number.isInteger(height)) return nodes.node(height, start / size)
  const middle = start + largestPowerBelow(size)
  return nodeHash(await rootOf(nodes, start, middle), await rootOf(nodes, middle, end))
}

/** PATH(index, D[0:size]): the hashes that lead from a leaf to the root, from the bottom up. */
export async function inclusionProof(nodes: TreeNodes, index: number, size: number): Promise<Uint8Array[]> {
  const path = async (start: number, end: number): Promise<Uint8Array[]> => {
    if (end - start === 1) return []
    const middle = start + largestPowerBelow(end - start)
    return index < middle
      ? [...(await path(start, middle)), await rootOf(nodes, middle, end)]
      : [...(await path(middle, end)), await rootOf(nodes, start, middle)]
  }
  return path(0, size)
}

/** PROOF(older, D[0:newer]): what shows that the tree of `newer` leaves begins with that of `older` ones. */
export async function consistencyProof(nodes: TreeNodes, older: number, newer: number): Promise<Uint8Array[]> {
  const subproof = async (start: number, end: number, known: boolean): Promise<Uint8Array[]> => {
    if (older === end) return known ? [] : [await rootOf(nodes, start, end)]
    const middle = start + largestPowerBelow(end - start)
    return older <= middle
      ? [...(await subproof(start, middle, known)), await rootOf(nodes, middle, end)]
      : [...(await subproof(middle, end, false)), await rootOf(nodes, start, middle)]
  }
  return older === 0 || older === newer ? [] : subproof(0, newer, true)
}

/** The root that an inclusion proof leads to; compare it with that of a checkpoint. Null when the proof has the wrong length. */
export function rootOfInclusion(
  eventHash: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
): Buffer | null {
  // From the top down: on which side of each split the leaf lies.
  const sides: ('left' | 'right')[] = []
  for (let start = 0, end = size; end - start > 1; ) {
    const middle = start + largestPowerBelow(end - start)
    sides.unshift(index < middle ? 'left' : 'right')
    if (index < middle) end = middle
    else start = middle
  }
  if (sides.length !== proof.length || index >= size) return null
  return proof.reduce<Buffer>(
    (node, sibling, step) => (sides[step] === 'left' ? nodeHash(node, sibling) : nodeHash(sibling, node)),
    leafHash(eventHash),
  )
}

/** Largest power of two below `size`, which is 2 or more. */
function largestPowerBelow(size: number): number {
  let power = 1
  while (power * 2 < size) power *= 2
  return power
}
