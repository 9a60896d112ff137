import { type Static, Type } from '@sinclair/typebox'
import { listGroups } from '../../accounts/groups.ts'
import { listTokens, type Token } from '../../accounts/tokens.ts'
import { listUsers, type User as Person, stillHolds } from '../../accounts/users.ts'
import { accountsOf, changePerson, createPerson, endToken, makeToken } from '../../application/people.ts'
import { signIn } from '../../application/sign-in.ts'
import { DomainError, invalidField } from '../../domain/error.ts'
import { clientAddress } from '../middleware/client-address.ts'
import { endpoint } from './endpoint.ts'
import { ordered, orderedBy } from './ordering.ts'
import { cut, PAGING, pageOf } from './paging.ts'
import { idOf } from './products.ts'
import { ListOf, nullable, User } from './schemas.ts'

/** Tokens from `obtain_token` live a year. */
const TOKEN_LIFETIME_MS = 365 * 24 * 3600 * 1000

const personJson = (person: Person): Static<typeof User> => ({
  username: person.username,
  first_name: person.firstName,
  last_name: person.lastName,
  display_name: person.displayName,
})

const TokenJson = Type.Object(
  {
    id: Type.Integer(),
    name: Type.String(),
    prefix: Type.String(),
    scope: Type.String(),
    created_at: Type.String(),
    expires_at: nullable(Type.String()),
    last_used_at: nullable(Type.String()),
    revoked_at: nullable(Type.String()),
  },
  { $id: 'Token' },
)

const tokenJson = (token: Token): Static<typeof TokenJson> => ({
  id: token.id,
  name: token.name,
  prefix: token.prefix,
  scope: token.scope,
  created_at: token.createdAt,
  expires_at: token.expiresAt,
  last_used_at: token.lastUsedAt,
  revoked_at: token.revokedAt,
})

/** The schema lets leap seconds and the year 10000 (in another zone) pass, which no date can be. */
function expiryOf(text: string): Date {
  const expiry = new Date(text)
  if (!(expiry.getTime() < Date.UTC(9999, 11, 31))) throw invalidField('expires_at', `"${text}" is not a usable time.`)
  return expiry
}

const Secret = Type.Object({ token: Type.String({ description: 'shown only now' }) })

const PersonBody = Type.Object({
  username: Type.String(),
  password: Type.String(),
  first_name: Type.Optional(Type.String()),
  last_name: Type.Optional(Type.String()),
  is_admin: Type.Optional(Type.Boolean()),
  groups: Type.Optional(Type.Array(Type.String(), { description: 'names; unknown groups are created' })),
})

const ORDERINGS = ['username', 'first_name', 'last_name', 'display_name'] as const

export const peopleEndpoints = [
  endpoint({
    method: 'get',
    path: '/users/',
    tag: 'People',
    summary: 'The people of this server',
    query: Type.Object({ ...orderedBy(ORDERINGS), ...PAGING }),
    responses: { 200: { description: 'The people', schema: ListOf(User) } },
    async handle({ context, query, http }) {
      const people = await listUsers(accountsOf(context))
      const active = people.filter((person) => person.active)
      return http.json(cut(ordered(active.map(personJson), query.ordering, ORDERINGS), pageOf(query)))
    },
  }),
  endpoint({
    method: 'post',
    path: '/users/',
    tag: 'People',
    summary: 'Make an account',
    access: 'admins',
    body: PersonBody,
    responses: { 201: { description: 'The person', schema: User } },
    async handle({ context, request, body, http }) {
      const person = await createPerson(context, request, {
        username: body.username,
        password: body.password,
        firstName: body.first_name ?? '',
        lastName: body.last_name ?? '',
        isAdmin: body.is_admin ?? false,
        groups: body.groups ?? [],
      })
      return http.json({ id: person.id, is_admin: person.isAdmin, ...personJson(person) }, 201)
    },
  }),
  endpoint({
    method: 'patch',
    path: '/users/{id}/',
    tag: 'People',
    summary: 'Change what a person may do',
    access: 'admins',
    body: Type.Object({
      first_name: Type.Optional(Type.String()),
      last_name: Type.Optional(Type.String()),
      is_admin: Type.Optional(Type.Boolean()),
      active: Type.Optional(Type.Boolean()),
      groups: Type.Optional(Type.Array(Type.String())),
    }),
    responses: { 200: { description: 'The person', schema: User } },
    async handle({ context, request, params, body, http }) {
      const person = await changePerson(context, request, idOf(params), {
        ...(body.first_name === undefined ? {} : { firstName: body.first_name }),
        ...(body.last_name === undefined ? {} : { lastName: body.last_name }),
        ...(body.is_admin === undefined ? {} : { isAdmin: body.is_admin }),
        ...(body.active === undefined ? {} : { active: body.active }),
        ...(body.groups === undefined ? {} : { groups: body.groups }),
      })
      return http.json({ id: person.id, is_admin: person.isAdmin, active: person.active, ...personJson(person) })
    },
  }),
  endpoint({
    method: 'get',
    path: '/groups/',
    tag: 'People',
    summary: 'The groups that open releases',
    access: 'admins',
    query: Type.Object(PAGING),
    responses: {
      200: { description: 'The groups', schema: ListOf(Type.Object({ id: Type.Integer(), name: Type.String() })) },
    },
    async handle({ context, query, http }) {
      return http.json(cut(await listGroups(accountsOf(context)), pageOf(query)))
    },
  }),
  endpoint({
    method: 'post',
    path: '/obtain_token/',
    tag: 'Tokens',
    summary: 'An API token for a username and a password',
    access: 'anyone',
    body: Type.Object({ username: Type.String(), password: Type.String() }),
    responses: { 200: { description: 'A token that lives a year', schema: Secret } },
    async handle({ context, request, body, http }) {
      const door = { address: clientAddress(http, context.config.trustedProxies), via: 'api' } as const
      const refused = () => {
        const message = 'Unable to log in with provided credentials.'
        return new DomainError('invalid', message, { non_field_errors: [message] })
      }
      const proof = await signIn(context, body, door)
      if (proof === null) throw refused()
      const { user } = proof
      const actor = { userId: user.id, username: user.username, isAdmin: user.isAdmin, groupIds: [] }
      const expiresAt = new Date(context.clock().getTime() + TOKEN_LIFETIME_MS)
      const wish = { name: 'obtain_token', expiresAt }
      const { secret } = await makeToken(context, { ...request, actor }, wish, async () => {
        if (!(await stillHolds(accountsOf(context), proof))) throw refused()
      })
      return http.json({ token: secret })
    },
  }),
  endpoint({
    method: 'post',
    path: '/get_token/',
    tag: 'Tokens',
    summary: 'A new token in place of the one that this call gave before',
    responses: { 200: { description: 'The token', schema: Secret } },
    async handle({ context, request, http }) {
      const mine = await listTokens(accountsOf(context), request.actor.userId)
      for (const token of mine) {
        if (token.name === 'get_token' && token.revokedAt === null) await endToken(context, request, token.id)
      }
      const { secret } = await makeToken(context, request, { name: 'get_token' })
      return http.json({ token: secret })
    },
  }),
  endpoint({
    method: 'get',
    path: '/tokens/',
    tag: 'Tokens',
    summary: 'Your tokens, without their secrets',
    query: Type.Object(PAGING),
    responses: { 200: { description: 'The tokens', schema: ListOf(TokenJson) } },
    async handle({ context, request, query, http }) {
      const mine = await listTokens(accountsOf(context), request.actor.userId)
      return http.json(cut(mine.map(tokenJson), pageOf(query)))
    },
  }),
  endpoint({
    method: 'post',
    path: '/tokens/',
    tag: 'Tokens',
    summary: 'Make a token',
    body: Type.Object({
      name: Type.String(),
      scope: Type.Optional(Type.Union([Type.Literal('read'), Type.Literal('write')])),
      expires_at: Type.Optional(nullable(Type.String({ format: 'date-time' }))),
    }),
    responses: { 201: { description: 'The token with its secret', schema: Type.Composite([TokenJson, Secret]) } },
    async handle({ context, request, body, http }) {
      const { token, secret } = await makeToken(context, request, {
        name: body.name,
        ...(body.scope === undefined ? {} : { scope: body.scope }),
        expiresAt: body.expires_at ? expiryOf(body.expires_at) : null,
      })
      return http.json({ ...tokenJson(token), token: secret }, 201)
    },
  }),
  endpoint({
    method: 'delete',
    path: '/tokens/{id}/',
    tag: 'Tokens',
    summary: 'Revoke a token',
    responses: { 204: { description: 'Revoked' } },
    async handle({ context, request, params, http }) {
      await endToken(context, request, idOf(params))
      return http.body(null, 204)
    },
  }),
  endpoint({
    method: 'post',
    path: '/logged_user/',
    tag: 'People',
    summary: 'Who you are',
    responses: { 200: { description: 'You' } },
    handle({ request, http }) {
      return http.json({ username: request.actor.username, is_admin: request.actor.isAdmin })
    },
  }),
]
