import { describe, expect, it } from 'vitest'
import type { RunStatus } from '../../views/components/badge.tsx'
import { RunsPage } from '../../views/pages/runs.tsx'
import { frame, NASTY, NOW } from './samples/site.ts'

const listOf = (...statuses: RunStatus[]): string =>
  String(
    <RunsPage
      frame={frame}
      page={{ number: 1, size: 20, total: statuses.length }}
      place={{ path: '/runs', query: 'ordering=-id&search=a%26b' }}
      ordering="-id"
      search=""
      everybody={false}
      runs={statuses.map((status, index) => ({
        ...{ id: index + 1, name: NASTY, pipelineName: 'Training Set Maker', owner: 'ana', status },
        ...{ stage: 'Matching', fraction: 0.427, createdAt: NOW, milliseconds: 1000 },
      }))}
    />,
  )

describe('the list of runs', () => {
  it('asks again for itself while a run is under way, and shows how far it is', () => {
    const html = listOf('running', 'successful')
    expect(html).toContain('hx-get="/runs?ordering=-id&amp;search=a%26b"')
    expect(html).toContain('hx-target="#runs"')
    expect(html).toContain('42 %, Matching')
    expect(html.match(/<progress value="0.427"/g)).toHaveLength(1)
    expect(listOf('queued')).toContain('hx-get')
  })

  it('stands still when all have ended', () => {
    expect(listOf('successful', 'failed', 'stopped', 'abandoned')).not.toContain('hx-get')
    expect(listOf()).toContain('No runs yet')
  })
})
