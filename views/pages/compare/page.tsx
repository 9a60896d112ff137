import type { Frame } from '../../frame.ts'
import { Columns, Differences, History, Things } from './differences.tsx'
import type { Choice, ProductComparisonView, ProductPick } from './model.ts'
import { Rows } from './rows.tsx'
import { RunParts } from './runs.tsx'
import { CompareShell } from './shell.tsx'

/** `/compare?left=…&right=…` */
export const ComparePage = (props: {
  frame: Frame
  left: ProductPick
  right: ProductPick
  /** Products that the form suggests. */
  choices: readonly Choice[]
  /** Where both sides change places. */
  swapHref: string | null
  comparison: ProductComparisonView | null
}) => {
  const { frame, left, right, choices, swapHref, comparison } = props
  return (
    <CompareShell
      frame={frame}
      what="products"
      list={{ text: 'Products', href: '/products' }}
      action="/compare"
      swapHref={swapHref}
      left={<Pick name="left" label="One product" pick={left} choices={choices} />}
      right={<Pick name="right" label="The other, or the same at another moment" pick={right} choices={choices} />}
      choose="They are compared by what is said of them, their files, columns and rows, how they were made, and the first event at which their histories part."
      comparison={comparison}
    >
      {comparison === null ? null : <Comparison comparison={comparison} />}
    </CompareShell>
  )
}

const Comparison = ({ comparison }: { comparison: ProductComparisonView }) => (
  <>
    <Differences title="What is said of them" id="facts" differences={comparison.facts} sides={comparison} one="fact" />
    <Things
      title="Files"
      id="files"
      things={comparison.files}
      sides={comparison}
      one="file"
      empty="Neither has a file."
    />
    <Rows rows={comparison.rows} sides={comparison} />
    <Columns columns={comparison.columns} sides={comparison} />
    {comparison.runs === null ? null : <RunParts runs={comparison.runs} sides={comparison} of=" of their runs" />}
    <History title="Where their histories part" history={comparison.history} sides={comparison} />
  </>
)

interface PickProps {
  readonly name: 'left' | 'right'
  readonly label: string
  readonly pick: ProductPick
  readonly choices: readonly Choice[]
}

const Pick = ({ name, label, pick, choices }: PickProps) => (
  <div>
    <div class={pick.problem === null ? 'field' : 'field wrong'}>
      <label for={`field-${name}`}>{label}</label>
      <span class="control">
        <input
          id={`field-${name}`}
          name={name}
          type="search"
          value={pick.value}
          list={`${name}-choices`}
          autocomplete="off"
          placeholder="Name, or words to look for"
          aria-describedby={pick.problem === null ? undefined : `field-${name}-error`}
          aria-invalid={pick.problem === null ? undefined : 'true'}
          hx-get="/compare/choices"
          hx-trigger="input changed delay:300ms"
          hx-target={`#${name}-choices`}
          hx-swap="innerHTML show:none"
        />
        <datalist id={`${name}-choices`}>
          <Choices choices={choices} />
        </datalist>
      </span>
      {pick.problem === null ? null : (
        <p class="error" id={`field-${name}-error`}>
          {pick.problem}
        </p>
      )}
    </div>
    {pick.matches.length === 0 ? null : (
      <ul class="plain-list">
        {pick.matches.map((match) => (
          <li>
            <a href={match.href}>{match.label}</a> <span class="muted">{match.note}</span>
          </li>
        ))}
      </ul>
    )}
    <div class={pick.momentProblem === null ? 'field' : 'field wrong'}>
      <label for={`field-${name}_as_of`}>as of</label>
      <span class="control">
        <input
          id={`field-${name}_as_of`}
          name={`${name}_as_of`}
          value={pick.asOf}
          list={`${name}-moments`}
          autocomplete="off"
          placeholder="today"
          aria-describedby={`field-${name}_as_of-help`}
          aria-invalid={pick.momentProblem === null ? undefined : 'true'}
        />
        <datalist id={`${name}-moments`}>
          <Choices choices={pick.moments} />
        </datalist>
      </span>
      <p class={pick.momentProblem === null ? 'help' : 'error'} id={`field-${name}_as_of-help`}>
        {pick.momentProblem ?? 'A date, a time or a position in the log. Empty: as it is today.'}
      </p>
    </div>
  </div>
)

/** What a field suggests. */
export const Choices = ({ choices }: { choices: readonly Choice[] }) => (
  <>
    {choices.map(({ value, label }) => (
      <option value={value}>{label}</option>
    ))}
  </>
)
