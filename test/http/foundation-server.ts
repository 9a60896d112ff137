import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { pino } from 'pino'
import { AUTO_CLEANUP_INCOMING, SERVER_OPTIONS } from '../../src/http/middleware/slow-clients.ts'
import { answerUnreadable, MOST_HEADER_BYTES } from '../../src/http/unreadable-requests.ts'

/** A real server on a free port. */
export interface RunningServer {
  readonly port: number
  fetch(path: string, init?: RequestInit): Promise<Response>
  stop(): Promise<void>
}

interface Fetches {
  fetch(request: Request, env?: object): Response | Promise<Response>
}

export async function startServer(app: Fetches): Promise<RunningServer> {
  const listener = getRequestListener((request, env) => app.fetch(request, env), {
    autoCleanupIncoming: AUTO_CLEANUP_INCOMING,
    overrideGlobalObjects: false,
  })
  const server: Server = createServer({ ...SERVER_OPTIONS, maxHeaderSize: MOST_HEADER_BYTES }, listener)
  answerUnreadable(server, pino({ level: 'silent' }))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    port,
    fetch: (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init),
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
