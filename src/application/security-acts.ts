import { forgetRecorded, noteAct, oldestUnrecorded, takeTurn, type UnrecordedAct } from '../accounts/unrecorded-acts.ts'
import type { AppContext } from '../context.ts'
import { type SecurityEvent, securityDecider, securityStream } from '../domain/security/security.ts'
import { handleCommand } from '../eventstore/handle-command.ts'
import type { JsonObject, Position } from '../eventstore/port.ts'
import { READ_YOUR_WRITES_MS, type Request } from './command.ts'

/** Says what the log is to tell of a person, when the accounts are changed. */
export type Note = (userId: number, acts: readonly SecurityEvent[]) => Promise<void>

/**
 * Changes accounts and notes what the log is to tell of it: all in one transaction, or nothing. `recordActs` then tells the log.
 * @throws whatever `change` throws
 */
export function changeAccounts<T>(
  context: AppContext,
  request: Request,
  change: (note: Note) => Promise<T>,
): Promise<T> {
  return context.database.transaction(async () => {
    await takeTurn(context)
    return change(async (userId, acts) => {
      if (acts.length === 0) return
      requireRecordable(context, acts)
      await noteAct(context, {
        stream: securityStream(userId),
        commandId: context.newId(),
        correlationId: request.correlationId,
        byId: request.actor.userId,
        byUsername: request.actor.username,
        at: context.clock().toISOString(),
        events: acts,
      })
    })
  })
}

/**
 * Changes accounts and records it. Whoever gets an error of the event store has changed them all the same, and the log tells it as
 * soon as the store is back.
 * @throws EventStoreUnavailable, and whatever `change` throws: then nothing is changed
 */
export async function perform<T>(
  context: AppContext,
  request: Request,
  change: (note: Note) => Promise<T>,
): Promise<T> {
  const result = await changeAccounts(context, request, change)
  const position = await recordActs(context)
  // When they are late, `result` is right all the same, and may hold a secret that is given once: nobody is told to look later.
  if (position !== null) await context.projections.waitFor(position, READ_YOUR_WRITES_MS)
  return result
}

/**
 * Tells the log of all acts that it may not have yet, the oldest first. Several may do so at the same time: an act has its id, so it
 * is recorded once, and nobody goes on to the next before it is.
 * @returns the position of the last act, null when there was none
 * @throws EventStoreUnavailable: what is left waits
 */
export async function recordActs(context: AppContext): Promise<Position | null> {
  let last: Position | null = null
  for (let act = await oldestUnrecorded(context); act !== null; act = await oldestUnrecorded(context)) {
    last = (await recordAct(context, act)) ?? last
    await forgetRecorded(context, act)
  }
  return last
}

async function recordAct({ store, registry, softwareVersion }: AppContext, act: UnrecordedAct) {
  const { stream, commandId, correlationId } = act
  const { position } = await handleCommand({
    store,
    registry,
    decider: securityDecider,
    stream,
    command: { type: 'RecordSecurityActs', acts: act.events },
    metadata: {
      actor: { userId: act.byId, username: act.byUsername },
      at: act.at,
      commandId,
      $correlationId: correlationId,
      $causationId: commandId,
      softwareVersion,
    },
  })
  return position
}

/** Records what can be recorded now; what cannot is logged and waits, for the caller has nothing to undo. */
export async function tryToRecordActs(context: AppContext): Promise<void> {
  try {
    await recordActs(context)
  } catch (error) {
    context.log.error({ err: error }, 'the log does not have all security acts yet')
  }
}

/** An act that the log refuses would hold up all later ones. @throws InvalidEvent */
function requireRecordable({ registry }: AppContext, acts: readonly SecurityEvent[]): void {
  registry.stamp(acts.map(({ type, data }) => ({ id: '', type, data: data satisfies JsonObject, metadata: {} })))
}

const LOOK_EVERY_MS = 10_000

/** Records what is left of earlier acts when a server starts, and while it runs, when the event store was away. */
export class SecurityKeeper {
  readonly #context: AppContext
  readonly #everyMs: number
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void>
  #closed = false

  private constructor(context: AppContext, everyMs: number) {
    this.#context = context
    this.#everyMs = everyMs
    this.#running = this.#look()
  }

  /** @returns when it has tried once */
  static async start(context: AppContext, everyMs = LOOK_EVERY_MS): Promise<SecurityKeeper> {
    const keeper = new SecurityKeeper(context, everyMs)
    await keeper.#running
    return keeper
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#running
  }

  async #look(): Promise<void> {
    await tryToRecordActs(this.#context)
    if (this.#closed) return
    this.#timer = setTimeout(() => {
      this.#running = this.#look()
    }, this.#everyMs)
    this.#timer.unref()
  }
}
