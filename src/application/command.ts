import type { AppContext } from '../context.ts'
import { type Actor, personOf } from '../domain/actor.ts'
import { type Decider, remember } from '../domain/decider.ts'
import { MAX_APPEND_BYTES } from '../eventstore/codec.ts'
import { EventTooLarge } from '../eventstore/errors.ts'
import { type CommandResult, handleCommand } from '../eventstore/handle-command.ts'
import type { ExpectedRevision, Position } from '../eventstore/port.ts'

/** How long a request waits for the read models to show what it wrote, in ms. */
export const READ_YOUR_WRITES_MS = 5_000

/** What a request brings along with its command. */
export interface Request {
  readonly actor: Actor
  /** Ties everything that one request caused together. */
  readonly correlationId: string
  /** From `If-Match`: what the person saw when they decided. */
  readonly expectedRevision?: ExpectedRevision
  /** A UUID: a command that may be sent again after a crash is carried out once. Left out: a new one. */
  readonly commandId?: string
  /** Told when events were recorded, and the read models do not show them in time. */
  readonly notShown?: (stream: string, position: Position) => void
}

export interface Outcome<State> {
  readonly state: State
  /** Position of the last event, null when nothing had to change. */
  readonly position: Position | null
}

/** Carries out a command on a stream, and waits until the read models show it, but not for ever. */
export async function execute<State, Command, Event extends { readonly type: string; readonly data: object }>(
  context: AppContext,
  request: Request,
  decider: Decider<State, Command, Event>,
  stream: string,
  command: Command,
): Promise<Outcome<State>> {
  const commandId = request.commandId ?? context.newId()
  const result: CommandResult<State> = await handleCommand({
    store: context.store,
    registry: context.registry,
    decider,
    stream,
    command,
    metadata: {
      actor: personOf(request.actor),
      at: context.clock().toISOString(),
      commandId,
      $correlationId: request.correlationId,
      $causationId: commandId,
      softwareVersion: context.softwareVersion,
    },
    ...(request.expectedRevision === undefined ? {} : { expectedRevision: request.expectedRevision }),
  })
  const { position } = result
  const isShown = position === null || (await context.projections.waitFor(position, READ_YOUR_WRITES_MS))
  if (!isShown) request.notShown?.(stream, position)
  return { state: result.state, position: result.position }
}

/**
 * Decides without recording anything, so that a command which will be refused leaves no bytes behind and uses up no numbers.
 * @returns the events that would be recorded
 * @throws whatever `decide` throws; EventTooLarge
 */
export async function tryOut<State, Command, Event extends { readonly type: string; readonly data: object }>(
  context: AppContext,
  decider: Decider<State, Command, Event>,
  stream: string,
  command: Command,
): Promise<readonly Event[]> {
  const events = decider.decide(command, await loadState(context, decider, stream))
  // What the store would add, such as ids and metadata, is little.
  if (Buffer.byteLength(JSON.stringify(events)) > 0.9 * MAX_APPEND_BYTES) throw new EventTooLarge()
  return events
}

/** The state of a stream, after all of its events or those up to a position. */
export async function loadState<State, Command, Event extends { readonly type: string; readonly data: object }>(
  context: AppContext,
  decider: Decider<State, Command, Event>,
  stream: string,
): Promise<State> {
  let state = decider.initialState
  for await (const event of context.store.readStream(stream)) {
    state = remember(decider, state, context.registry.upcast(event))
  }
  return state
}
