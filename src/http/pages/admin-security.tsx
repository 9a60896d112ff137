import { Hono } from 'hono'
import { type SecurityEntry, SecurityPage } from '../../../views/pages/admin/security.tsx'
import { usernameKey } from '../../accounts/names.ts'
import { ACCESS_KEPT_DAYS, type AccessAct } from '../../audit/access.ts'
import { listSecurityActs, type SecurityAct, type SecurityActFilter, type SecurityPlace } from '../../audit/queries.ts'
import type { AppContext } from '../../context.ts'
import { isSecurityEvent, type SecurityEvent } from '../../domain/security/security.ts'
import { EXPORT_PAGE, exportFormat, exportRows } from '../export-stream.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import { queryOf } from '../middleware/query.ts'
import { shortPosition } from './admin-read-models.tsx'
import { periodOf } from './period.ts'
import { frameOf, requestOf } from './visit.ts'

const ROWS = 50
const LONGEST = 200

type Act = SecurityEvent['type'] | AccessAct

/** What can happen, in words, in the order in which people look for it. */
const ACTS: Readonly<Record<Act, { readonly label: string; readonly tone: SecurityEntry['tone'] }>> = {
  sign_in_failed: { label: 'Sign-in failed', tone: 'bad' },
  sign_in_throttled: { label: 'Sign-in slowed down', tone: 'bad' },
  sign_in: { label: 'Signed in', tone: 'plain' },
  password_changed: { label: 'Password changed', tone: 'plain' },
  password_set: { label: 'Password set', tone: 'plain' },
  TokenIssued: { label: 'Token issued', tone: 'plain' },
  TokenRevoked: { label: 'Token revoked', tone: 'plain' },
  RoleGranted: { label: 'Role granted', tone: 'good' },
  RoleRevoked: { label: 'Role revoked', tone: 'bad' },
  GroupMembershipChanged: { label: 'Groups changed', tone: 'plain' },
}

const COLUMNS = ['at', 'act', 'account', 'by', 'address', 'via', 'position', 'data'] as const

/** `/admin/security`: roles, tokens, groups, passwords and sign-ins, by kind, person and period; also as a file. */
export function securityPages(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()
  router.get('/admin/security', async (c) => {
    requestOf(c, { adminsOnly: true })
    const query = queryOf(c)
    const { period, errors } = periodOf(query)
    const typed = (name: string): string => (query.get(name) ?? '').slice(0, LONGEST)
    const person = usernameKey(typed('person'))
    const filter: SecurityActFilter = {
      ...period,
      ...(Object.hasOwn(ACTS, typed('act')) ? { act: typed('act') } : {}),
      ...(person === '' ? {} : { usernameKey: person }),
    }
    await context.audit.flush()
    const format = exportFormat(query.get('format'))
    const isRefused = Object.keys(errors).length > 0
    if (format !== null && !isRefused) {
      return exportRows<SecurityAct>(c, {
        format,
        name: 'security',
        columns: COLUMNS,
        page: (after) => listSecurityActs(context.database, filter, after, EXPORT_PAGE),
        row: exported,
      })
    }
    const acts = await listSecurityActs(context.database, filter, placeOf(typed('before')), ROWS + 1)
    const shown = acts.slice(0, ROWS)
    const last = acts.length > ROWS ? shown.at(-1) : undefined
    return c.html(
      <SecurityPage
        frame={frameOf(context, c, 'admin')}
        place={{ path: '/admin/security', query: new URL(c.req.url).search.slice(1) }}
        typed={{ act: typed('act'), person: typed('person'), since: typed('since'), until: typed('until') }}
        errors={errors}
        acts={Object.entries(ACTS).map(([value, { label }]) => ({ value, label }))}
        rows={shown.map(entryOf)}
        olderFrom={last === undefined ? null : `${last.at}/${last.key}`}
        keptDays={ACCESS_KEPT_DAYS}
      />,
      isRefused ? 400 : 200,
    )
  })
  return router
}

const exported = ({ at, act, account, by, address, via, position, data }: SecurityAct) => ({
  at,
  act,
  account,
  by,
  address,
  via,
  position: position === null ? null : shortPosition(position),
  data,
})

/** The place that `?before=` names: a time and a key. */
function placeOf(text: string): SecurityPlace | null {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\/((?:log|door)-\d{20})$/.exec(text)
  const [, at = '', key = ''] = match ?? []
  return match === null || Number.isNaN(Date.parse(at)) ? null : { at, key }
}

function entryOf(act: SecurityAct): SecurityEntry {
  const known = Object.hasOwn(ACTS, act.act) ? ACTS[act.act as Act] : { label: act.act, tone: 'plain' as const }
  return {
    at: act.at,
    title: known.label,
    tone: known.tone,
    detail: detailOf(act),
    by: act.by,
    account: act.account,
    href: act.position === null ? null : `/admin/events/${shortPosition(act.position)}`,
  }
}

function detailOf({ act, data, address, via }: SecurityAct): string {
  if (data === null) {
    const how = via === 'api' ? 'through the API' : 'on the page'
    return address === null ? how : `${how}, from ${address}`
  }
  const event = { type: act, data }
  if (!isSecurityEvent(event)) return ''
  switch (event.type) {
    case 'RoleGranted':
      return event.data.role === 'member' ? 'the account was made or opened again' : 'administrator'
    case 'RoleRevoked':
      return event.data.role === 'member' ? 'the account was closed' : 'administrator'
    case 'TokenIssued':
      return `“${event.data.name}”, may ${event.data.scopes.join(' and ')}`
    case 'TokenRevoked':
      return `“${event.data.name}”`
    case 'GroupMembershipChanged':
      return event.data.groups.map(({ name }) => name).join(', ') || 'in no group'
    default:
      return ''
  }
}
