import { expect } from 'vitest'
import type { Decider } from '../../src/domain/decider.ts'
import { DomainError, type DomainErrorCode } from '../../src/domain/error.ts'

/**
 * Examples of a decider: `given(events).when(command).thenDecides(events)`. Each expectation also folds what was decided, so that an
 * event which the state cannot take does not go unseen.
 */
export function specificationOf<State, Command, Event>(decider: Decider<State, Command, Event>) {
  return {
    given: (...events: readonly (Event | readonly Event[])[]) => ({
      when(command: Command) {
        const state = events
          .flat()
          .reduce<State>((each, event) => decider.evolve(each, event as Event), decider.initialState)
        const decide = () => decider.decide(command, state)
        return {
          /** Exactly these events. */
          thenDecides(...expected: readonly Event[]): State {
            const decided = decide()
            expect(decided).toEqual(expected)
            return decided.reduce(decider.evolve, state)
          },
          /** These types of events, in this order. */
          thenTypes(...types: readonly string[]): State {
            const decided = decide()
            expect(decided.map((event) => (event as { type: string }).type)).toEqual(types)
            return decided.reduce(decider.evolve, state)
          },
          thenNothing(): void {
            expect(decide()).toEqual([])
          },
          thenThrows(code: DomainErrorCode, message?: RegExp | string): void {
            expect(decide).toThrow(DomainError)
            try {
              decide()
            } catch (error) {
              expect(error).toMatchObject({ code })
              if (message !== undefined) expect((error as Error).message).toMatch(message)
            }
          },
        }
      },
    }),
  }
}
