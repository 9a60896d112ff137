import type { Child } from 'hono/jsx'
import { Button, ButtonLink } from '../../components/button.tsx'
import { FormProblems, TextArea, TextField } from '../../components/field.tsx'
import { Notice } from '../../components/state.tsx'
import type { Frame } from '../../frame.ts'
import { Layout } from '../../layout.tsx'
import { type FieldProblem, fieldsOf, labelOf } from './fields.ts'

/** What the form of every pipeline has. */
export interface RequestFormProps {
  readonly frame: Frame
  readonly pipeline: { readonly displayName: string; readonly description: string; readonly action: string }
  /** The run that the form was filled from. */
  readonly from: { readonly id: number; readonly name: string } | null
  /** What that run was made of and can no longer be chosen, by name. */
  readonly leftOut?: readonly string[]
  readonly problems: readonly FieldProblem[]
  /** After "Check": what would run. */
  readonly summary: readonly string[] | null
}

interface Props extends RequestFormProps {
  readonly name: string
  readonly description: string
  /** What the run makes, e.g. "the catalog". */
  readonly product: string
  readonly children?: Child
}

/** The page on which a run of a pipeline is asked for; its own fields are the children. */
export const RequestForm = ({ frame, pipeline, from, leftOut = [], problems, summary, children, ...typed }: Props) => (
  <Layout
    frame={frame}
    title={pipeline.displayName}
    crumbs={[{ text: 'Pipelines', href: '/pipelines' }, { text: pipeline.displayName }]}
  >
    <h1>{pipeline.displayName}</h1>
    <p class="lead">{pipeline.description}</p>
    {from ? (
      <Notice>
        <p>
          Filled in from the run <a href={`/runs/${from.id}`}>{from.name}</a>. Change what you like.
        </p>
      </Notice>
    ) : null}
    {leftOut.length > 0 ? (
      <Notice kind="problem">
        {leftOut.map((name) => (
          <p>{name} is no longer published; it was left out.</p>
        ))}
      </Notice>
    ) : null}
    <FormProblems problems={problems.map(withLabel)} />
    {summary ? (
      <Notice kind="success">
        <p>
          <strong>Nothing is wrong with it. This will run:</strong>
        </p>
        <ul>
          {summary.map((line) => (
            <li>{line}</li>
          ))}
        </ul>
      </Notice>
    ) : null}
    <form class="form" method="post" action={pipeline.action} enctype="multipart/form-data">
      {from ? <input type="hidden" name="from" value={String(from.id)} /> : null}
      <TextField
        {...fieldsOf(problems)('display_name')}
        help={`Of the run, and of ${typed.product} that it makes.`}
        value={typed.name}
        maxlength={255}
        required
      />
      <TextArea
        {...fieldsOf(problems)('description')}
        help={`Of ${typed.product}. Markdown.`}
        value={typed.description}
        rows={3}
      />
      {children}
      <p class="actions">
        <Button kind="main" name="intent" value="run">
          Run
        </Button>
        <Button name="intent" value="check">
          Check, without running
        </Button>
        <ButtonLink href="/pipelines" kind="quiet">
          Cancel
        </ButtonLink>
      </p>
    </form>
  </Layout>
)

/** On top of the form the reader does not see which field is meant. */
const withLabel = ({ field, text }: FieldProblem) =>
  field === undefined ? { text } : { field, text: `${labelOf(field)}: ${text}` }
