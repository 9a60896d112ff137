import { Badge } from '../../components/badge.tsx'
import { Button } from '../../components/button.tsx'
import { DataTable } from '../../components/data-table.tsx'
import { Confirm } from '../../components/disclosure.tsx'
import { CheckboxField, CheckboxGroup, FormProblems, TextField } from '../../components/field.tsx'
import { type Page, Pager } from '../../components/pager.tsx'
import { Panel } from '../../components/panel.tsx'
import { Empty } from '../../components/state.tsx'
import { ago, bytes, count } from '../../format.ts'
import type { Frame } from '../../frame.ts'
import type { Place } from '../../links.ts'
import { AdminShell } from './shell.tsx'

export interface Person {
  readonly id: string
  readonly username: string
  readonly displayName: string
  readonly isAdmin: boolean
  readonly groups: readonly string[]
  readonly active: boolean
  readonly products: number
  /** Bytes stored, and the most allowed; null: no limit. */
  readonly used: number
  readonly quota: number | null
  readonly lastSeenAt: string | null
}

export interface PeopleProps {
  readonly frame: Frame
  readonly place: Place
  readonly ordering: string
  readonly page: Page
  readonly people: readonly Person[]
  readonly groups: readonly { readonly name: string; readonly members: number; readonly releases: readonly string[] }[]
  /** What was typed in a form that was refused. */
  readonly typed: Readonly<Partial<Record<'username' | 'displayName' | 'groupName', string>>>
  readonly errors: Readonly<Partial<Record<'username' | 'displayName' | 'password' | 'groupName', string>>>
}

/** `/admin`: people and groups. */
export const PeoplePage = (props: PeopleProps) => (
  <AdminShell frame={props.frame} current="people">
    <FormProblems problems={Object.entries(props.errors).map(([field, text]) => ({ field, text: text ?? '' }))} />
    <div class="stack">
      <Panel title="People" flush>
        <DataTable
          caption="People"
          captionHidden
          rows={props.people}
          sorted={{ place: props.place, ordering: props.ordering }}
          columns={[
            {
              header: 'Name',
              sort: 'username',
              rowHeader: true,
              wide: true,
              cell: (person: Person) => (
                <>
                  {person.displayName} {person.isAdmin ? <Badge tone="accent">Admin</Badge> : null}{' '}
                  {person.active ? null : <Badge tone="warn">Locked</Badge>}
                  <small>{person.username}</small>
                </>
              ),
            },
            { header: 'Groups', wide: true, cell: (person) => person.groups.join(', ') || '—' },
            { header: 'Products', sort: 'products', numeric: true, cell: (person) => count(person.products) },
            {
              header: 'Stored',
              sort: 'used',
              numeric: true,
              cell: (person) => `${bytes(person.used)}${person.quota === null ? '' : ` of ${bytes(person.quota)}`}`,
            },
            {
              header: 'Last seen',
              sort: 'lastSeenAt',
              numeric: true,
              cell: (person) => ago(person.lastSeenAt, props.frame.now),
            },
            {
              header: <span class="aloud">Actions</span>,
              cell: (person) => (
                <a href={`/admin/people/${person.id}`}>
                  Edit<span class="aloud"> {person.displayName}</span>
                </a>
              ),
            },
          ]}
        />
        <Pager page={props.page} place={props.place} label="Pages of people" />
      </Panel>
      <div class="two">
        <Panel title="Add a person">
          <form class="form" method="post" action="/admin/people">
            <TextField
              name="username"
              label="User name"
              value={props.typed.username ?? ''}
              required
              maxlength={150}
              autocomplete="off"
              error={props.errors.username}
            />
            <TextField
              name="displayName"
              label="Display name"
              value={props.typed.displayName ?? ''}
              required
              maxlength={150}
              error={props.errors.displayName}
            />
            <TextField
              name="password"
              label="First password"
              type="password"
              autocomplete="new-password"
              required
              help="At least 8 characters. Tell them to change it."
              error={props.errors.password}
            />
            <CheckboxField name="isAdmin" label="Administrator" />
            <p class="actions">
              <Button kind="main">Add</Button>
            </p>
          </form>
        </Panel>
        <Panel title="Groups" flush>
          {props.groups.length === 0 ? (
            <Empty title="No groups yet">A release can be limited to groups.</Empty>
          ) : (
            <DataTable
              caption="Groups"
              captionHidden
              rows={props.groups}
              columns={[
                { header: 'Name', rowHeader: true, wide: true, cell: (group) => group.name },
                { header: 'Members', numeric: true, cell: (group) => count(group.members) },
                { header: 'Sees the releases', wide: true, cell: (group) => group.releases.join(', ') || '—' },
                {
                  header: <span class="aloud">Actions</span>,
                  cell: (group) => (
                    <Confirm
                      id={`delete-${group.name}`}
                      label={
                        <>
                          Delete<span class="aloud"> {group.name}</span>
                        </>
                      }
                      title={`Delete the group “${group.name}”?`}
                      action="/admin/groups/delete"
                      hidden={{ name: group.name }}
                      confirm="Delete the group"
                      danger
                    >
                      <p>Its members lose what only this group may see.</p>
                    </Confirm>
                  ),
                },
              ]}
            />
          )}
          <form class="pad form" method="post" action="/admin/groups">
            <TextField
              name="groupName"
              label="New group"
              value={props.typed.groupName ?? ''}
              required
              maxlength={150}
              error={props.errors.groupName}
            />
            <p class="actions">
              <Button>Add the group</Button>
            </p>
          </form>
        </Panel>
      </div>
    </div>
  </AdminShell>
)

export interface PersonProps {
  readonly frame: Frame
  readonly id: number
  readonly username: string
  readonly isSelf: boolean
  readonly values: {
    readonly displayName: string
    readonly isAdmin: boolean
    readonly active: boolean
    /** Names of groups. */
    readonly groups: readonly string[]
  }
  readonly groups: readonly string[]
  /** Whether a new password is to end the person's tokens too. */
  readonly revokeTokens: boolean
  readonly errors: Readonly<Partial<Record<'displayName' | 'isAdmin' | 'active' | 'groups' | 'password', string>>>
}

/** `/admin/people/<id>`: what a person is called and may do. */
export const PersonPage = ({ frame, id, username, isSelf, values, groups, revokeTokens, errors }: PersonProps) => (
  <AdminShell frame={frame} current="people" title={values.displayName}>
    <FormProblems problems={Object.entries(errors).map(([field, text]) => ({ field, text: text ?? '' }))} />
    <div class="two">
      <Panel title={values.displayName} aside={username}>
        <form class="form" method="post" action={`/admin/people/${id}`}>
          <TextField
            name="displayName"
            label="Display name"
            value={values.displayName}
            required
            maxlength={150}
            error={errors.displayName}
          />
          <CheckboxField
            name="isAdmin"
            label="Administrator"
            checked={values.isAdmin}
            help={isSelf ? 'You cannot take away your own rights; another administrator can.' : undefined}
            error={errors.isAdmin}
          />
          <CheckboxField
            name="active"
            label="May sign in"
            checked={values.active}
            help="Without this, their sessions and tokens do nothing. Their products stay."
            error={errors.active}
          />
          {groups.length === 0 ? null : (
            <CheckboxGroup
              name="groups"
              label="Groups"
              chosen={values.groups}
              choices={groups.map((group) => ({ value: group, label: group }))}
              error={errors.groups}
            />
          )}
          <p class="actions">
            <Button kind="main">Save</Button>
            <a class="btn" href="/admin">
              Cancel
            </a>
          </p>
        </form>
      </Panel>
      <Panel title="A new password">
        <form class="form" method="post" action={`/admin/people/${id}/password`}>
          <TextField
            name="password"
            label="Password"
            type="password"
            autocomplete="new-password"
            required
            help="At least 8 characters. Ends their sessions; tell them to change it."
            error={errors.password}
          />
          <CheckboxField
            name="revokeTokens"
            label="Also revoke all their tokens"
            checked={revokeTokens}
            help="Their programs and notebooks, and their feeds, then stop; without this, whoever has a token goes on."
          />
          <p class="actions">
            <Button>Set the password</Button>
          </p>
        </form>
      </Panel>
    </div>
  </AdminShell>
)
