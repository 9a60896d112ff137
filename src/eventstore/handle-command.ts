import { setTimeout as delay } from 'node:timers/promises'
import { v5 as uuidv5 } from 'uuid'
import type { Decider } from '../domain/decider.ts'
import { GENESIS, hashEvent, linkEvents } from './chain.ts'
import { type ActualRevision, StreamTooBusy, WrongExpectedRevision } from './errors.ts'
import type { EventStore, ExpectedRevision, JsonObject, NewEvent, Position, RecordedEvent } from './port.ts'
import type { SchemaRegistry } from './schema-registry.ts'

/** What every event says about the command behind it. */
export interface CommandMetadata {
  /** Who asked, with the name at that time. */
  readonly actor: { readonly userId: number; readonly username: string }
  /** When it was asked, ISO 8601 UTC. */
  readonly at: string
  /** A UUID; the same command sent twice with it is carried out once. */
  readonly commandId: string
  readonly $correlationId: string
  readonly $causationId: string
  readonly softwareVersion: string
}

export interface CommandCall<State, Command, Event extends { readonly type: string; readonly data: object }> {
  /** The bare store: the hash chain is made over events as they were recorded. */
  readonly store: EventStore
  /** Checks the new events, and upcasts the old ones before they are folded. */
  readonly registry?: SchemaRegistry
  readonly decider: Decider<State, Command, Event>
  readonly stream: string
  readonly command: Command
  readonly metadata: CommandMetadata
  /** What the caller saw when it decided to send this (`If-Match`). Then a conflict is the caller's to solve. */
  readonly expectedRevision?: ExpectedRevision
  /** How often to decide again after losing against other writers, when the caller expects nothing. */
  readonly maxAttempts?: number
}

export interface CommandResult<State> {
  /** What was recorded; empty when nothing had to change. */
  readonly events: readonly NewEvent[]
  readonly state: State
  /** Last revision of the stream. */
  readonly revision: ActualRevision
  /** Position of the last event of this command, null when it recorded none. */
  readonly position: Position | null
}

/**
 * Carries out a command: reads the stream, folds it, decides, links the new events into the hash chain and appends them
 * exactly where the stream was read. A command that is already in the stream (same `commandId`) gives its first result.
 * @throws WrongExpectedRevision when the stream is not at `expectedRevision`.
 * @throws StreamTooBusy when every attempt lost against another writer.
 * @throws InvalidEvent, EventStoreUnavailable, and whatever `decide` throws.
 */
export async function handleCommand<State, Command, Event extends { readonly type: string; readonly data: object }>(
  call: CommandCall<State, Command, Event>,
): Promise<CommandResult<State>> {
  const { maxAttempts = 20 } = call
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptCommand(call)
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision) || call.expectedRevision !== undefined) throw error
      if (attempt >= maxAttempts) throw new StreamTooBusy(call.stream, attempt, { cause: error })
    }
    await delay(Math.random() * Math.min(100, 2 ** attempt))
  }
}

async function attemptCommand<State, Command, Event extends { readonly type: string; readonly data: object }>(
  call: CommandCall<State, Command, Event>,
): Promise<CommandResult<State>> {
  const { store, registry, decider, stream, metadata } = call
  const before = await fold(call)

  const repeated = before.sameCommand.at(-1)
  if (repeated) {
    return { events: before.sameCommand, state: before.state, revision: repeated.revision, position: repeated.position }
  }
  requireExpected(stream, call.expectedRevision, before.revision)

  const decided = decider.decide(call.command, before.state)
  if (decided.length === 0) return { events: [], state: before.state, revision: before.revision, position: null }

  const drafts = decided.map(
    (event, index): NewEvent => ({
      id: eventId(metadata.commandId, index),
      type: event.type,
      // The codec and the registry check the data before anything is stored.
      data: event.data as JsonObject,
      metadata: { ...metadata },
    }),
  )
  const nextRevision = before.revision === 'no_stream' ? 0n : before.revision + 1n
  const { events } = linkEvents(stream, before.lastHash, nextRevision, registry?.stamp(drafts) ?? drafts)
  const appended = await store.append(stream, events, before.revision)
  return { events, state: decided.reduce((state, event) => decider.evolve(state, event), before.state), ...appended }
}

/** UUIDv5 of the command's id and the index of the event: a retry writes the same ids. */
export function eventId(commandId: string, index: number): string {
  return uuidv5(String(index), commandId)
}

interface Folded<State> {
  readonly state: State
  readonly revision: ActualRevision
  readonly lastHash: string
  /** Events that this very command recorded before. */
  readonly sameCommand: readonly RecordedEvent[]
}

async function fold<State, Command, Event extends { readonly type: string; readonly data: object }>(
  call: CommandCall<State, Command, Event>,
): Promise<Folded<State>> {
  const { store, registry, decider, stream, metadata } = call
  let state = decider.initialState
  let last: RecordedEvent | undefined
  const sameCommand: RecordedEvent[] = []
  for await (const event of store.readStream(stream)) {
    const current = registry?.upcast(event) ?? event
    if (decider.isEvent(current)) state = decider.evolve(state, current)
    if (event.metadata.commandId === metadata.commandId) sameCommand.push(event)
    last = event
  }
  return {
    state,
    revision: last?.revision ?? 'no_stream',
    lastHash: last ? hashEvent(last) : GENESIS,
    sameCommand,
  }
}

function requireExpected(stream: string, expected: ExpectedRevision | undefined, actual: ActualRevision): void {
  if (expected === undefined || expected === 'any' || expected === actual) return
  if (expected === 'stream_exists' && actual !== 'no_stream') return
  throw new WrongExpectedRevision(stream, expected, actual)
}
