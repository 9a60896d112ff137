import type { Context, MiddlewareHandler } from 'hono'
import type { Request } from '../application/command.ts'
import { DomainError } from '../domain/error.ts'
import type { Position } from '../eventstore/port.ts'
import type { HttpEnv } from './middleware/environment.ts'
import { problemBody, problemOf, RequestError } from './problem.ts'

/** What a request recorded and the read models did not show in time. */
export interface NotShown {
  readonly stream: string
  readonly position: Position
}

/** Remembers for the answer what the read models do not show yet. */
export const noteNotShown =
  (c: Context<HttpEnv>): NonNullable<Request['notShown']> =>
  (stream, position) =>
    c.set('notShown', { stream, position })

/**
 * What the answer of a request would be false about: then it is told that it is recorded. Null when all is shown, or when the
 * request was refused for another reason than that there is nothing yet.
 */
function notShownYet(c: Context<HttpEnv>, error: unknown): NotShown | null {
  const isRefused = error !== undefined && !(error instanceof DomainError && error.code === 'not_found')
  return isRefused ? null : (c.get('notShown') ?? null)
}

const recorded = () => new RequestError('not_shown_yet', 'It is recorded, and will be shown in a moment.')

/** What `act` answers; 202, with the number and the position of what was recorded, while the read models do not show it. */
export async function answerShown(c: Context<HttpEnv>, act: () => Promise<Response>): Promise<Response> {
  let failure: unknown
  let response: Response | null = null
  try {
    response = await act()
  } catch (error) {
    failure = error
  }
  const late = notShownYet(c, failure)
  if (late === null) {
    if (response === null) throw failure
    return response
  }
  const { stream, position } = late
  const problem = problemOf(recorded())
  const about = problem === null ? {} : problemBody(problem, c.get('requestId'))
  const id = Number(stream.slice(stream.lastIndexOf('-') + 1))
  return c.json({ ...about, id, position }, 202, { 'Retry-After': '2', 'X-Event-Position': position })
}

/** The same for pages, whose forms lead on to where there may be nothing yet. */
export const tellNotShown: MiddlewareHandler<HttpEnv> = async (c, next) => {
  await next()
  if (notShownYet(c, c.error) !== null) throw recorded()
}
