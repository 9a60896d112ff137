import type { Context } from 'hono'
import { RequestError } from '../problem.ts'

const MOST_PARAMETERS = 1000

/**
 * The query parameters. The last value wins where a name comes twice, as in Django: the Python client sends
 * `?status=1&status=0` and means 0.
 * @throws RequestError
 */
export function queryOf(c: Pick<Context, 'req'>): ReadonlyMap<string, string> {
  const { searchParams } = new URL(c.req.url)
  if (searchParams.size > MOST_PARAMETERS) {
    throw new RequestError('bad_request', `A query may have at most ${MOST_PARAMETERS} parameters.`)
  }
  for (const [name, value] of searchParams) {
    if (name.includes('\u0000') || value.includes('\u0000')) {
      throw new RequestError('bad_request', 'Null characters are not allowed in a query.')
    }
  }
  return new Map(searchParams)
}
