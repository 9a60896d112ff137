import type { Context, MiddlewareHandler } from 'hono'
import type { Position } from '../../eventstore/port.ts'
import { RequestError } from '../problem.ts'
import type { HttpEnv } from './environment.ts'

const HEADER = 'X-Event-Position'
/** How long a request waits for the read models, in ms. */
const PATIENCE = 5_000

/**
 * Read your writes: a request that names a position of the log in `X-Event-Position` is answered from read models that
 * have reached it.
 * @param waitFor resolves when the read models are there; with false, or never, when they are not within the given ms
 */
export function readYourWrites(
  waitFor: (position: Position, milliseconds: number) => Promise<unknown>,
): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const position = c.req.header(HEADER)
    if (position !== undefined) {
      if (!/^\d{20}$/.test(position)) {
        throw new RequestError('bad_request', `${HEADER} must be a position as we gave it: 20 digits.`)
      }
      if ((await waitFor(position, PATIENCE)) === false) {
        throw new RequestError('not_yet', `The read models have not reached the position ${position} yet.`)
      }
    }
    await next()
  }
}

/** Tells the client how far the log was after its request. */
export const tellPosition = (c: Context, position: Position | null): void => {
  if (position !== null) c.header(HEADER, position)
}
