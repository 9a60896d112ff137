import type { Credentials } from '@eventstore/db-client'

export interface Connection {
  /** As given, but `throwOnAppendFailure` stays at its default: without it the client reports wrong revisions. */
  readonly url: string
  /**
   * What every append passes along; an insecure server ignores it. With credentials the client makes one call per append,
   * which has a deadline and fails alone. Without, it sends the appends of the whole process over one call without a
   * deadline and with one table for all clients: a broken connection rejects everybody's appends, and an answer that
   * comes after that throws where nobody can catch it, which ends the process.
   */
  readonly credentials: Credentials
}

/**
 * @param url `esdb://[user:password@]host:2113[,host:2113][?tls=false&…]`; also `esdb+discover://`.
 * @throws RangeError when it asks for TLS without a user and a password.
 */
export function parseConnectionString(url: string): Connection {
  const [, user, password] = /^[a-z][a-z0-9+.-]*:\/\/([^:@/?]*):([^@/?]*)@/i.exec(url) ?? []
  const [address = '', query = ''] = url.split('?')
  const settings = query.split('&').filter((setting) => setting !== '' && !/^throwOnAppendFailure=/i.test(setting))
  const hasUser = user !== undefined && password !== undefined
  if (!hasUser && !settings.some((setting) => /^tls=false$/i.test(setting))) {
    throw new RangeError('The connection string of EventStoreDB needs a user and a password, or tls=false')
  }
  return {
    url: settings.length > 0 ? `${address}?${settings.join('&')}` : address,
    credentials: hasUser
      ? { username: decodeURIComponent(user), password: decodeURIComponent(password) }
      : { username: 'anonymous', password: '' },
  }
}
