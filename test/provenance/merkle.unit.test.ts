import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  chainEntry,
  consistencyProof,
  EMPTY_ROOT,
  GrowingTree,
  inclusionProof,
  leafHash,
  nodeHash,
  rootOf,
  rootOfInclusion,
  type TreeNodes,
} from '../../src/projections/ledger/merkle.ts'

/** The definition of RFC 6962, section 2.1, word for word. */
function merkleTreeHash(leaves: readonly Uint8Array[]): Buffer {
  const [only] = leaves
  if (only === undefined) return createHash('sha256').digest()
  if (leaves.length === 1) return createHash('sha256').update(Uint8Array.of(0)).update(only).digest()
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return createHash('sha256')
    .update(Uint8Array.of(1))
    .update(merkleTreeHash(leaves.slice(0, k)))
    .update(merkleTreeHash(leaves.slice(k)))
    .digest()
}

const leaves = Array.from({ length: 70 }, (_, n) => createHash('sha256').update(`event ${n}`).digest())
const nodes: TreeNodes = {
  node: async (height, index) => merkleTreeHash(leaves.slice(index * 2 ** height, (index + 1) * 2 ** height)),
}

describe('the Merkle tree', () => {
  it('is that of RFC 6962, however it grows', async () => {
    expect(EMPTY_ROOT.toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    // the test vectors of the RFC's reference implementation (certificate-transparency, merkle_tree_test.cc)
    expect(leafHash(Buffer.alloc(0)).toString('hex')).toBe(
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    )
    expect(nodeHash(leafHash(Buffer.alloc(0)), leafHash(Buffer.of(0))).toString('hex')).toBe(
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    )
    const tree = new GrowingTree()
    for (const [n, leaf] of leaves.entries()) {
      tree.add(leaf)
      expect(tree.size).toBe(n + 1)
      expect(tree.root).toEqual(merkleTreeHash(leaves.slice(0, n + 1)))
      expect(await rootOf(nodes, 0, n + 1)).toEqual(tree.root)
    }
  })

  it('keeps nothing of one hash for the next, whatever their lengths', () => {
    const sha = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest()
    const [a, b] = [leaves[1]!, leaves[2]!]
    nodeHash(a, b)
    chainEntry(a, b)
    for (const odd of [Buffer.alloc(0), Buffer.of(7), Buffer.alloc(100, 3)]) {
      expect(leafHash(odd)).toEqual(sha(Buffer.of(0), odd))
      expect(nodeHash(odd, b)).toEqual(sha(Buffer.of(1), odd, b))
      expect(nodeHash(a, odd)).toEqual(sha(Buffer.of(1), a, odd))
      expect(chainEntry(odd, b)).toEqual(sha(odd, b))
    }
    expect(nodeHash(a, b)).toEqual(sha(Buffer.of(1), a, b))
    expect(chainEntry(a, b)).toEqual(sha(a, b))
  })

  it('proves every leaf in trees of every size, and nothing else', async () => {
    for (let size = 1; size <= 40; size++) {
      const root = merkleTreeHash(leaves.slice(0, size))
      for (let index = 0; index < size; index++) {
        const leaf = leaves[index]!
        const proof = await inclusionProof(nodes, index, size)
        expect(rootOfInclusion(leaf, index, size, proof)).toEqual(root)
        expect(rootOfInclusion(leaves[50]!, index, size, proof)).not.toEqual(root)
        if (size > 1) {
          expect(rootOfInclusion(leaf, (index + 1) % size, size, proof)).not.toEqual(root)
          expect(rootOfInclusion(leaf, index, size, proof.slice(1))).toBeNull()
        }
      }
    }
  })

  it('gives the consistency proofs of the RFC', async () => {
    // section 2.1.3: PROOF(3, D[7]) = [c, d, g, l], PROOF(4, D[7]) = [l], PROOF(6, D[7]) = [i, j, k]
    const part = (start: number, end: number) => merkleTreeHash(leaves.slice(start, end))
    expect(await consistencyProof(nodes, 3, 7)).toEqual([part(2, 3), part(3, 4), part(0, 2), part(4, 7)])
    expect(await consistencyProof(nodes, 4, 7)).toEqual([part(4, 7)])
    expect(await consistencyProof(nodes, 6, 7)).toEqual([part(4, 6), part(6, 7), part(0, 4)])
    expect(await consistencyProof(nodes, 7, 7)).toEqual([])
  })
})
