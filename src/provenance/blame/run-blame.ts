import { isRunEvent, type RunEvent } from '../../domain/run/events.ts'
import { type RunState, runDecider } from '../../domain/run/run.ts'
import { type BlamedEvent, BlamedFields, type FieldBlame } from './fields.ts'

/**
 * Who set what can change of a run: its name, its note and how it stands. What it does was decided when it was asked for.
 * @param events all of the run, oldest first
 */
export function blameRun(events: readonly BlamedEvent[]): FieldBlame[] {
  const fields = new BlamedFields()
  let state: RunState = runDecider.initialState
  for (const recorded of events) {
    if (!isRunEvent(recorded)) continue
    const event: RunEvent = recorded
    state = runDecider.evolve(state, event)
    if (state.status !== 'absent') fields.set(recorded, 'status', 'status', 'status', state.status)
    switch (event.type) {
      case 'RunRequested':
        fields.set(recorded, 'metadata', 'display_name', 'name', event.data.displayName)
        fields.set(recorded, 'metadata', 'description', 'description', event.data.description)
        fields.set(recorded, 'metadata', 'owner', 'owner', event.data.owner.username)
        break
      case 'RunDescribed': {
        const { displayName, comment } = event.data.changes
        if (displayName) fields.set(recorded, 'metadata', 'display_name', 'name', displayName.to)
        if (comment) fields.set(recorded, 'metadata', 'comment', 'note', comment.to)
        break
      }
      case 'ReplayVerified':
        fields.set(recorded, 'status', 'replay', 'replay', event.data.identical ? 'identical' : 'different')
        break
      case 'RunDeleted':
        fields.set(recorded, 'status', 'deleted', 'off the lists', true)
        break
      default: // nothing but the status
    }
  }
  return fields.list()
}
