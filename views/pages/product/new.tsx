import { Button } from '../../components/button.tsx'
import { Confirm } from '../../components/disclosure.tsx'
import { type Choice, DropField, FormProblems } from '../../components/field.tsx'
import { type FileEntry, FileList } from '../../components/file-list.tsx'
import { Facts, Panel } from '../../components/panel.tsx'
import { UploadProgress } from '../../components/progress.tsx'
import { Loading, Notice, Problem } from '../../components/state.tsx'
import { bytes, count, instant } from '../../format.ts'
import type { Frame } from '../../frame.ts'
import { Layout } from '../../layout.tsx'
import {
  type FormErrors,
  MetadataFields,
  type MetadataForm,
  type MetadataRules,
  type RoleRow,
  RoleTable,
} from './form.tsx'

/** What the server found in the main file. */
export type InspectionView =
  | { readonly state: 'none' }
  | { readonly state: 'reading'; readonly fileName: string }
  | {
      readonly state: 'failed'
      readonly fileName: string
      /** Names the file, the line or column, and what to do. */
      readonly problem: string
      /** The type takes files that are no table: it can be published all the same. */
      readonly mayPublish: boolean
    }
  | {
      readonly state: 'done'
      readonly fileName: string
      /** "CSV, semicolons, with a header" */
      readonly format: string
      readonly size: number
      readonly rows: number
      readonly notes: readonly string[]
      /** What stands in the way of publishing, and what is only odd; with row numbers. */
      readonly problems: readonly {
        readonly serious: boolean
        readonly text: string
        /** The first ones. */
        readonly rows: readonly number[]
        /** Of all rows, when there are more than those. */
        readonly count?: number
      }[]
      readonly columns: readonly RoleRow[]
    }

/** A draft: what is stored already, and what is still missing. */
export interface Draft {
  readonly internalName: string
  readonly savedAt: string
  readonly inspection: InspectionView
  /** Description and auxiliary files. */
  readonly files: readonly FileEntry[]
  /** Why it cannot be published yet: "No column has the role z." */
  readonly missing: readonly string[]
}

export interface ProductNewProps {
  readonly frame: Frame
  readonly values: MetadataForm
  readonly rules: MetadataRules
  readonly errors: FormErrors
  /** Null before the first upload. */
  readonly draft: Draft | null
  readonly roles: readonly Choice[]
  /** Most bytes of one file. */
  readonly fileLimit: number
  /** Other drafts of the person. */
  readonly otherDrafts: readonly {
    readonly internalName: string
    readonly displayName: string
    readonly savedAt: string
  }[]
}

/**
 * `/product/new` and `/product/<id>/draft`: everything on one page. Without scripts the same forms post: first the file,
 * which makes the draft; then roles and metadata, with "Save the draft" or "Publish".
 */
export const ProductNewPage = (props: ProductNewProps) => {
  const { frame, draft, otherDrafts } = props
  const here = draft ? `/product/${draft.internalName}/draft` : '/product/new'
  const hasRoles = draft?.inspection.state === 'done'
  return (
    <Layout
      frame={frame}
      title="Upload a product"
      crumbs={[{ text: 'Products', href: '/my_products' }, { text: draft ? 'Draft' : 'Upload' }]}
    >
      <div class="page-head">
        <div>
          <h1>{draft && props.values.displayName ? props.values.displayName : 'Upload a product'}</h1>
          <p class="muted">
            {draft
              ? `Draft, saved ${instant(draft.savedAt)}. You can leave this page and come back.`
              : 'Drop the file: it is inspected at once, and nothing is published before you say so.'}
          </p>
        </div>
        {draft ? (
          <Confirm
            id="discard"
            label="Discard"
            title="Discard this draft?"
            action={`${here}/discard`}
            confirm="Discard the draft"
            danger
          >
            <p>Its files are taken away. Nobody else has seen it.</p>
          </Confirm>
        ) : null}
      </div>
      <FormProblems problems={Object.entries(props.errors).map(([field, text]) => ({ field, text: text ?? '' }))} />
      {draft === null && otherDrafts.length > 0 ? <OtherDrafts drafts={otherDrafts} /> : null}
      <div class="stack">
        <Panel title="1. The data" id="data">
          <MainFile {...props} here={here} />
          {draft ? null : (
            <p class="muted">
              From another Photo-z Server? <a href="/product/import">Import it with its history</a>.
            </p>
          )}
        </Panel>
        {draft?.inspection.state === 'done' ? (
          <Roles inspection={draft.inspection} roles={props.roles} here={here} />
        ) : null}
        {draft ? <MoreFiles draft={draft} number={hasRoles ? 3 : 2} here={here} fileLimit={props.fileLimit} /> : null}
        <Panel title={draft ? `${hasRoles ? 4 : 3}. What it is` : '2. Or an entry without a file'} id="metadata">
          {draft ? null : (
            <p class="muted">
              For data that lie elsewhere, or are larger than {bytes(props.fileLimit)}: describe them here, and say
              where they are.
            </p>
          )}
          <form class="form" method="post" action={here} id="publish-form" data-keep="">
            <MetadataFields values={props.values} rules={props.rules} errors={props.errors} />
            {draft && draft.missing.length > 0 ? (
              <Notice kind="warning">
                <p>Before it can be published:</p>
                <ul>
                  {draft.missing.map((text) => (
                    <li>{text}</li>
                  ))}
                </ul>
              </Notice>
            ) : null}
            <p class="actions">
              <Button kind="main" name="intent" value="publish">
                Publish
              </Button>
              <Button name="intent" value="save">
                Save the draft
              </Button>
            </p>
          </form>
        </Panel>
      </div>
    </Layout>
  )
}

const MainFile = ({ draft, fileLimit, here }: ProductNewProps & { here: string }) => {
  const inspection = draft?.inspection ?? { state: 'none' }
  const form = (label: string) => (
    <form
      class="stack"
      method="post"
      action={`${here}/main-file`}
      enctype="multipart/form-data"
      data-upload=""
      data-upload-with={draft ? 'publish-form' : undefined}
    >
      <DropField
        name="mainFile"
        label={label}
        required
        multiple={draft === null}
        help={`CSV, FITS, HDF5, Parquet, VOTable, or a zip of a HATS catalog; other files for types without a table. Up to ${bytes(fileLimit)}.`}
      />
      <UploadProgress />
      <p class="actions">
        <Button kind={inspection.state === 'none' ? 'main' : 'plain'}>Upload and inspect</Button>
      </p>
    </form>
  )
  switch (inspection.state) {
    case 'none':
      return form('Drop the main file here, or choose it; several files make several drafts')
    case 'reading':
      return (
        <Loading title={`Reading ${inspection.fileName}`} href={here}>
          Its rows are counted and its columns looked through. You can go on with the description below.
        </Loading>
      )
    case 'failed':
      return (
        <>
          <Problem title={`${inspection.fileName} cannot be read as a table`}>
            <p>{inspection.problem}</p>
            {inspection.mayPublish ? <p>This type of product needs no table: it can be published as it is.</p> : null}
          </Problem>
          {form('Drop another file here, or choose it')}
        </>
      )
    case 'done':
      return (
        <>
          <Facts
            facts={[
              ['File', <code>{inspection.fileName}</code>],
              ['Format', inspection.format],
              ['Size', bytes(inspection.size)],
              ['Rows', count(inspection.rows)],
              ['Columns', count(inspection.columns.length)],
            ]}
          />
          {inspection.notes.length > 0 ? (
            <Notice>
              {inspection.notes.map((note) => (
                <p>{note}</p>
              ))}
            </Notice>
          ) : null}
          {inspection.rows === 0 ? (
            <Notice kind="warning">
              <p>The table has no rows: only the names of its columns.</p>
            </Notice>
          ) : (
            <FoundProblems problems={inspection.problems} />
          )}
          <details>
            <summary>Use another file</summary>
            {form('Drop the file that takes its place')}
          </details>
        </>
      )
  }
}

const FoundProblems = ({ problems }: { problems: (InspectionView & { state: 'done' })['problems'] }) =>
  problems.length === 0 ? (
    <Notice kind="success">
      <p>No problems found in the values.</p>
    </Notice>
  ) : (
    problems.map((problem) => (
      <Notice kind={problem.serious ? 'problem' : 'warning'}>
        <p>{problem.text}</p>
        {problem.rows.length > 0 ? (
          <FoundRows rows={problem.rows.slice(0, 12)} all={problem.count ?? problem.rows.length} />
        ) : null}
      </Notice>
    ))
  )

const FoundRows = ({ rows, all }: { rows: readonly number[]; all: number }) => (
  <p>
    {all === 1 ? 'Row' : 'Rows'} {rows.map(count).join(', ')}
    {all > rows.length ? ` and ${count(all - rows.length)} more` : ''}
  </p>
)

/** The controls belong to the form of the metadata: whatever is pressed, nothing that was chosen or typed is lost. */
const Roles = (props: { inspection: InspectionView & { state: 'done' }; roles: readonly Choice[]; here: string }) => (
  <Panel title="2. The roles of the columns" id="columns" flush>
    <p class="pad muted">
      Pipelines, plots and the Python client find columns by their roles. Suggestions come from the names and the
      values; check them.
    </p>
    <RoleTable id="roles" rows={props.inspection.columns} roles={props.roles} form="publish-form" />
    <p class="pad actions">
      <button
        class="btn"
        type="submit"
        form="publish-form"
        name="intent"
        value="save"
        formaction={`${props.here}/roles`}
      >
        Save the roles
      </button>
    </p>
  </Panel>
)

const MoreFiles = (props: { draft: Draft; number: number; here: string; fileLimit: number }) => {
  const { draft, number, here, fileLimit } = props
  return (
    <Panel title={`${number}. Description and auxiliary files`} id="files">
      {draft.files.length > 0 ? (
        <FileList files={draft.files.map((file) => ({ ...file, note: <RemoveFile file={file} here={here} /> }))} />
      ) : null}
      <form
        class="stack"
        method="post"
        action={`${here}/files`}
        enctype="multipart/form-data"
        data-upload=""
        data-upload-with="publish-form"
      >
        <DropField
          name="files"
          label="Drop files here, or choose them"
          multiple
          help={`Optional. Notebooks, configurations, plots; an HTML file is shown as the description. Up to ${bytes(fileLimit)} each.`}
        />
        <UploadProgress />
        <p class="actions">
          <Button>Upload</Button>
        </p>
      </form>
    </Panel>
  )
}

const RemoveFile = ({ file, here }: { file: FileEntry; here: string }) => (
  <form method="post" action={`${here}/files/${file.id}/remove`}>
    <button class="btn quiet" type="submit">
      Remove<span class="aloud"> {file.name}</span>
    </button>
  </form>
)

const OtherDrafts = ({ drafts }: { drafts: ProductNewProps['otherDrafts'] }) => (
  <Notice>
    <p>You have {drafts.length === 1 ? 'a draft' : `${drafts.length} drafts`}:</p>
    <ul>
      {drafts.map((draft) => (
        <li>
          <a href={`/product/${draft.internalName}/draft`}>{draft.displayName}</a>, saved {instant(draft.savedAt)}
        </li>
      ))}
    </ul>
  </Notice>
)
