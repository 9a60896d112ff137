import type { KeyObject } from 'node:crypto'
import type { LedgerHead } from '../../projections/ledger/queries.ts'
import { checkpointDigest, isSignedBy, type SignedCheckpoint } from '../checkpoint/checkpoint.ts'
import type { Finding } from './finding.ts'

/** Compares the log with the signed checkpoints while it passes by. */
export class CheckpointCheck {
  readonly #findings: Finding[] = []
  readonly #due: SignedCheckpoint[] = []
  #provenSize = 0
  #brokenSize: number | null = null

  constructor(checkpoints: readonly SignedCheckpoint[], publicKey: KeyObject) {
    let before: SignedCheckpoint | null = null
    for (const signed of checkpoints) {
      if (!isSignedBy(signed, publicKey)) {
        this.#say(signed, 'was not signed with the key of this server, or was changed after it was signed')
        continue
      }
      // One file may be missing; that the next one names another predecessor than the one that is there tells.
      if (before !== null && signed.checkpoint.previous !== checkpointDigest(before.checkpoint)) {
        this.#say(signed, `does not follow the one before it, of ${before.checkpoint.time}: a file was taken away`)
      }
      before = signed
      this.#due.push(signed)
    }
  }

  /** Events from the first on that a signature proves to be untouched. */
  get provenSize(): number {
    return this.#provenSize
  }

  /** Among the first so many events something was touched; null: no checkpoint says so. */
  get brokenSize(): number | null {
    return this.#brokenSize
  }

  isDue(size: number): boolean {
    return this.#due[0]?.checkpoint.size === size
  }

  /** The log up to the size of the checkpoint that is due. */
  compare(head: LedgerHead): void {
    const signed = this.#due.shift()
    if (signed === undefined) return
    const { root, chainHead, size } = signed.checkpoint
    if (root === head.root && chainHead === head.chainHead) {
      // A moved position alone is told by the comparison with the ledger.
      if (this.#brokenSize === null) this.#provenSize = size
      return
    }
    this.#brokenSize ??= size
  }

  /** @param others what is known already: it names the events, so that only the checkpoint itself is left to say. */
  end(head: LedgerHead, others: readonly Finding[]): Finding[] {
    const beyond = this.#due.filter((signed) => signed.checkpoint.size > head.size)
    const [first] = beyond
    if (first !== undefined && !others.some((finding) => finding.kind === 'truncated' || finding.kind === 'deleted')) {
      const gone = (beyond.at(-1)?.checkpoint.size ?? 0) - head.size
      const message = `The log ends after ${head.size} events at position ${head.position}, but a checkpoint of ${first.checkpoint.time} signed ${first.checkpoint.size}: at least ${gone} of the newest events are gone`
      this.#findings.push({ kind: 'truncated', position: head.position, message })
    }
    if (this.#brokenSize !== null) {
      const message = `The first ${this.#brokenSize} events are not those that were signed; the first ${this.#provenSize} still are`
      this.#findings.push({ kind: 'checkpoint', message })
    }
    return this.#findings
  }

  #say({ checkpoint }: SignedCheckpoint, what: string): void {
    const message = `The checkpoint of ${checkpoint.time} over ${checkpoint.size} events ${what}`
    this.#findings.push({ kind: 'checkpoint', message })
  }
}
