import type { UntypedEvent } from './event-definition.ts'

/** Three pure functions: what happened before makes a state, a command on a state makes new events. */
export interface Decider<State, Command, Event> {
  readonly initialState: State
  /** Which events are its own. */
  isEvent(event: UntypedEvent): event is UntypedEvent & Event
  evolve(state: State, event: Event): State
  /** @throws DomainError when the command is refused. An empty list means that nothing needs to change. */
  decide(command: Command, state: State): readonly Event[]
}

/** The state after an event of its stream. One that the decider does not know (any more) changes nothing. */
export const remember = <State, Command, Event>(
  decider: Decider<State, Command, Event>,
  state: State,
  event: UntypedEvent,
): State => (decider.isEvent(event) ? decider.evolve(state, event) : state)

/** Several commands as one: all are carried out, each on what the ones before it made, or none is. */
export const inSequence = <State, Command, Event>(
  decider: Decider<State, Command, Event>,
): Decider<State, readonly Command[], Event> => ({
  initialState: decider.initialState,
  isEvent: decider.isEvent,
  evolve: decider.evolve,
  decide(commands, state) {
    const events: Event[] = []
    for (const command of commands) {
      const decided = decider.decide(command, state)
      state = decided.reduce(decider.evolve, state)
      events.push(...decided)
    }
    return events
  },
})
