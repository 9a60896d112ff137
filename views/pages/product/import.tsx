import { Button } from '../../components/button.tsx'
import { DropField, FormProblems } from '../../components/field.tsx'
import { Panel } from '../../components/panel.tsx'
import { UploadProgress } from '../../components/progress.tsx'
import { bytes } from '../../format.ts'
import type { Frame } from '../../frame.ts'
import { Layout } from '../../layout.tsx'

export interface ImportProps {
  readonly frame: Frame
  /** Most bytes of a bundle. */
  readonly fileLimit: number
  /** Why the bundle was refused: what in it is wrong. */
  readonly problem: string | null
}

/** `/product/import`: takes in a product that another server exported. */
export const ProductImportPage = (props: ImportProps) => (
  <Layout
    frame={props.frame}
    title="Import a product"
    crumbs={[{ text: 'Upload', href: '/product/new' }, { text: 'Import' }]}
  >
    <h1>Import a product</h1>
    <p class="lead">A product of another Photo-z Server becomes one of yours, with its files and its history.</p>
    <div class="stack">
      <ImportForm {...props} title="The bundle" action="/product/import" />
    </div>
  </Layout>
)

/** The form, and what happens to a bundle. */
export const ImportForm = ({ fileLimit, problem, title, action }: ImportProps & { title: string; action: string }) => (
  <>
    <FormProblems problems={problem === null ? [] : [{ field: 'bundle', text: `${problem} Nothing was stored.` }]} />
    <Panel title={title}>
      <form class="stack" method="post" action={action} enctype="multipart/form-data" data-upload="">
        <DropField
          name="bundle"
          label="Drop the bundle here, or choose it"
          required
          accept=".zip,application/zip"
          help={`The zip “Its files and history, for another server” from the provenance of the product there. Up to ${bytes(fileLimit)}.`}
          error={problem ?? undefined}
        />
        <UploadProgress />
        <p class="actions">
          <Button kind="main">Verify and import</Button>
        </p>
      </form>
    </Panel>
    <Panel title="What is checked, and what comes along">
      <ul>
        <li>
          Every event is checked against the hash of the one before it, and all of them against the checkpoint that the
          other server signed; every file against its digest. If anything was changed, nothing is stored and you are
          told what it was.
        </li>
        <li>
          Files, description and the roles of columns come along. The product is yours, with a number of this server; it
          is published if it was published there.
        </li>
        <li>
          The history there is kept byte for byte, below the history here. The release, the official mark and deletions
          stay behind: they were decisions of the other server.
        </li>
      </ul>
    </Panel>
  </>
)
