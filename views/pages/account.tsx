import { Badge } from '../components/badge.tsx'
import { Button } from '../components/button.tsx'
import { CodeBlock } from '../components/code-block.tsx'
import { DataTable } from '../components/data-table.tsx'
import { Confirm } from '../components/disclosure.tsx'
import { CheckboxField, FormProblems, RadioField, SelectField, TextField } from '../components/field.tsx'
import { Facts, Panel } from '../components/panel.tsx'
import { Empty, Notice } from '../components/state.tsx'
import { ago, bytes, date } from '../format.ts'
import type { Frame } from '../frame.ts'
import { Layout } from '../layout.tsx'

export interface AccountToken {
  readonly id: string
  readonly name: string
  readonly scopes: readonly ('read' | 'write')[]
  readonly createdAt: string
  /** Null: never. */
  readonly expiresAt: string | null
  readonly lastUsedAt: string | null
  readonly state: 'active' | 'expired' | 'revoked'
}

export interface AccountProps {
  readonly frame: Frame
  readonly username: string
  readonly displayName: string
  readonly email: string | null
  readonly groups: readonly string[]
  readonly tokens: readonly AccountToken[]
  /** Bytes that are kept of the person, and the most that may be; null: no limit. */
  readonly room: { readonly used: number; readonly quota: number | null }
  /** Just made: shown once. */
  readonly newToken: { readonly name: string; readonly secret: string } | null
  readonly errors: Readonly<Partial<Record<'displayName' | 'currentPassword' | 'newPassword' | 'tokenName', string>>>
  /** Whether a new password is to end the tokens too, as it was chosen in a form that was refused. */
  readonly revokeTokens: boolean
  /** False when passwords are kept elsewhere. */
  readonly mayChangePassword: boolean
}

/** `/account` */
export const AccountPage = (props: AccountProps) => (
  <Layout frame={props.frame} title="Account">
    <h1>Account</h1>
    <FormProblems problems={Object.entries(props.errors).map(([field, text]) => ({ field, text: text ?? '' }))} />
    {props.newToken ? <NewToken token={props.newToken} /> : null}
    <div class="stack">
      <Tokens {...props} />
      <div class="two">
        <Panel title="You">
          <Facts
            facts={[
              ['User name', props.username],
              ...(props.email === null ? [] : [['E-mail', props.email] as const]),
              ['Groups', props.groups.length > 0 ? props.groups.join(', ') : 'none'],
              ['Files', roomInWords(props.room)],
            ]}
          />
          <Room {...props.room} />
          <form class="form" method="post" action="/account">
            <TextField
              name="displayName"
              label="Display name"
              value={props.displayName}
              autocomplete="name"
              maxlength={150}
              required
              error={props.errors.displayName}
            />
            <p class="actions">
              <Button>Save</Button>
            </p>
          </form>
        </Panel>
        {props.mayChangePassword ? (
          <Panel title="Password">
            <form class="form" method="post" action="/account/password">
              <TextField
                name="currentPassword"
                label="Current password"
                type="password"
                autocomplete="current-password"
                required
                error={props.errors.currentPassword}
              />
              <TextField
                name="newPassword"
                label="New password"
                type="password"
                autocomplete="new-password"
                required
                help="At least 8 characters. All other sessions are ended."
                error={props.errors.newPassword}
              />
              <CheckboxField
                name="revokeTokens"
                label="Also revoke all my tokens"
                checked={props.revokeTokens}
                help="Choose this when somebody may have known the old password. Programs and notebooks that use your tokens, and your feeds, then stop; without it they go on."
              />
              <p class="actions">
                <Button>Change the password</Button>
              </p>
            </form>
          </Panel>
        ) : null}
      </div>
    </div>
  </Layout>
)

const roomInWords = ({ used, quota }: AccountProps['room']): string =>
  quota === null ? bytes(used) : `${bytes(used)} of ${bytes(quota)}`

/** With a quota: what is left. */
const Room = ({ used, quota }: AccountProps['room']) =>
  quota === null ? null : (
    <p class="help">
      <meter aria-label="Room used" min={0} max={quota} high={0.9 * quota} value={Math.min(used, quota)} />{' '}
      {used >= quota ? 'No more files fit. ' : `${bytes(quota - used)} are free. `}
      Files that were replaced or deleted count until an administrator destroys them.
    </p>
  )

const NewToken = ({ token }: { token: { name: string; secret: string } }) => (
  <Notice kind="success">
    <p>
      <strong>The token “{token.name}”.</strong> Copy it now: it is shown this once, and only its fingerprint is kept.
    </p>
    <CodeBlock id="new-token" code={token.secret} label="New token" />
  </Notice>
)

const Tokens = ({ frame, tokens, errors }: AccountProps) => (
  <Panel title="API tokens" id="tokens" aside={<a href="/help/python">How to use one</a>} flush>
    {tokens.length === 0 ? (
      <Empty title="You have no tokens">A token lets a program, such as the Python client, act for you.</Empty>
    ) : (
      <DataTable
        caption="API tokens"
        captionHidden
        rows={tokens}
        columns={[
          { header: 'Name', rowHeader: true, wide: true, cell: (token: AccountToken) => token.name },
          { header: 'May', cell: (token) => (token.scopes.includes('write') ? 'read and write' : 'read') },
          { header: 'Made', numeric: true, cell: (token) => date(token.createdAt) },
          { header: 'Expires', numeric: true, cell: (token) => (token.expiresAt ? date(token.expiresAt) : 'never') },
          { header: 'Last used', numeric: true, cell: (token) => ago(token.lastUsedAt, frame.now) },
          {
            header: 'State',
            cell: (token) => <Badge tone={token.state === 'active' ? 'good' : 'plain'}>{token.state}</Badge>,
          },
          {
            header: <span class="aloud">Actions</span>,
            cell: (token) =>
              token.state === 'active' ? (
                <Confirm
                  id={`revoke-${token.id}`}
                  label={
                    <>
                      Revoke<span class="aloud"> {token.name}</span>
                    </>
                  }
                  title={`Revoke “${token.name}”?`}
                  action={`/account/tokens/${token.id}/revoke`}
                  confirm="Revoke the token"
                  danger
                >
                  <p>Programs that use it are refused from now on.</p>
                </Confirm>
              ) : null,
          },
        ]}
      />
    )}
    <form class="pad form" method="post" action="/account/tokens">
      <h3>Make a token</h3>
      <TextField
        name="tokenName"
        label="Name"
        maxlength={100}
        required
        help="Where it will be used: “notebook on my laptop”."
        error={errors.tokenName}
      />
      <RadioField
        name="scope"
        label="May"
        value="read"
        choices={[
          { value: 'read', label: 'Read', help: 'Search and download.' },
          { value: 'write', label: 'Read and write', help: 'Also upload, edit and run pipelines.' },
        ]}
      />
      <SelectField
        name="expires"
        label="Expires"
        value="90"
        choices={[
          { value: '30', label: 'in 30 days' },
          { value: '90', label: 'in 90 days' },
          { value: '365', label: 'in a year' },
          { value: '', label: 'never' },
        ]}
      />
      <p class="actions">
        <Button kind="main">Make the token</Button>
      </p>
    </form>
  </Panel>
)
