/** Three pure functions: what happened before makes a state, a command on a state makes new events. */
export interface Decider<State, Command, Event> {
  readonly initialState: State
  evolve(state: State, event: Event): State
  /** @throws DomainError when the command is refused. An empty list means that nothing needs to change. */
  decide(command: Command, state: State): readonly Event[]
}
