import { describe, expect, it } from 'vitest'
import type { Actor } from '../../../src/domain/actor.ts'
import type { RunEvent, RunRequest } from '../../../src/domain/run/events.ts'
import { MOST_ATTEMPTS, type RunCommand, runDecider } from '../../../src/domain/run/run.ts'
import { specificationOf } from '../specification.ts'

const alice: Actor = { userId: 2, username: 'alice', isAdmin: false, groupIds: [] }
const bob: Actor = { ...alice, userId: 3, username: 'bob' }
const request: RunRequest = {
  runId: 5,
  pipeline: { name: 'combine_redshift_dedup', version: '1.0.0', displayName: 'Combine' },
  displayName: 'All',
  description: null,
  parameters: {},
  inputs: [],
  objects: null,
  rules: null,
  outputFormat: 'parquet',
  outputProductId: 9,
  owner: { userId: 2, username: 'alice' },
}
const requested: RunEvent = { type: 'RunRequested', data: request }
const started = (worker = 'w1', attempt = 1): RunEvent => ({ type: 'RunStarted', data: { worker, attempt } })
const stopRequested: RunEvent = { type: 'RunStopRequested', data: {} }
const stopped: RunEvent = { type: 'RunStopped', data: {} }
const abandoned = (worker = 'w1'): RunEvent => ({ type: 'RunAbandoned', data: { worker } })
const succeeded: RunEvent = { type: 'RunSucceeded', data: { outputs: [], associations: {}, metrics: {} } }
const success: RunCommand = { type: 'ReportSuccess', worker: 'w1', outputs: [], associations: {}, metrics: {} }

const { given } = specificationOf(runDecider)

describe('a run', () => {
  it('is requested once', () => {
    given().when({ type: 'RequestRun', request }).thenDecides(requested)
    given(requested).when({ type: 'RequestRun', request }).thenThrows('conflict')
    given().when({ type: 'ClaimRun', worker: 'w1' }).thenThrows('not_found')
  })

  it('is claimed by one worker', () => {
    given(requested).when({ type: 'ClaimRun', worker: 'w1' }).thenDecides(started())
    given(requested, started()).when({ type: 'ClaimRun', worker: 'w2' }).thenThrows('conflict')
    given(requested, started(), abandoned()).when({ type: 'ClaimRun', worker: 'w2' }).thenDecides(started('w2', 2))
  })

  it('hears only the worker that has it', () => {
    given(requested, started()).when(success).thenDecides(succeeded)
    given(requested, started(), abandoned(), started('w2', 2)).when(success).thenThrows('conflict')
    given(requested, started(), succeeded).when(success).thenThrows('conflict')
    given(requested, started(), abandoned())
      .when({ type: 'ReportProgress', worker: 'w1', stage: 's', fraction: 0.5, lines: [] })
      .thenThrows('conflict')
  })

  it('is stopped at once while nobody is at it, else when its worker says so', () => {
    given(requested).when({ type: 'StopRun', by: alice }).thenDecides(stopRequested, stopped)
    given(requested, started()).when({ type: 'StopRun', by: alice }).thenDecides(stopRequested)
    given(requested, started(), stopRequested).when({ type: 'StopRun', by: alice }).thenNothing()
    given(requested, started(), stopRequested).when({ type: 'ReportStop', worker: 'w1' }).thenDecides(stopped)
    given(requested, started(), succeeded).when({ type: 'StopRun', by: alice }).thenNothing()
    given(requested, started()).when({ type: 'StopRun', by: bob }).thenThrows('forbidden')
  })

  it('that finished while it was being stopped has succeeded', () => {
    given(requested, started(), stopRequested).when(success).thenDecides(succeeded)
  })

  it('is given free when its worker died, and fails when they die of it', () => {
    const dead: RunCommand = { type: 'AbandonRun', worker: 'w1', orderly: false }
    given(requested, started()).when(dead).thenDecides(abandoned())
    given(requested, started(), stopRequested).when(dead).thenDecides(abandoned(), stopped)
    given(requested, started('w2')).when(dead).thenNothing()
    given(requested, started(), succeeded).when(dead).thenNothing()
    const last = started('w1', MOST_ATTEMPTS)
    given(requested, last)
      .when(dead)
      .thenDecides(abandoned(), {
        type: 'RunFailed',
        data: { code: 'worker_died', reason: expect.any(String), problems: [] },
      })
    given(requested, last)
      .when({ ...dead, orderly: true })
      .thenDecides(abandoned())
  })

  it('is described and deleted by its owner', () => {
    given(requested)
      .when({ type: 'DescribeRun', by: alice, comment: ' for the paper ' })
      .thenDecides({ type: 'RunDescribed', data: { changes: { comment: { from: null, to: 'for the paper' } } } })
    given(requested).when({ type: 'DescribeRun', by: alice, displayName: 'All' }).thenNothing()
    given(requested).when({ type: 'DescribeRun', by: alice, displayName: ' ' }).thenThrows('invalid')
    given(requested).when({ type: 'DescribeRun', by: bob, comment: 'x' }).thenThrows('forbidden')
    given(requested).when({ type: 'DeleteRun', by: alice }).thenThrows('conflict')
    given(requested, started(), succeeded)
      .when({ type: 'DeleteRun', by: alice })
      .thenDecides({ type: 'RunDeleted', data: {} })
    given(requested, started(), succeeded).when({ type: 'DeleteRun', by: bob }).thenThrows('forbidden')
  })

  it('is replayed only when it succeeded; nothing compared is not identical', () => {
    const by = { softwareVersion: 'v', pipelineVersion: '1.3.0' }
    const replay: RunCommand = { type: 'RecordReplay', ...by, outputs: [] }
    given(requested, started()).when(replay).thenThrows('conflict')
    given(requested, started(), succeeded)
      .when(replay)
      .thenDecides({ type: 'ReplayVerified', data: { identical: false, ...by, outputs: [] } })
  })
})
