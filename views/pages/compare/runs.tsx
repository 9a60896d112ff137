import { SelectField } from '../../components/field.tsx'
import { Panel } from '../../components/panel.tsx'
import type { Frame } from '../../frame.ts'
import { Differences, Folded, History, SideBySide, Things } from './differences.tsx'
import type { Choice, RunComparisonView, RunsView, Sides } from './model.ts'
import { CompareShell } from './shell.tsx'

/** `/compare/runs?left=…&right=…` */
export const CompareRunsPage = (props: {
  frame: Frame
  choices: readonly Choice[]
  left: string
  right: string
  comparison: RunComparisonView | null
}) => {
  const { frame, choices, left, right, comparison } = props
  const pick = (name: 'left' | 'right', label: string, value: string) => (
    <div>
      <SelectField name={name} label={label} value={value} choices={choices} empty="Choose a run" />
    </div>
  )
  return (
    <CompareShell
      frame={frame}
      what="runs"
      list={{ text: 'Runs', href: '/runs' }}
      action="/compare/runs"
      left={pick('left', 'One run', left)}
      right={pick('right', 'Another run', right)}
      choose="They are compared by what was asked, what they read and made, and with which code."
      comparison={comparison}
    >
      {comparison === null ? null : (
        <>
          <RunParts runs={comparison} sides={comparison} />
          <History title="Where their histories part" history={comparison.history} sides={comparison} />
        </>
      )}
    </CompareShell>
  )
}

/** What two runs were asked, read and made. */
export const RunParts = ({ runs, sides, of = '' }: { runs: RunsView; sides: Sides; of?: string }) => (
  <>
    <Differences
      title={of === '' ? 'The runs' : 'The runs that made them'}
      id="runs"
      differences={runs.facts}
      sides={sides}
      one="fact"
    />
    <Differences
      title={`Parameters${of}`}
      id="parameters"
      differences={runs.parameters}
      sides={sides}
      one="parameter"
    />
    <Things
      title={`Inputs${of}`}
      id="inputs"
      one="input"
      things={runs.inputs}
      sides={sides}
      empty="Neither run read anything."
    />
    {of === '' ? (
      <Things
        title="Outputs"
        id="outputs"
        one="output"
        things={runs.outputs}
        sides={sides}
        empty="Neither run has made a file."
      />
    ) : null}
    <Differences title={`What was counted${of}`} id="counts" differences={runs.metrics} sides={sides} one="number" />
    {runs.costs.length === 0 ? null : (
      <Panel title={`Time and memory${of}`} flush aside="never the same twice">
        <Folded summary="Show what each took">
          <SideBySide caption="Time and memory" differences={runs.costs} sides={sides} />
        </Folded>
      </Panel>
    )}
  </>
)
