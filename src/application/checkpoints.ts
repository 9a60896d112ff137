import type { AppContext } from '../context.ts'
import { rootOf } from '../projections/ledger/merkle.ts'
import { type LedgerHead, LedgerTree, ledgerHead } from '../projections/ledger/queries.ts'
import { checkpointDigest, type SignedCheckpoint, signCheckpoint } from '../provenance/checkpoint/checkpoint.ts'
import { CheckpointFiles } from '../provenance/checkpoint/checkpoint-files.ts'
import { loadSigningKey } from '../provenance/checkpoint/signing-key.ts'

/** The log does not continue what was signed before: the server does not sign that. `npm run verify` says what is wrong. */
export class CheckpointRefused extends Error {
  readonly code = 'checkpoint_refused'
  override readonly name = 'CheckpointRefused'
}

/**
 * Signs what the log is now, and keeps it. Gives the last checkpoint again when nothing was recorded since.
 * @throws CheckpointRefused when the log is not a continuation of the last checkpoint.
 */
export async function makeCheckpoint(context: AppContext): Promise<SignedCheckpoint> {
  const files = new CheckpointFiles(context.config.dataDir)
  const head = await ledgerHead(context.database)
  const last = await files.last()
  if (last !== null) {
    await requireContinuation(context, last, head)
    if (last.checkpoint.size === head.size) return last
  }
  const { privateKey } = await loadSigningKey(context.config.dataDir)
  const signed = signCheckpoint(
    {
      format: 'photoz-checkpoint',
      version: 1,
      server: context.config.publicUrl,
      ...head,
      time: context.clock().toISOString(),
      previous: last === null ? null : checkpointDigest(last.checkpoint),
    },
    privateKey,
  )
  return files.keep(signed)
}

async function requireContinuation(
  context: AppContext,
  { checkpoint }: SignedCheckpoint,
  head: LedgerHead,
): Promise<void> {
  const said = `A checkpoint of ${checkpoint.time} covers ${checkpoint.size} events`
  if (checkpoint.size > head.size) throw new CheckpointRefused(`${said}, but the log has only ${head.size}.`)
  const root = await rootOf(new LedgerTree(context.database), 0, checkpoint.size)
  if (Buffer.from(root).toString('hex') !== checkpoint.root) {
    throw new CheckpointRefused(`${said}, but the first ${checkpoint.size} events are not what they were then.`)
  }
}

/** A checkpoint of the log that covers the first `size` events: the last one when it does, else a new one. */
export async function checkpointCovering(context: AppContext, size: number): Promise<SignedCheckpoint> {
  const last = await new CheckpointFiles(context.config.dataDir).last()
  return last !== null && last.checkpoint.size >= size ? last : makeCheckpoint(context)
}

/** Events after which a running server makes a checkpoint by itself. */
const EVERY_EVENTS = 1_000
const LOOK_EVERY_MS = 60_000

/** How long the first checkpoint waits for the ledger to know the events that are there. */
const LEDGER_MS = 5_000

/** Makes checkpoints while a server runs: one at the start where there is none, now and then, and one at the end. */
export class CheckpointKeeper {
  readonly #context: AppContext
  readonly #timer: NodeJS.Timeout
  #running: Promise<void>

  constructor(context: AppContext) {
    this.#context = context
    this.#running = this.#signFirst()
    this.#timer = setInterval(() => {
      this.#running = this.#running.then(() => this.#sign(EVERY_EVENTS))
    }, LOOK_EVERY_MS)
    this.#timer.unref()
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
    await this.#sign(1)
  }

  #sign(afterEvents: number): Promise<void> {
    return this.#logged(async () => {
      const last = await new CheckpointFiles(this.#context.config.dataDir).last()
      const { size } = await ledgerHead(this.#context.database)
      if (Math.abs(size - (last?.checkpoint.size ?? 0)) >= afterEvents) await makeCheckpoint(this.#context)
    })
  }

  #signFirst(): Promise<void> {
    const { config, store, projections } = this.#context
    return this.#logged(async () => {
      if ((await new CheckpointFiles(config.dataDir).last()) !== null) return
      await projections.waitFor(await store.head(), LEDGER_MS)
      await this.#sign(1)
    })
  }

  /** Trouble is logged and not thrown: a server must serve, and stop, all the same. */
  async #logged(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#context.log.error({ err: error }, 'no checkpoint was made')
    }
  }
}
