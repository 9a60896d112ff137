import { Badge } from '../../components/badge.tsx'
import { Button } from '../../components/button.tsx'
import { DataTable } from '../../components/data-table.tsx'
import { Confirm } from '../../components/disclosure.tsx'
import {
  CheckboxField,
  CheckboxGroup,
  type Choice,
  FormProblems,
  TextArea,
  TextField,
} from '../../components/field.tsx'
import { Panel } from '../../components/panel.tsx'
import { Empty } from '../../components/state.tsx'
import { count } from '../../format.ts'
import type { Frame } from '../../frame.ts'
import { AdminShell } from './shell.tsx'

export interface ReleaseRow {
  readonly id: number
  readonly name: string
  readonly displayName: string
  readonly description: string | null
  readonly isPublic: boolean
  readonly groups: readonly string[]
  readonly products: number
  /** The object catalogs that training sets are matched with. */
  readonly catalogs: readonly ('magnitudes' | 'fluxes')[]
  readonly retired: boolean
}

/** What can be said of a release; the same fields when it is new and when it is changed. */
export interface ReleaseForm {
  readonly name: string
  readonly displayName: string
  readonly description: string
  readonly indexingColumn: string
  readonly hasMagHats: boolean
  readonly hasFluxHats: boolean
  readonly isPublic: boolean
  /** Ids of groups. */
  readonly groups: readonly string[]
}
export type ReleaseErrors = Readonly<Partial<Record<keyof ReleaseForm, string>>>

export interface ReleasesProps {
  readonly frame: Frame
  readonly releases: readonly ReleaseRow[]
  readonly values: ReleaseForm
  readonly groups: readonly Choice[]
  readonly errors: ReleaseErrors
}

/** `/admin/releases`: data releases, who sees them, and their object catalogs. */
export const ReleasesPage = ({ frame, releases, values, groups, errors }: ReleasesProps) => (
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
              { header: 'Object catalogs', cell: (release) => release.catalogs.join(', ') || '—' },
              {
                header: <span class="aloud">Actions</span>,
                cell: (release) => (
                  <>
                    <a href={`/admin/releases/${release.id}`}>
                      Edit<span class="aloud"> {release.displayName}</span>
                    </a>
                    {' · '}
                    <a href={`/releases/${release.id}#history`}>
                      History<span class="aloud"> of {release.displayName}</span>
                    </a>
                  </>
                ),
              },
            ]}
          />
        )}
      </Panel>
      <Panel title="Define a release">
        <form class="form" method="post" action="/admin/releases">
          <ReleaseFields values={values} groups={groups} errors={errors} />
          <p class="actions">
            <Button kind="main">Define</Button>
          </p>
        </form>
      </Panel>
    </div>
  </AdminShell>
)

const ReleaseFields = (props: { values: ReleaseForm; groups: readonly Choice[]; errors: ReleaseErrors }) => {
  const { values, groups, errors } = props
  return (
    <>
      <TextField
        name="name"
        label="Name"
        value={values.name}
        required
        maxlength={64}
        help="Short, for programs: dp1. Also the folder of its object catalogs."
        error={errors.name}
      />
      <TextField
        name="displayName"
        label="Display name"
        value={values.displayName}
        required
        maxlength={255}
        error={errors.displayName}
      />
      <TextArea name="description" label="Description" value={values.description} rows={3} error={errors.description} />
      <TextField
        name="indexingColumn"
        label="Id column of its object catalogs"
        value={values.indexingColumn}
        required
        maxlength={255}
        error={errors.indexingColumn}
      />
      <CheckboxField
        name="hasMagHats"
        label="It has an object catalog with magnitudes"
        checked={values.hasMagHats}
        error={errors.hasMagHats}
      />
      <CheckboxField
        name="hasFluxHats"
        label="It has an object catalog with fluxes"
        checked={values.hasFluxHats}
        error={errors.hasFluxHats}
      />
      <CheckboxField
        name="isPublic"
        label="Public"
        checked={values.isPublic}
        help="Seen by everybody with an account."
        error={errors.isPublic}
      />
      {groups.length === 0 ? null : (
        <CheckboxGroup
          name="groups"
          label="Otherwise seen by the members of"
          chosen={values.groups}
          choices={groups}
          help="A release that is not public and names no group is seen by everybody, too."
          error={errors.groups}
        />
      )}
    </>
  )
}

export interface ReleaseProps {
  readonly frame: Frame
  readonly id: number
  readonly retired: boolean
  readonly values: ReleaseForm
  readonly groups: readonly Choice[]
  readonly errors: ReleaseErrors
}

/** `/admin/releases/<name>`: change a release, retire it, or bring it back. */
export const ReleasePage = ({ frame, id, retired, values, groups, errors }: ReleaseProps) => (
  <AdminShell frame={frame} current="releases">
    <FormProblems problems={Object.entries(errors).map(([field, text]) => ({ field, text: text ?? '' }))} />
    <Panel title={values.displayName} aside={retired ? <Badge>Retired</Badge> : null}>
      <form class="form" method="post" action={`/admin/releases/${id}`}>
        <ReleaseFields values={values} groups={groups} errors={errors} />
        <p class="actions">
          <Button kind="main">Save</Button>
          <a class="btn" href="/admin/releases">
            Cancel
          </a>
        </p>
      </form>
      {retired ? (
        <form class="actions" method="post" action={`/admin/releases/${id}/restore`}>
          <Button>Bring it back</Button>
          <span class="muted">It can be chosen again. Products that belong to it stay as they are.</span>
        </form>
      ) : (
        <Confirm
          id="retire"
          label="Retire"
          title={`Retire “${values.displayName}”?`}
          action={`/admin/releases/${id}/retire`}
          confirm="Retire the release"
          danger
        >
          <p>It can no longer be chosen, until you bring it back. Products that belong to it stay as they are.</p>
        </Confirm>
      )}
    </Panel>
  </AdminShell>
)
