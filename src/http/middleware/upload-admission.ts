import type { Context, MiddlewareHandler } from 'hono'
import { requireRoom } from '../../application/quota.ts'
import type { AppContext } from '../../context.ts'
import { announcedSize } from '../body-stream.ts'
import type { HttpEnv } from './environment.ts'

/**
 * Lets uploads in: so many of a person at a time, and, where people have quotas, only what by its announced length fits, before a
 * byte of it is taken. What counts in the end is the size of the files, when they are there. Pages ask about the room
 * themselves, to show the refusal in their form.
 */
export const uploadAdmission =
  (context: AppContext): MiddlewareHandler<HttpEnv> =>
  async (c, next) => {
    const identity = c.get('identity')
    if (identity === null || !bringsFiles(c)) return next()
    using _ = context.limits.enter('upload', identity.userId)
    const announced = announcedSize(c.req.raw)
    // Forms without files come as multipart too; they are small.
    if (announced > SMALL && c.req.path.startsWith('/api/')) await requireRoom(context, identity.userId, announced)
    await next()
  }

/** Whether a request may bring files along. */
export const bringsFiles = ({ req }: Context<HttpEnv>): boolean =>
  /^(POST|PUT|PATCH)$/.test(req.method) &&
  (req.header('content-type') ?? '').trim().toLowerCase().startsWith('multipart/form-data')

/** Bytes of a form without a file, at most. */
const SMALL = 64_000
