import { Badge } from '../../components/badge.tsx'
import { Button } from '../../components/button.tsx'
import { DataTable } from '../../components/data-table.tsx'
import { CheckboxField, FormProblems, TextArea, TextField } from '../../components/field.tsx'
import { Panel } from '../../components/panel.tsx'
import { Empty } from '../../components/state.tsx'
import { count } from '../../format.ts'
import type { Frame } from '../../frame.ts'
import { AdminShell } from './shell.tsx'

export interface ReleaseRow {
  readonly name: string
  readonly displayName: string
  readonly description: string | null
  readonly isPublic: boolean
  readonly groups: readonly string[]
  readonly products: number
  /** The object catalog that training sets are matched with: its path, and whether it can be read. */
  readonly catalog: { readonly path: string; readonly rows: number | null; readonly problem: string | null } | null
  readonly retired: boolean
}

export interface ReleasesProps {
  readonly frame: Frame
  readonly releases: readonly ReleaseRow[]
  readonly errors: Readonly<Partial<Record<'name' | 'displayName' | 'catalog', string>>>
}

/** `/admin/releases`: data releases, who sees them, and their object catalogs. */
export const ReleasesPage = ({ frame, releases, errors }: ReleasesProps) => (
  <AdminShell frame={frame} current="releases">
    <FormProblems problems={Object.entries(errors).map(([field, text]) => ({ field, text: text ?? '' }))} />
    <div class="stack">
      <Panel title="Releases" flush>
        {releases.length === 0 ? (
          <Empty title="No releases yet">Define the first below.</Empty>
        ) : (
          <DataTable
            caption="Releases"
            captionHidden
            rows={releases}
            columns={[
              {
                header: 'Name',
                rowHeader: true,
                wide: true,
                cell: (release: ReleaseRow) => (
                  <>
                    {release.displayName} {release.retired ? <Badge>Retired</Badge> : null}
                    <small>
                      <code>{release.name}</code> {release.description}
                    </small>
                  </>
                ),
              },
              {
                header: 'Seen by',
                wide: true,
                cell: (release) => (release.isPublic ? 'everybody' : release.groups.join(', ') || 'everybody'),
              },
              { header: 'Products', numeric: true, cell: (release) => count(release.products) },
              { header: 'Object catalog', wide: true, cell: (release) => <Catalog release={release} /> },
              {
                header: <span class="aloud">Actions</span>,
                cell: (release) => (
                  <a href={`/admin/releases/${encodeURIComponent(release.name)}`}>
                    Edit<span class="aloud"> {release.displayName}</span>
                  </a>
                ),
              },
            ]}
          />
        )}
      </Panel>
      <Panel title="Define a release">
        <form class="form" method="post" action="/admin/releases">
          <TextField
            name="name"
            label="Name"
            required
            maxlength={100}
            help="Short, for programs: dp1."
            error={errors.name}
          />
          <TextField name="displayName" label="Display name" required maxlength={255} error={errors.displayName} />
          <TextArea name="description" label="Description" rows={3} />
          <TextField
            name="catalog"
            label="Object catalog"
            help="Path of a HATS catalog below one of the configured folders. Empty: none."
            error={errors.catalog}
          />
          <CheckboxField name="isPublic" label="Public" checked help="Seen by everybody with an account." />
          <p class="actions">
            <Button kind="main">Define</Button>
          </p>
        </form>
      </Panel>
    </div>
  </AdminShell>
)

const Catalog = ({ release: { catalog } }: { release: ReleaseRow }) =>
  catalog === null ? (
    <>none</>
  ) : (
    <>
      <code>{catalog.path}</code>
      {catalog.problem ? <p class="error">{catalog.problem}</p> : <small>{count(catalog.rows)} objects</small>}
    </>
  )
