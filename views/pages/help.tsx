import { raw } from 'hono/html'
import type { Child } from 'hono/jsx'
import { CodeBlock } from '../components/code-block.tsx'
import { DataTable } from '../components/data-table.tsx'
import { Panel } from '../components/panel.tsx'
import type { Frame } from '../frame.ts'
import { Layout } from '../layout.tsx'

/** A chapter of the help. */
export interface HelpChapter {
  readonly href: string
  readonly title: string
}

export interface HelpProps {
  readonly frame: Frame
  readonly title: string
  /** All chapters, for the list beside the text. */
  readonly chapters: readonly HelpChapter[]
  /** Address of this one. */
  readonly current: string
  /** Rendered from our own Markdown by the caller. */
  readonly html: string
}

/** `/help` and its chapters: a guide with a list of chapters beside the text. */
export const HelpPage = ({ frame, title, chapters, current, html }: HelpProps) => (
  <Shell frame={frame} title={title} chapters={chapters} current={current}>
    <div class="prose">{raw(html)}</div>
  </Shell>
)

const Shell = (props: Omit<HelpProps, 'html'> & { children?: Child }) => (
  <Layout frame={props.frame} title={props.title} crumbs={[{ text: 'Help', href: '/help' }, { text: props.title }]}>
    <h1>{props.title}</h1>
    <div class="with-side">
      <nav class="facets" aria-label="Chapters">
        <ul>
          {props.chapters.map((chapter) => (
            <li>
              <a href={chapter.href} aria-current={chapter.href === props.current ? 'page' : undefined}>
                {chapter.title}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <article>{props.children}</article>
    </div>
  </Layout>
)

/** An operation of the API, taken from its OpenAPI document by the caller. */
export interface ApiOperation {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly summary: string
  readonly parameters: readonly {
    readonly name: string
    readonly where: string
    readonly type: string
    readonly required: boolean
    readonly description: string
  }[]
  readonly responses: readonly { readonly status: string; readonly description: string }[]
  readonly example: string | null
}

export interface ApiReferenceProps extends Omit<HelpProps, 'html'> {
  readonly openApiHref: string
  readonly groups: readonly { readonly name: string; readonly operations: readonly ApiOperation[] }[]
}

/** `/help/api`: the reference of the HTTP API. */
export const ApiReferencePage = ({ groups, openApiHref, ...shell }: ApiReferenceProps) => (
  <Shell {...shell}>
    <p class="lead">
      Everything on these pages can be done by programs. The <a href={openApiHref}>OpenAPI document</a> says the same
      for machines.
    </p>
    <div class="stack">
      {groups.map((group) => (
        <section class="stack">
          <h2>{group.name}</h2>
          {group.operations.map((operation) => (
            <Operation operation={operation} />
          ))}
        </section>
      ))}
    </div>
  </Shell>
)

const Operation = ({ operation }: { operation: ApiOperation }) => (
  <Panel
    id={operation.id}
    level={3}
    title={
      <code>
        {operation.method} {operation.path}
      </code>
    }
    flush
  >
    <p class="pad">{operation.summary}</p>
    {operation.parameters.length > 0 ? (
      <DataTable
        caption={`Parameters of ${operation.method} ${operation.path}`}
        captionHidden
        rows={operation.parameters}
        columns={[
          { header: 'Parameter', rowHeader: true, mono: true, cell: (one) => one.name },
          { header: 'In', cell: (one) => one.where },
          { header: 'Type', cell: (one) => `${one.type}${one.required ? ', required' : ''}` },
          { header: 'What it is', wide: true, cell: (one) => one.description },
        ]}
      />
    ) : null}
    <DataTable
      caption={`Answers of ${operation.method} ${operation.path}`}
      captionHidden
      rows={operation.responses}
      columns={[
        { header: 'Answer', rowHeader: true, mono: true, cell: (one) => one.status },
        { header: 'When', wide: true, cell: (one) => one.description },
      ]}
    />
    {operation.example ? (
      <div class="pad">
        <CodeBlock
          id={`${operation.id}-example`}
          code={operation.example}
          label={`Example of ${operation.method} ${operation.path}`}
        />
      </div>
    ) : null}
  </Panel>
)
