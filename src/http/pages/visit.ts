import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { Flash, Frame } from '../../../views/frame.ts'
import type { Request } from '../../application/command.ts'
import type { AppContext } from '../../context.ts'
import { forbidden } from '../../domain/error.ts'
import { actorOf } from '../api/router.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import { noteNotShown } from '../not-shown.ts'
import { RequestError } from '../problem.ts'

/** A request for a page. */
export type PageContext = Context<HttpEnv>

const FLASH = 'pz_flash'
const FLASH_SECONDS = 60

/** What the layout shows around a page. Takes the messages that the request before this one left. */
export function frameOf(
  context: AppContext,
  c: PageContext,
  section: Frame['section'],
  more: { readonly flashes?: readonly Flash[]; readonly search?: string } = {},
): Frame {
  const identity = c.get('identity')
  const { pathname, search } = new URL(c.req.url)
  return {
    user:
      identity === null
        ? null
        : { username: identity.username, displayName: identity.displayName, isAdmin: identity.isAdmin },
    here: pathname + search,
    section,
    search: more.search ?? '',
    environment: context.config.environmentName === 'production' ? null : context.config.environmentName,
    flashes: [...takeFlashes(c), ...(more.flashes ?? [])],
    version: context.version,
    now: context.clock().toISOString(),
  }
}

/** Leaves a message for the next page that this person sees, which is where a form leads. */
export function leaveFlash(c: PageContext, flash: Flash): void {
  const value = Buffer.from(JSON.stringify(flash)).toString('base64url')
  setCookie(c, FLASH, value, { path: '/', httpOnly: true, sameSite: 'Lax', maxAge: FLASH_SECONDS })
}

/** Not for requests of scripts: what they load is not shown as it is, and a message is shown once. */
function takeFlashes(c: PageContext): Flash[] {
  const value = getCookie(c, FLASH)
  if (value === undefined || c.req.header('x-requested-with') === 'XMLHttpRequest') return []
  deleteCookie(c, FLASH, { path: '/' })
  const flash = parsedFlash(value)
  return flash === null ? [] : [flash]
}

/** Anybody can write cookies into their own browser, so nothing is believed of it but two short texts. */
function parsedFlash(value: string): Flash | null {
  try {
    const flash: unknown = JSON.parse(Buffer.from(value, 'base64url').toString())
    if (typeof flash !== 'object' || flash === null || !('kind' in flash) || !('text' in flash)) return null
    const kind = (['notice', 'success', 'warning', 'problem'] as const).find((each) => each === flash.kind)
    return kind === undefined ? null : { kind, text: String(flash.text).slice(0, 500) }
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** Who asks. @throws RequestError `unauthenticated`, which the page router turns into the way to the sign-in. */
export function requestOf(c: PageContext, options: { readonly adminsOnly?: boolean } = {}): Request {
  const identity = c.get('identity')
  if (identity === null) throw new RequestError('unauthenticated', 'Please sign in.')
  if (options.adminsOnly && !identity.isAdmin) throw forbidden()
  return { actor: actorOf(identity), correlationId: c.get('requestId'), notShown: noteNotShown(c) }
}

/** A path of this server, for the way back after signing in; anything else becomes the start page. */
export function safePath(path: string | undefined): string {
  if (path === undefined || !path.startsWith('/') || path.startsWith('//') || path.includes('\\')) return '/'
  return URL.canParse(path, 'http://here') && new URL(path, 'http://here').host === 'here' ? path : '/'
}
