import { Button } from '../../components/button.tsx'
import { SelectField } from '../../components/field.tsx'
import { Panel } from '../../components/panel.tsx'
import { Empty } from '../../components/state.tsx'
import type { Frame } from '../../frame.ts'
import { Layout } from '../../layout.tsx'
import { Differences, Folded, History, SideBySide, SideLinks, Things } from './differences.tsx'
import type { Choice, RunComparisonView, RunsView, Sides } from './model.ts'

/** `/compare/runs?left=…&right=…` */
export const CompareRunsPage = (props: {
  frame: Frame
  choices: readonly Choice[]
  left: string
  right: string
  comparison: RunComparisonView | null
}) => {
  const { frame, choices, left, right, comparison } = props
  return (
    <Layout
      frame={frame}
      title={comparison === null ? 'Compare two runs' : `${comparison.left.label} and ${comparison.right.label}`}
      crumbs={[{ text: 'Runs', href: '/runs' }, { text: 'Compare' }]}
    >
      <div class="stack">
        <h1>Compare two runs</h1>
        {comparison === null ? null : <SideLinks comparison={comparison} />}
        <Panel title="Which">
          <form class="stack" method="get" action="/compare/runs">
            <div class="columns">
              <div>
                <SelectField name="left" label="One run" value={left} choices={choices} empty="Choose a run" />
              </div>
              <div>
                <SelectField name="right" label="Another run" value={right} choices={choices} empty="Choose a run" />
              </div>
            </div>
            <p class="actions">
              <Button kind="main">Compare</Button>
            </p>
          </form>
        </Panel>
        {comparison === null ? (
          <Empty title="Choose two runs">
            They are compared by what was asked, what they read and made, and with which code.
          </Empty>
        ) : (
          <>
            <RunParts runs={comparison} sides={comparison} />
            <History title="Where their histories part" history={comparison.history} sides={comparison} />
          </>
        )}
      </div>
    </Layout>
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
