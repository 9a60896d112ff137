import type { Credentials } from '@eventstore/db-client'

export interface Connection {
  /** As given, but `throwOnAppendFailure` stays at its default: without it the client reports wrong revisions. */
  readonly url: string
  /**
   * What every append passes along. With credentials the client makes one call per append, which has a deadline and
   * fails alone; without, it uses one stream for all appends of the process, which has neither. An insecure server
   * ignores them. Undefined on a secure server that knows us by a certificate.
   */
  readonly credentials: Credentials | undefined
}

/** @param url `esdb://[user:password@]host:2113[,host:2113][?tls=false&…]`; also `esdb+discover://`, `kurrentdb://`. */
export function parseConnectionString(url: string): Connection {
  const [, user, password] = /^[a-z][a-z0-9+.-]*:\/\/([^:@/?]*):([^@/?]*)@/i.exec(url) ?? []
  const [address = '', query = ''] = url.split('?')
  const settings = query.split('&').filter((setting) => setting !== '' && !/^throwOnAppendFailure=/i.test(setting))
  const isInsecure = settings.some((setting) => /^tls=false$/i.test(setting))
  return {
    url: settings.length > 0 ? `${address}?${settings.join('&')}` : address,
    credentials:
      user !== undefined && password !== undefined
        ? { username: decodeURIComponent(user), password: decodeURIComponent(password) }
        : isInsecure
          ? { username: 'anonymous', password: '' }
          : undefined,
  }
}
