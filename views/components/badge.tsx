import type { Child } from 'hono/jsx'

/** What a badge says at a glance; its text says it too, so that colour is never the only sign. */
export type Tone = 'plain' | 'accent' | 'good' | 'warn' | 'bad'

export const Badge = ({ tone = 'plain', title, children }: { tone?: Tone; title?: string; children?: Child }) => (
  <span class={tone === 'plain' ? 'badge' : `badge ${tone}`} title={title}>
    {children}
  </span>
)

export type ProductStatus = 'registering' | 'published' | 'deleted' | 'processing' | 'failed'
export type RunStatus =
  | 'pending'
  | 'queued'
  | 'running'
  | 'successful'
  | 'failed'
  | 'stopping'
  | 'stopped'
  | 'abandoned'

const PRODUCT: Readonly<Record<ProductStatus, readonly [Tone, string]>> = {
  registering: ['warn', 'Draft'],
  published: ['good', 'Published'],
  deleted: ['bad', 'Deleted'],
  processing: ['accent', 'Processing'],
  failed: ['bad', 'Failed'],
}

const RUN: Readonly<Record<RunStatus, readonly [Tone, string]>> = {
  pending: ['plain', 'Pending'],
  queued: ['plain', 'Queued'],
  running: ['accent', 'Running'],
  successful: ['good', 'Successful'],
  failed: ['bad', 'Failed'],
  stopping: ['warn', 'Stopping'],
  stopped: ['warn', 'Stopped'],
  abandoned: ['bad', 'Worker died'],
}

export const ProductStatusBadge = ({ status }: { status: ProductStatus }) => (
  <Badge tone={PRODUCT[status][0]}>{PRODUCT[status][1]}</Badge>
)

export const RunStatusBadge = ({ status }: { status: RunStatus }) => (
  <Badge tone={RUN[status][0]}>{RUN[status][1]}</Badge>
)

/** On what was made from something that has changed since. */
export const StaleBadge = () => (
  <Badge tone="warn" title="An input of the run that made it has changed since">
    Out of date
  </Badge>
)

/** The role of a column: ID, RA, Dec, z, z_err, z_flag, survey, or a name of the user's own. */
export const Role = ({ name }: { name: string }) => <span class="role">{name}</span>
