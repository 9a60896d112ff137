import { randomUUID } from 'node:crypto'
import { type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Log } from '../log.ts'
import { type Problem, problemBody } from './problem.ts'

/** Most bytes of the address and headers of a request: a filter may name thousands of products. */
export const MOST_HEADER_BYTES = 256 * 1024

/** How long a client has to read why it was refused: it sees a broken pipe when we close while it still sends. */
const LINGER_MS = 2_000

const problem = (status: number, code: string, title: string, detail: string): Problem => ({
  ...{ status, code, title, detail },
  fields: null,
  headers: {},
})

const UNREADABLE = problem(400, 'bad_request', 'Bad request', 'This is no HTTP request that we can read.')

/** What is wrong with a request that never became one, by the codes of Node. */
const PROBLEMS: Readonly<Record<string, Problem>> = {
  HPE_HEADER_OVERFLOW: problem(
    431,
    'headers_too_large',
    'The request is too long',
    `The address and the headers of a request may have ${MOST_HEADER_BYTES / 1024} kB together. Ask for less at a time, e.g. with fewer values in a filter.`,
  ),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: problem(
    413,
    'body_too_large',
    'Too large',
    'The extensions of a chunk are too large.',
  ),
  ERR_HTTP_REQUEST_TIMEOUT: problem(
    408,
    'too_slow',
    'The request was too slow',
    'The request did not arrive in time. Send it again, on a better connection.',
  ),
}

/** Answers what Node cannot read as a request with a problem document, as everything else that is refused. */
export function answerUnreadable(server: Server, log: Log): void {
  const answering = new WeakMap<Duplex, ServerResponse>()
  const refused = new WeakSet<Duplex>()
  server.on('request', (request, response) => answering.set(request.socket, response))
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // The rest of it, which is no more readable.
    if (refused.has(socket)) return
    const begun = answering.get(socket)
    // In the middle of an answer, nothing else can be said.
    const isMidway = begun?.headersSent === true && !begun.writableFinished
    if (error.code === 'ECONNRESET' || !socket.writable || isMidway) {
      socket.destroy()
      return
    }
    const requestId = randomUUID()
    refused.add(socket)
    log.info({ request: requestId, err: error }, 'a request could not be read')
    socket.end(messageOf(PROBLEMS[error.code ?? ''] ?? UNREADABLE, requestId))
    setTimeout(() => socket.destroy(), LINGER_MS).unref()
  })
}

function messageOf(told: Problem, requestId: string): string {
  const body = JSON.stringify(problemBody(told, requestId))
  return [
    `HTTP/1.1 ${told.status} ${STATUS_CODES[told.status] ?? ''}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    `X-Request-Id: ${requestId}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n')
}
