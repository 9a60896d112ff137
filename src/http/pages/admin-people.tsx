import { Hono } from 'hono'
import { PeoplePage, type PeopleProps, PersonPage, type PersonProps } from '../../../views/pages/admin/people.tsx'
import { listGroups, listMemberships } from '../../accounts/groups.ts'
import { lastSeen } from '../../accounts/sessions.ts'
import { findUser, listUsers } from '../../accounts/users.ts'
import {
  accountsOf,
  addGroup,
  changePerson,
  createPerson,
  removeGroup,
  resetPassword,
} from '../../application/people.ts'
import type { AppContext } from '../../context.ts'
import { notFound } from '../../domain/error.ts'
import { storedBytesOf } from '../../projections/files/stored.ts'
import { holdingsByOwner } from '../../projections/products/holdings.ts'
import { listReleases } from '../../projections/releases/queries.ts'
import { type Body, listOf, readBody } from '../body.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import { tokensInWords } from './account.tsx'
import { pageNumbers } from './page-numbers.ts'
import { refusal, statusOf, textOf } from './product-form.ts'
import { frameOf, leaveFlash, type PageContext, requestOf } from './visit.ts'

type Listed = PeopleProps['people'][number]

const ORDERS: Readonly<Record<string, (a: Listed, b: Listed) => number>> = {
  username: (a, b) => (a.username.toLowerCase() < b.username.toLowerCase() ? -1 : 1),
  products: (a, b) => a.products - b.products,
  used: (a, b) => a.used - b.used,
  lastSeenAt: (a, b) => ((a.lastSeenAt ?? '') < (b.lastSeenAt ?? '') ? -1 : 1),
}

/** `/admin` and `/admin/people/<id>`: accounts and groups. */
export function peoplePages(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()
  const accounts = accountsOf(context)

  router.get('/admin', (c) => showPeople(c))

  router.post('/admin/people', async (c) => {
    await using body = await readBody(c.req.raw)
    const username = textOf(body, 'username')
    const displayName = textOf(body, 'displayName')
    try {
      const password = textOf(body, 'password')
      const isAdmin = textOf(body, 'isAdmin') === 'true'
      await createPerson(context, requestOf(c), { username, displayName, password, isAdmin, groups: [] })
    } catch (error) {
      return showPeople(c, { error, otherwise: 'username', typed: { username, displayName } })
    }
    leaveFlash(c, { kind: 'success', text: `${username} can sign in now.` })
    return c.redirect('/admin', 303)
  })

  router.post('/admin/groups', async (c) => {
    await using body = await readBody(c.req.raw)
    const groupName = textOf(body, 'groupName')
    try {
      await addGroup(context, requestOf(c), groupName)
    } catch (error) {
      return showPeople(c, { error, otherwise: 'groupName', typed: { groupName } })
    }
    leaveFlash(c, { kind: 'success', text: `The group “${groupName.trim()}” was added.` })
    return c.redirect('/admin', 303)
  })

  router.post('/admin/groups/delete', async (c) => {
    await using body = await readBody(c.req.raw)
    await removeGroup(context, requestOf(c), textOf(body, 'name'))
    leaveFlash(c, { kind: 'success', text: `The group “${textOf(body, 'name')}” was deleted.` })
    return c.redirect('/admin', 303)
  })

  router.get('/admin/people/:id{[0-9]{1,9}}', (c) => showPerson(c))

  router.post('/admin/people/:id{[0-9]{1,9}}', async (c) => {
    await using body = await readBody(c.req.raw)
    const values = personTyped(body)
    const id = Number(c.req.param('id'))
    try {
      const change = id === requestOf(c).actor.userId ? withoutEqualRights(values) : values
      await changePerson(context, requestOf(c), id, change)
    } catch (error) {
      return showPerson(c, { error, otherwise: 'isAdmin', values })
    }
    leaveFlash(c, { kind: 'success', text: 'Saved.' })
    return c.redirect('/admin', 303)
  })

  router.post('/admin/people/:id{[0-9]{1,9}}/password', async (c) => {
    await using body = await readBody(c.req.raw)
    const next = { password: textOf(body, 'password'), revokeTokens: textOf(body, 'revokeTokens') === 'true' }
    let revoked: number
    try {
      revoked = await resetPassword(context, requestOf(c), Number(c.req.param('id')), next)
    } catch (error) {
      return showPerson(c, { error, otherwise: 'password', revokeTokens: next.revokeTokens })
    }
    const tokens = tokensInWords('their', next, revoked)
    leaveFlash(c, { kind: 'success', text: `The password is set. Their sessions were ended; ${tokens}.` })
    return c.redirect('/admin', 303)
  })

  async function showPeople(
    c: PageContext,
    again?: {
      readonly error: unknown
      readonly otherwise: keyof PeopleProps['errors']
      readonly typed: PeopleProps['typed']
    },
  ) {
    const request = requestOf(c)
    const { drizzle } = context.database
    const [users, groups, memberships, seen, holdings, releases, stored] = await Promise.all([
      listUsers(accounts),
      listGroups(accounts),
      listMemberships(accounts),
      lastSeen(accounts),
      holdingsByOwner(drizzle),
      listReleases(drizzle, request.actor, {}),
      storedBytesOf(context.database),
    ])
    const url = new URL(c.req.url)
    const place = { path: '/admin', query: url.search.slice(1) }
    const ordering = url.searchParams.get('ordering') ?? 'username'
    const order = ORDERS[ordering.replace(/^-/, '')] ?? ORDERS.username!
    const people = users
      .map((user) => ({
        id: String(user.id),
        username: user.username,
        displayName: user.displayName,
        isAdmin: user.isAdmin,
        groups: memberships.filter(({ userId }) => userId === user.id).map(({ group }) => group.name),
        active: user.active,
        products: holdings.get(user.id)?.products ?? 0,
        used: stored.get(user.id) ?? 0,
        quota: context.config.personQuota,
        lastSeenAt: seen.get(user.id) ?? null,
      }))
      .toSorted((a, b) => (ordering.startsWith('-') ? order(b, a) : order(a, b)))
    const page = pageNumbers(url.searchParams, people.length)
    const problem = again === undefined ? null : refusal(again.error)
    return c.html(
      <PeoplePage
        frame={frameOf(context, c, 'admin')}
        place={place}
        ordering={ordering}
        page={page}
        people={people.slice((page.number - 1) * page.size, page.number * page.size)}
        groups={groups.map((group) => ({
          name: group.name,
          members: memberships.filter((each) => each.group.id === group.id).length,
          releases: releases
            .filter((release) => !release.isPublic && release.accessGroups.includes(group.id))
            .map((release) => release.displayName),
        }))}
        typed={again?.typed ?? {}}
        errors={
          problem === null || again === undefined ? {} : fieldErrors(problem.fields, problem.detail, again.otherwise)
        }
      />,
      problem === null ? 200 : statusOf(problem),
    )
  }

  async function showPerson(
    c: PageContext,
    again?: {
      readonly error: unknown
      readonly otherwise: keyof PersonProps['errors']
      readonly values?: PersonProps['values']
      readonly revokeTokens?: boolean
    },
  ) {
    const request = requestOf(c)
    const id = Number(c.req.param('id'))
    const [user, groups, memberships] = await Promise.all([
      findUser(accounts, id),
      listGroups(accounts),
      listMemberships(accounts),
    ])
    if (user === null) throw notFound()
    const problem = again === undefined ? null : refusal(again.error)
    return c.html(
      <PersonPage
        frame={frameOf(context, c, 'admin')}
        id={id}
        username={user.username}
        isSelf={id === request.actor.userId}
        values={
          again?.values ?? {
            displayName: user.displayName,
            isAdmin: user.isAdmin,
            active: user.active,
            groups: memberships.filter(({ userId }) => userId === id).map(({ group }) => group.name),
          }
        }
        groups={groups.map((group) => group.name)}
        revokeTokens={again?.revokeTokens ?? true}
        errors={
          problem === null || again === undefined ? {} : fieldErrors(problem.fields, problem.detail, again.otherwise)
        }
      />,
      problem === null ? 200 : statusOf(problem),
    )
  }
  return router
}

const personTyped = (body: Body): PersonProps['values'] => ({
  displayName: textOf(body, 'displayName'),
  isAdmin: textOf(body, 'isAdmin') === 'true',
  active: textOf(body, 'active') === 'true',
  groups: listOf(body.fields.groups).map(String),
})

/** One's own rights that stay as they are need no permission. */
const withoutEqualRights = ({ isAdmin, active, ...rest }: PersonProps['values']) => ({
  ...rest,
  ...(isAdmin ? {} : { isAdmin }),
  ...(active ? {} : { active }),
})

const NAMES: Readonly<Record<string, string>> = { display_name: 'displayName', is_admin: 'isAdmin', name: 'groupName' }

/** Messages beside the fields of the page; what is about none of them stands beside `otherwise`. */
function fieldErrors<Field extends string>(
  fields: Readonly<Record<string, string | readonly string[]>> | null,
  detail: string,
  otherwise: Field,
): Partial<Record<string, string>> {
  const entries = Object.entries(fields ?? {}).map(([name, message]) => [
    NAMES[name] ?? name,
    [message].flat().join(' '),
  ])
  return entries.length === 0 ? { [otherwise]: detail } : Object.fromEntries(entries)
}
