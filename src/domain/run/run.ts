import type { Actor } from '../actor.ts'
import type { Decider } from '../decider.ts'
import { DomainError, forbidden, notFound } from '../error.ts'
import { mayChange } from '../product/permissions.ts'
import { LONGEST_TEXT, optionalText, requiredText } from '../text.ts'
import { type Comparison, isRunEvent, type RunEvent, type RunOutput, type RunRequest } from './events.ts'

// ---- state

/** `stopping` and everything after it is asked for by people; the rest is what workers report. */
export type RunStatus = 'pending' | 'running' | 'stopping' | 'succeeded' | 'failed' | 'stopped'

export interface Run extends RunRequest {
  readonly status: RunStatus
  readonly worker: string | null
  readonly attempts: number
  readonly outputs: readonly RunOutput[]
  readonly associations: Readonly<Record<string, string>>
  /** What the owner noted. */
  readonly comment: string | null
  /** Taken off the lists. */
  readonly deleted: boolean
}

export type RunState = { readonly status: 'absent' } | Run

export const runStream = (id: number): string => `run-${id}`

/** A run whose worker died so often is not tried again: it is probably what kills them. */
export const MOST_ATTEMPTS = 3

const FINISHED: ReadonlySet<RunStatus> = new Set(['succeeded', 'failed', 'stopped'])
export const isFinished = (status: RunStatus): boolean => FINISHED.has(status)

function evolve(state: RunState, event: RunEvent): RunState {
  if (event.type === 'RunRequested') {
    return {
      ...event.data,
      status: 'pending',
      worker: null,
      attempts: 0,
      outputs: [],
      associations: {},
      comment: null,
      deleted: false,
    }
  }
  if (state.status === 'absent') return state
  switch (event.type) {
    case 'RunStarted':
      return { ...state, status: 'running', worker: event.data.worker, attempts: event.data.attempt }
    case 'RunSucceeded':
      return { ...state, status: 'succeeded', outputs: event.data.outputs, associations: event.data.associations }
    case 'RunFailed':
      return { ...state, status: 'failed' }
    case 'RunStopRequested':
      return { ...state, status: 'stopping' }
    case 'RunStopped':
      return { ...state, status: 'stopped' }
    case 'RunAbandoned':
      return { ...state, status: state.status === 'stopping' ? 'stopping' : 'pending', worker: null }
    case 'RunDescribed': {
      const { displayName, comment } = event.data.changes
      return { ...state, ...(displayName && { displayName: displayName.to }), ...(comment && { comment: comment.to }) }
    }
    case 'RunDeleted':
      return { ...state, deleted: true }
    case 'RunProgressed':
    case 'ReplayVerified':
      return state
    default: {
      const unknown: never = event
      return unknown
    }
  }
}

// ---- commands

export type RunCommand =
  | { readonly type: 'RequestRun'; readonly request: RunRequest }
  | { readonly type: 'ClaimRun'; readonly worker: string }
  | {
      readonly type: 'ReportProgress'
      readonly worker: string
      readonly stage: string
      /** 0 to 1. */
      readonly fraction: number
      readonly lines: readonly string[]
    }
  | {
      readonly type: 'ReportSuccess'
      readonly worker: string
      readonly outputs: readonly RunOutput[]
      readonly associations: Readonly<Record<string, string>>
      readonly metrics: Readonly<Record<string, unknown>>
    }
  | {
      readonly type: 'ReportFailure'
      readonly worker: string
      readonly code: string
      readonly reason: string
      readonly problems: readonly string[]
    }
  | { readonly type: 'ReportStop'; readonly worker: string }
  | {
      readonly type: 'AbandonRun'
      readonly worker: string
      /** The worker itself gives the run back, because it is told to end: that is not the run's fault. */
      readonly orderly: boolean
    }
  | { readonly type: 'StopRun'; readonly by: Actor }
  | {
      readonly type: 'DescribeRun'
      readonly by: Actor
      /** Left out: stays. */
      readonly displayName?: string | null
      readonly comment?: string | null
    }
  | { readonly type: 'DeleteRun'; readonly by: Actor }
  | {
      readonly type: 'RecordReplay'
      readonly softwareVersion: string
      readonly pipelineVersion: string
      readonly outputs: readonly Comparison[]
    }

type CommandOf<Type extends RunCommand['type']> = Extract<RunCommand, { readonly type: Type }>

// ---- decide

function decide(command: RunCommand, state: RunState): readonly RunEvent[] {
  if (command.type === 'RequestRun') {
    if (state.status !== 'absent') throw new DomainError('conflict', `Run ${command.request.runId} exists already.`)
    return [{ type: 'RunRequested', data: command.request }]
  }
  if (state.status === 'absent') throw notFound()
  switch (command.type) {
    case 'ClaimRun':
      return claim(command.worker, state)
    case 'ReportProgress': {
      requireClaim(command.worker, state)
      const { stage, fraction, lines } = command
      return [
        { type: 'RunProgressed', data: { stage, fraction: Math.min(1, Math.max(0, fraction)), lines: [...lines] } },
      ]
    }
    case 'ReportSuccess': {
      requireClaim(command.worker, state)
      const { outputs, associations, metrics } = command
      return [
        {
          type: 'RunSucceeded',
          data: { outputs: [...outputs], associations: { ...associations }, metrics: { ...metrics } },
        },
      ]
    }
    case 'ReportFailure': {
      requireClaim(command.worker, state)
      const { code, reason, problems } = command
      return [{ type: 'RunFailed', data: { code, reason, problems: [...problems] } }]
    }
    case 'ReportStop':
      requireClaim(command.worker, state)
      return [{ type: 'RunStopped', data: {} }]
    case 'AbandonRun':
      return abandon(command, state)
    case 'StopRun':
      return stop(command.by, state)
    case 'DescribeRun':
      return describe(command, state)
    case 'DeleteRun':
      return remove(command.by, state)
    case 'RecordReplay': {
      if (state.status !== 'succeeded') throw new DomainError('conflict', 'Only a run that succeeded can be replayed.')
      const { softwareVersion, pipelineVersion, outputs } = command
      const identical = outputs.length > 0 && outputs.every((output) => output.identical)
      return [{ type: 'ReplayVerified', data: { identical, softwareVersion, pipelineVersion, outputs: [...outputs] } }]
    }
    default: {
      const unknown: never = command
      return unknown
    }
  }
}

function claim(worker: string, run: Run): readonly RunEvent[] {
  if (run.status !== 'pending') throw new DomainError('conflict', `Run ${run.runId} is ${run.status}.`)
  return [{ type: 'RunStarted', data: { worker, attempt: run.attempts + 1 } }]
}

/** A worker that was believed dead, and is not, must not write over the one that took its run. */
function requireClaim(worker: string, run: Run): void {
  if (run.worker !== worker || (run.status !== 'running' && run.status !== 'stopping')) {
    throw new DomainError('conflict', `Run ${run.runId} is not this worker's any more.`)
  }
}

function abandon({ worker, orderly }: CommandOf<'AbandonRun'>, run: Run): readonly RunEvent[] {
  if (run.worker !== worker) return []
  if (run.status === 'stopping')
    return [
      { type: 'RunAbandoned', data: { worker } },
      { type: 'RunStopped', data: {} },
    ]
  if (run.status !== 'running') return []
  if (orderly || run.attempts < MOST_ATTEMPTS) return [{ type: 'RunAbandoned', data: { worker } }]
  const reason =
    `The worker broke off ${run.attempts} times: for lack of memory, or because it or the database was stopped. ` +
    'Run it again, with fewer or smaller inputs if that does not help.'
  return [
    { type: 'RunAbandoned', data: { worker } },
    { type: 'RunFailed', data: { code: 'worker_died', reason, problems: [] } },
  ]
}

function stop(by: Actor, run: Run): readonly RunEvent[] {
  if (!mayChange(by, run.owner.userId)) throw forbidden()
  if (run.status === 'running') return [{ type: 'RunStopRequested', data: {} }]
  // Nobody has begun: there is nothing to wait for.
  if (run.status === 'pending')
    return [
      { type: 'RunStopRequested', data: {} },
      { type: 'RunStopped', data: {} },
    ]
  return []
}

function describe(command: CommandOf<'DescribeRun'>, run: Run): readonly RunEvent[] {
  if (!mayChange(command.by, run.owner.userId)) throw forbidden()
  const displayName =
    command.displayName === undefined ? run.displayName : requiredText('display_name', command.displayName, 255)
  const comment = command.comment === undefined ? run.comment : optionalText('comment', command.comment, LONGEST_TEXT)
  const changes = {
    ...(displayName === run.displayName ? {} : { displayName: { from: run.displayName, to: displayName } }),
    ...(comment === run.comment ? {} : { comment: { from: run.comment, to: comment } }),
  }
  return Object.keys(changes).length === 0 ? [] : [{ type: 'RunDescribed', data: { changes } }]
}

function remove(by: Actor, run: Run): readonly RunEvent[] {
  if (!mayChange(by, run.owner.userId)) throw forbidden()
  if (!isFinished(run.status)) throw new DomainError('conflict', `This run is ${run.status}: stop it first.`)
  return run.deleted ? [] : [{ type: 'RunDeleted', data: {} }]
}

export const runDecider: Decider<RunState, RunCommand, RunEvent> = {
  initialState: { status: 'absent' },
  isEvent: isRunEvent,
  evolve,
  decide,
}
