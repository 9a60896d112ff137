import { Button, ButtonLink } from '../../components/button.tsx'
import { DataTable } from '../../components/data-table.tsx'
import { Confirm } from '../../components/disclosure.tsx'
import { type Choice, DropField, FormProblems, SelectField } from '../../components/field.tsx'
import type { FileEntry } from '../../components/file-list.tsx'
import { Panel } from '../../components/panel.tsx'
import { UploadProgress } from '../../components/progress.tsx'
import { Empty, Notice } from '../../components/state.tsx'
import { bytes, digest } from '../../format.ts'
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

export interface ProductEditProps {
  readonly frame: Frame
  readonly internalName: string
  /** As it is stored; the form may hold another. */
  readonly displayName: string
  readonly typeName: string
  readonly values: MetadataForm
  readonly rules: MetadataRules
  readonly errors: FormErrors
  readonly files: readonly FileEntry[]
  /** Empty when the main file is no table. */
  readonly columns: readonly RoleRow[]
  readonly roles: readonly Choice[]
  readonly fileLimit: number
  /** The version that the form was filled from; goes back as `If-Match`, so that nobody's change is lost. */
  readonly revision: string
}

/** `/product/<…>/edit`: three forms, each saved by itself. */
export const ProductEditPage = (props: ProductEditProps) => {
  const path = `/product/${props.internalName}`
  return (
    <Layout
      frame={props.frame}
      title={`Edit ${props.displayName}`}
      crumbs={[{ text: 'Products', href: '/my_products' }, { text: props.displayName, href: path }, { text: 'Edit' }]}
    >
      <div class="page-head">
        <div>
          <h1>Edit {props.displayName}</h1>
          <p class="muted">{props.typeName}. Every change is kept in the history, and can be undone there.</p>
        </div>
        <ButtonLink href={path}>Back to the product</ButtonLink>
      </div>
      <FormProblems problems={Object.entries(props.errors).map(([field, text]) => ({ field, text: text ?? '' }))} />
      <div class="stack">
        <Panel title="What it is" id="metadata">
          <form class="form" method="post" action={`${path}/edit`} data-keep="">
            <MetadataFields values={props.values} rules={props.rules} errors={props.errors} />
            <p class="actions">
              <input type="hidden" name="revision" value={props.revision} />
              <Button kind="main">Save</Button>
            </p>
          </form>
        </Panel>
        <Panel title="Roles of the columns" id="columns" flush>
          {props.columns.length === 0 ? (
            <Empty title="The main file is not a table">So there are no columns to give roles to.</Empty>
          ) : (
            <form method="post" action={`${path}/edit/roles`} data-keep="">
              <input type="hidden" name="revision" value={props.revision} />
              <RoleTable id="roles" rows={props.columns} roles={props.roles} />
              <p class="pad actions">
                <Button kind="main">Save the roles</Button>
              </p>
            </form>
          )}
        </Panel>
        <Files {...props} path={path} />
      </div>
    </Layout>
  )
}

const Files = ({ files, path, fileLimit }: ProductEditProps & { path: string }) => (
  <Panel title="Files" id="files" flush>
    {files.length === 0 ? (
      <Empty title="No files yet">This entry holds the metadata alone.</Empty>
    ) : (
      <DataTable
        caption="Files of the product"
        captionHidden
        rows={files}
        columns={[
          {
            header: 'Name',
            rowHeader: true,
            wide: true,
            cell: (file: FileEntry) => <a href={file.href}>{file.name}</a>,
          },
          { header: 'Role', cell: (file) => file.role },
          { header: 'Size', numeric: true, cell: (file) => bytes(file.size) },
          { header: 'sha-256', mono: true, cell: (file) => <span title={file.sha256}>{digest(file.sha256)}</span> },
          {
            header: <span class="aloud">Actions</span>,
            cell: (file) =>
              file.role === 'main' ? null : (
                <Confirm
                  id={`remove-${file.id}`}
                  label={
                    <>
                      Remove<span class="aloud"> {file.name}</span>
                    </>
                  }
                  title={`Remove ${file.name}?`}
                  action={`${path}/edit/files/${file.id}/remove`}
                  confirm="Remove the file"
                  danger
                >
                  <p>It stays reachable in the earlier versions of the product.</p>
                </Confirm>
              ),
          },
        ]}
      />
    )}
    <div class="pad">
      <form class="stack" method="post" action={`${path}/edit/files`} enctype="multipart/form-data" data-upload="">
        <SelectField
          name="fileRole"
          label="Add or replace"
          value="auxiliary"
          choices={[
            { value: 'auxiliary', label: 'Auxiliary files' },
            { value: 'description', label: 'Description file' },
            {
              value: 'main',
              label: files.some(({ role }) => role === 'main') ? 'Main file: a new version' : 'Main file',
            },
          ]}
        />
        <DropField
          name="files"
          label="Drop files here, or choose them"
          multiple
          required
          help={`Up to ${bytes(fileLimit)} each.`}
        />
        <Notice>
          <p>
            A new main file makes a new version: the old one stays reachable, and the roles are kept where the names of
            the columns are the same.
          </p>
        </Notice>
        <UploadProgress />
        <p class="actions">
          <Button kind="main">Upload</Button>
        </p>
      </form>
    </div>
  </Panel>
)
