import { Badge } from '../../components/badge.tsx'
import { Button } from '../../components/button.tsx'
import { DataTable } from '../../components/data-table.tsx'
import { Panel } from '../../components/panel.tsx'
import { Progress } from '../../components/progress.tsx'
import { Empty, Notice } from '../../components/state.tsx'
import { count, counted, duration, instant } from '../../format.ts'
import type { Frame } from '../../frame.ts'
import { AdminShell } from './shell.tsx'

export interface IntegrityCheck {
  readonly name: string
  /** What is compared with what. */
  readonly meaning: string
  readonly checked: number
  readonly problems: readonly string[]
}

export interface IntegrityProps {
  readonly frame: Frame
  readonly report: {
    readonly at: string
    readonly milliseconds: number
    readonly position: string
    /** What stands for the whole log in one hash; null when there is none. */
    readonly head: string | null
    readonly checks: readonly IntegrityCheck[]
  } | null
  /** When the last check could not be finished; the report is then of an earlier one. */
  readonly failedAt: string | null
  /** While a check is under way. */
  readonly running: { readonly what: string; readonly progress: number | null } | null
}

/** `/admin/integrity`: does the log verify, are all files there, do the read models say what the log says? */
export const IntegrityPage = ({ frame, report, failedAt, running }: IntegrityProps) => {
  const problems = report?.checks.reduce((sum, check) => sum + check.problems.length, 0) ?? 0
  return (
    <AdminShell frame={frame} current="integrity">
      <div class="stack">
        {running ? (
          <Panel title="A check is under way">
            <Progress label={running.what} value={running.progress} text={<a href="/admin/integrity">Look again</a>} />
          </Panel>
        ) : (
          <form class="actions" method="post" action="/admin/integrity">
            <Button kind="main">Check everything now</Button>
            <span class="muted">Reads the whole log and every file; the server goes on serving.</span>
          </form>
        )}
        {failedAt === null ? null : (
          <Notice kind="problem">
            The check of {instant(failedAt)} could not be finished. The reason is in the log of the server.
          </Notice>
        )}
        {report === null ? (
          <Empty title="Nothing has been checked yet">The first report will stand here.</Empty>
        ) : (
          <>
            <Notice kind={problems === 0 ? 'success' : 'problem'}>
              <p>
                <strong>
                  {problems === 0 ? 'Everything is as the log says' : `${counted(problems, 'problem')} found`}
                </strong>
                , up to position {report.position}, {instant(report.at)}, in {duration(report.milliseconds)}.
              </p>
              {report.head === null ? null : <p class="proof">head of the log {report.head}</p>}
            </Notice>
            <Panel title="Checks" flush>
              <DataTable
                caption="Checks"
                captionHidden
                rows={report.checks}
                columns={[
                  {
                    header: 'Check',
                    rowHeader: true,
                    wide: true,
                    cell: (check: IntegrityCheck) => (
                      <>
                        {check.name}
                        <small>{check.meaning}</small>
                        {check.problems.length > 0 ? (
                          <ul class="error">
                            {check.problems.slice(0, 50).map((problem) => (
                              <li>{problem}</li>
                            ))}
                          </ul>
                        ) : null}
                      </>
                    ),
                  },
                  { header: 'Checked', numeric: true, cell: (check) => count(check.checked) },
                  {
                    header: 'Result',
                    cell: (check) =>
                      check.problems.length === 0 ? (
                        <Badge tone="good">Good</Badge>
                      ) : (
                        <Badge tone="bad">{count(check.problems.length)} wrong</Badge>
                      ),
                  },
                ]}
              />
            </Panel>
          </>
        )}
      </div>
    </AdminShell>
  )
}
