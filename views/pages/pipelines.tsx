import { Badge } from '../components/badge.tsx'
import { ButtonLink } from '../components/button.tsx'
import { Panel } from '../components/panel.tsx'
import type { Frame } from '../frame.ts'
import { Layout } from '../layout.tsx'

/** A pipeline in the list. */
export interface PipelineCard {
  readonly name: string
  readonly displayName: string
  readonly version: string
  readonly description: string
  readonly accepts: readonly string[]
  readonly makes: string
  /** Why it cannot be used here; null when it can. */
  readonly closed: string | null
}

export interface PipelinesProps {
  readonly frame: Frame
  readonly pipelines: readonly PipelineCard[]
}

/** `/pipelines` */
export const PipelinesPage = ({ frame, pipelines }: PipelinesProps) => (
  <Layout frame={frame} title="Pipelines">
    <h1>Pipelines</h1>
    <p class="lead">
      A run records everything that decides its outcome, shows what it does, and can be replayed: the same record gives
      the same bytes.
    </p>
    <div class="two">
      {pipelines.map((pipeline) => (
        <Panel title={pipeline.displayName} aside={<Badge>{`version ${pipeline.version}`}</Badge>}>
          <p>{pipeline.description}</p>
          <p class="muted">
            Takes {pipeline.accepts.join(', ')}. Makes {pipeline.makes}.
          </p>
          {pipeline.closed === null ? (
            <p class="actions">
              <ButtonLink kind="main" href={`/pipelines/${pipeline.name}`}>
                Set up a run
              </ButtonLink>
            </p>
          ) : (
            <p class="muted">{pipeline.closed}</p>
          )}
        </Panel>
      ))}
    </div>
    <p>
      <a href="/runs">Your runs</a>
    </p>
  </Layout>
)
