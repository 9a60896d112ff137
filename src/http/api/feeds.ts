import { createHash } from 'node:crypto'
import { type Static, Type } from '@sinclair/typebox'
import { feedReader } from '../../accounts/feed-reader.ts'
import type { Request } from '../../application/command.ts'
import { productFeed, siteFeed } from '../../application/feeds.ts'
import { accountsOf } from '../../application/people.ts'
import { EVENT_KINDS, historyFilter } from '../../projections/history/kinds.ts'
import { atomFeed } from '../../provenance/feeds/atom.ts'
import type { Feed } from '../../provenance/feeds/feed.ts'
import { jsonFeed } from '../../provenance/feeds/json-feed.ts'
import { baseUrl } from '../base-url.ts'
import { RequestError } from '../problem.ts'
import { type Call, endpoint } from './endpoint.ts'
import { idOf } from './products.ts'

export const FEED_FORMATS = {
  atom: { label: 'Atom', mediaType: 'application/atom+xml', write: atomFeed },
  json: { label: 'JSON Feed', mediaType: 'application/feed+json', write: jsonFeed },
} as const

const FeedQuery = Type.Object({
  format: Type.Optional(Type.Union([Type.Literal('atom'), Type.Literal('json')], { description: 'default atom' })),
  key: Type.Optional(Type.String({ description: 'from the page /feeds, for readers that send no token' })),
  by: Type.Optional(Type.String({ description: 'usernames, comma-separated' })),
  kind: Type.Optional(Type.String({ description: `comma-separated: ${EVENT_KINDS.join(', ')}, or types of events` })),
})
type FeedCall = Call<Static<typeof FeedQuery>, unknown>

/** Who reads: by token or session like everywhere, else by the key in the address. @throws RequestError `unauthenticated` */
async function readerOf({ context, request, query }: FeedCall): Promise<Request> {
  if (request.actor.userId !== 0) return request
  const grant = query.key === undefined ? null : context.feedKeys.read(query.key)
  const reader = grant === null ? null : await feedReader(accountsOf(context), grant.user, grant.token)
  if (reader === null) {
    throw new RequestError('unauthenticated', 'Take the address of the feed from the page /feeds, or send a token.')
  }
  const { userId, username, isAdmin, groupIds } = reader
  return { ...request, actor: { userId, username, isAdmin, groupIds } }
}

async function answer(
  call: FeedCall,
  read: (request: Request, wanted: Parameters<typeof siteFeed>[2]) => Promise<Feed>,
): Promise<Response> {
  const { context, query, http } = call
  const request = await readerOf(call)
  const listed = (text: string | undefined) => (text ?? '').split(',')
  const filter = historyFilter(listed(query.by), listed(query.kind))
  const base = baseUrl(context.config, http)
  const format = query.format ?? 'atom'
  const feed = await read(request, { base, filter })
  const { mediaType, write } = FEED_FORMATS[format]
  const text = write(format === 'atom' ? feed : { ...feed, self: `${feed.self}?format=json` })
  const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`
  http.header('ETag', etag)
  http.header('Cache-Control', 'private, no-cache')
  http.header('Vary', 'Authorization, Cookie')
  if (http.req.header('if-none-match')?.includes(etag)) return http.body(null, 304)
  http.header('Content-Type', mediaType === 'application/atom+xml' ? `${mediaType}; charset=utf-8` : mediaType)
  return http.body(text)
}

const DESCRIPTION =
  'What one command did is one entry, with an id that never changes. Readers ask with `If-None-Match`. ' +
  'Where a reader cannot send a token, the page `/feeds` gives an address with a key that opens feeds alone and can be revoked.'

export const feedEndpoints = [
  endpoint({
    method: 'get',
    path: '/feed/',
    tag: 'Feeds',
    summary: 'What happened to the products that you may see, as Atom 1.0 or JSON Feed 1.1',
    description: DESCRIPTION,
    access: 'anyone',
    query: FeedQuery,
    responses: { 200: { description: 'The feed, newest first' }, 304: { description: 'Nothing new' } },
    handle: (call) => answer(call, (request, wanted) => siteFeed(call.context, request, wanted)),
  }),
  endpoint({
    method: 'get',
    path: '/products/{id}/feed/',
    tag: 'Feeds',
    summary: 'The history of a product, as Atom 1.0 or JSON Feed 1.1',
    description: DESCRIPTION,
    access: 'anyone',
    query: FeedQuery,
    responses: { 200: { description: 'The feed, newest first' }, 304: { description: 'Nothing new' } },
    handle: (call) => answer(call, (request, wanted) => productFeed(call.context, request, idOf(call.params), wanted)),
  }),
]
