import { CodeBlock } from '../../components/code-block.tsx'
import { Panel } from '../../components/panel.tsx'
import { ImportForm, type ImportProps } from '../product/import.tsx'
import { AdminShell } from './shell.tsx'

/** `/admin/transfer`: products from other servers, and how the whole log moves. */
export const TransferPage = (props: ImportProps) => (
  <AdminShell frame={props.frame} current="transfer">
    <div class="stack">
      <ImportForm {...props} title="Import a product" action="/admin/transfer" />
      <Panel title="Move the whole server">
        <p>
          Everything that ever happened moves as one NDJSON file, with a folder of all files: to another machine,
          another event store, or a newer version of the database. The commands run on the machine of the server. The
          import wants an empty store and no running server, and compares the chain at the end.
        </p>
        <CodeBlock
          id="export-log"
          label="Command that exports the log"
          code="npm run export -- log.ndjson --blobs files"
        />
        <CodeBlock
          id="import-log"
          label="Command that imports the log"
          code="npm run import -- log.ndjson --blobs files"
        />
      </Panel>
    </div>
  </AdminShell>
)
