import type { HttpBindings } from '@hono/node-server'
import type { Identity } from '../../accounts/identity.ts'
import type { Log } from '../../log.ts'
import type { NotShown } from '../not-shown.ts'

/** What every handler finds in its context. */
export interface HttpEnv {
  /** Empty in tests that call `app.request` without a server. */
  Bindings: Partial<HttpBindings>
  Variables: {
    /** In the log, in problem documents and in `X-Request-Id`; the correlation id of the events that the request causes. */
    requestId: string
    /** A child of the program's log that names the request. */
    log: Log
    /** Null: nobody in particular. */
    identity: Identity | null
    /** Asks again who makes this request, by the same session or token: null when neither holds any more. */
    identifyAgain: () => Promise<Identity | null>
    /** What this request recorded and the read models did not show in time. */
    notShown: NotShown | undefined
  }
}
