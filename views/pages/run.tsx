import { Badge, type RunStatus, RunStatusBadge } from '../components/badge.tsx'
import { Button, ButtonLink } from '../components/button.tsx'
import { CodeBlock } from '../components/code-block.tsx'
import { Confirm } from '../components/disclosure.tsx'
import { Facts, Panel } from '../components/panel.tsx'
import { Progress } from '../components/progress.tsx'
import { Notice, Problem } from '../components/state.tsx'
import { ago, bytes, count, DASH, digest, duration, instant } from '../format.ts'
import type { Frame } from '../frame.ts'
import { Layout } from '../layout.tsx'

/** How far a run is: what changes while one looks. */
export interface RunNow {
  readonly id: number
  readonly status: RunStatus
  /** What it does, in words; null before it has begun. */
  readonly stage: string | null
  /** 0 to 1. */
  readonly fraction: number
  readonly startedAt: string | null
  /** How long it worked, or has worked until now; ms. */
  readonly milliseconds: number | null
  readonly canStop: boolean
}

interface RunInput {
  readonly name: string
  /** Null: not to be seen, or gone. */
  readonly href: string | null
  /** Its name and size; empty for a release. */
  readonly file: string
  readonly columns: string
}

/** The rules file that a run works by. */
export interface RunRules {
  readonly name: string
  /** What it says of itself. */
  readonly version: string | null
  readonly sha256: string
  readonly text: string
  /** What the parameters and it amount to. */
  readonly settings: readonly (readonly [name: string, value: string])[]
}

export interface RunView extends RunNow {
  readonly name: string
  readonly description: string | null
  readonly comment: string | null
  readonly owner: string
  readonly pipeline: { readonly name: string; readonly displayName: string; readonly version: string }
  readonly createdAt: string
  readonly endedAt: string | null
  readonly attempts: number
  readonly worker: string | null
  readonly softwareVersion: string
  readonly error: { readonly reason: string; readonly problems: readonly string[] } | null
  readonly inputs: readonly RunInput[]
  /** The objects that were matched with. */
  readonly objects: Omit<RunInput, 'columns'> | null
  readonly rules: RunRules | null
  readonly output: { readonly name: string; readonly href: string; readonly status: string }
  readonly files: readonly {
    readonly name: string
    readonly size: number
    readonly sha256: string
    readonly rows: number | null
  }[]
  readonly configuration: string
  readonly metrics: readonly (readonly [name: string, value: string])[]
  readonly log: string
  readonly replay: ReplayView | null
  /** A replay is under way. */
  readonly replaying: boolean
  readonly canChange: boolean
  /** Who took it off the lists, and when; null: it is on them. */
  readonly removed: { readonly by: string; readonly at: string } | null
  /** Where live news come from; null when nothing more will come. */
  readonly events: string | null
}

export interface ReplayView {
  readonly identical: boolean
  readonly at: string
  /** Versions of the pipeline and the program that carried it out. */
  readonly madeBy: string
  /** Those of the run itself, as far as they are others. */
  readonly runMadeBy: string | null
  /** In words, one for each output that differs. */
  readonly differences: readonly string[]
}

/** The part of the page that is replaced while the run works. */
export const RunLive = ({ run }: { run: RunNow }) => (
  <>
    <p class="badges" role="status">
      <RunStatusBadge status={run.status} />
      {run.milliseconds === null ? null : <span>{duration(run.milliseconds)}</span>}
    </p>
    {run.status === 'running' || run.status === 'stopping' ? (
      <Progress label={run.stage ?? 'Starting'} value={run.fraction} />
    ) : null}
    {run.status === 'pending' ? <Progress label="Waiting for a worker" value={null} /> : null}
    {run.canStop && run.status !== 'stopping' ? (
      <form method="post" action={`/runs/${run.id}/stop`}>
        <Button kind="danger" confirm="Stop this run?">
          Stop
        </Button>
      </form>
    ) : null}
  </>
)

/** Lines that are added to the log on the page. */
export const LogLines = ({ text }: { text: string }) => (
  <code id="run-log" hx-swap-oob="beforeend">
    {text}
  </code>
)

/** `/runs/<id>` */
export const RunPage = ({ frame, run }: { frame: Frame; run: RunView }) => (
  <Layout frame={frame} title={run.name} crumbs={[{ text: 'Runs', href: '/runs' }, { text: run.name }]}>
    <div class="stack" {...refreshed(run)}>
      <h1>{run.name}</h1>
      <p class="muted">
        <a href={`/pipelines/${run.pipeline.name}`}>{run.pipeline.displayName}</a> {run.pipeline.version}, asked for by{' '}
        {run.owner} {ago(run.createdAt, frame.now)}
      </p>
      {run.removed === null ? null : (
        <Notice>
          <p>
            {run.removed.by} took this run off the lists {ago(run.removed.at, frame.now)}. What it made stays, and so
            does this record.
          </p>
        </Notice>
      )}
      <div id="run-live" {...(run.events === null ? {} : live(run.events))}>
        <RunLive run={run} />
      </div>
      {run.events === null ? null : (
        <noscript>
          <p class="actions">
            <a href={`/runs/${run.id}`}>Look again</a>
          </p>
        </noscript>
      )}
      {run.error === null ? null : (
        <Problem title="The run failed">
          <p>{run.error.reason}</p>
          {run.error.problems.length === 0 ? null : (
            <ul>
              {run.error.problems.map((problem) => (
                <li>{problem}</li>
              ))}
            </ul>
          )}
        </Problem>
      )}
      <Actions run={run} />
      <div class="two">
        <Panel title="Result">
          <p>
            <a href={run.output.href}>{run.output.name}</a> <Badge>{run.output.status}</Badge>
          </p>
          <ul class="files">
            {run.files.map((file) => (
              <li>
                {file.name}
                <span>{bytes(file.size)}</span>
                <span class="note">
                  {file.rows === null ? null : `${count(file.rows)} rows, `}
                  SHA-256 <code title={file.sha256}>{digest(file.sha256)}</code>
                </span>
              </li>
            ))}
          </ul>
          <Replay run={run} now={frame.now} />
        </Panel>
        <Panel title="Record">
          <Facts
            facts={[
              ['Asked for', instant(run.createdAt)],
              ['Began', instant(run.startedAt)],
              ['Ended', instant(run.endedAt)],
              ['Attempts', count(run.attempts)],
              ['Worker', run.worker ?? DASH],
              ['Software', run.softwareVersion],
              ...run.metrics,
            ]}
          />
        </Panel>
      </div>
      <Panel title="Inputs">
        <ul class="files">
          {run.inputs.map((input) => (
            <li>
              {input.href === null ? input.name : <a href={input.href}>{input.name}</a>}
              <span>{input.file}</span>
              <span class="note">{input.columns}</span>
            </li>
          ))}
          {run.objects === null ? null : (
            <li>
              {run.objects.href === null ? run.objects.name : <a href={run.objects.href}>{run.objects.name}</a>}
              <span>{run.objects.file}</span>
            </li>
          )}
        </ul>
      </Panel>
      <Panel title="Configuration">
        <CodeBlock id="configuration" label="configuration" code={run.configuration} />
      </Panel>
      {run.rules === null ? null : <Rules rules={run.rules} />}
      <Panel title="Log">
        <CodeBlock id="run-log" label="log" code={run.log} tall />
      </Panel>
      {run.canChange ? <Comment run={run} /> : null}
    </div>
  </Layout>
)

/** When the news end, the page is loaded again: it shows the result then. */
const refreshed = (run: RunView) =>
  run.events === null
    ? {}
    : {
        'hx-get': `/runs/${run.id}`,
        'hx-trigger': 'end',
        'hx-target': '#content',
        'hx-select': '#content',
        'hx-swap': 'outerHTML show:none',
      }

const live = (events: string) => ({
  'hx-sse:connect': events,
  'hx-sse:close': 'end',
  'hx-target': 'this',
  // Changes what differs alone: who has come to the button with the keyboard stays there.
  'hx-swap': 'innerMorph show:none',
})

const Actions = ({ run }: { run: RunView }) => (
  <div class="actions">
    <ButtonLink href={`/pipelines/${run.pipeline.name}?from=${run.id}`}>Run again with changes</ButtonLink>
    <ButtonLink href={`/compare/runs?left=${run.id}`}>Compare with another run</ButtonLink>
    <ButtonLink href={`/runs/${run.id}/history`}>History</ButtonLink>
    {run.canChange && run.status === 'successful' ? (
      <form method="post" action={`/runs/${run.id}/replay`}>
        <Button>{run.replaying ? 'Replaying…' : 'Replay and verify'}</Button>
      </form>
    ) : null}
    {run.canChange && run.removed === null && ['successful', 'failed', 'stopped'].includes(run.status) ? (
      <Confirm
        id="delete-run"
        label="Delete"
        title="Take this run off the lists?"
        action={`/runs/${run.id}/delete`}
        confirm="Delete the run"
        danger
      >
        <p>What it made stays.</p>
      </Confirm>
    ) : null}
  </div>
)

const Rules = ({ rules }: { rules: RunRules }) => (
  <Panel title="Rules for flags">
    <Facts
      facts={[
        ['Rules', rules.name],
        ['Version', rules.version ?? DASH],
        ['SHA-256', <code title={rules.sha256}>{digest(rules.sha256)}</code>],
        ...rules.settings,
      ]}
    />
    <details class="numbers">
      <summary>The rules file</summary>
      <CodeBlock id="rules" label="rules file" code={rules.text} tall />
    </details>
  </Panel>
)

const Replay = ({ run, now }: { run: RunView; now: string }) => {
  if (run.replaying) return <Progress label="Replaying the run from its record" value={null} />
  if (run.replay === null) return null
  const { identical, at, madeBy, runMadeBy, differences } = run.replay
  return (
    <Notice kind={identical ? 'success' : 'problem'}>
      <p>
        <strong>{identical ? 'Replayed: identical.' : 'Replayed: it differs.'}</strong> {ago(at, now)}, with {madeBy}
        {runMadeBy === null ? null : `; the run itself was made with ${runMadeBy}`}.
      </p>
      {differences.length === 0 ? null : (
        <ul>
          {differences.map((difference) => (
            <li>{difference}</li>
          ))}
        </ul>
      )}
    </Notice>
  )
}

const Comment = ({ run }: { run: RunView }) => (
  <Panel title="Note">
    <form method="post" action={`/runs/${run.id}`}>
      <div class="field">
        <label for="field-comment">What you want to remember of this run</label>
        <textarea id="field-comment" name="comment" rows={2} maxlength={5000}>
          {`\n${run.comment ?? ''}`}
        </textarea>
      </div>
      <p class="actions">
        <Button>Save</Button>
      </p>
    </form>
  </Panel>
)
