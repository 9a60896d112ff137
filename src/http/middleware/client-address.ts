import type { Context } from 'hono'
import type { HttpEnv } from './environment.ts'

/**
 * The address of whoever made the request: of the connection, or what the outermost of our `trustedProxies` saw.
 * `X-Forwarded-For` is worth nothing otherwise, because everybody can send it.
 */
export function clientAddress(c: Context<HttpEnv>, trustedProxies: number): string {
  const connection = c.env?.incoming?.socket?.remoteAddress ?? 'unknown'
  const forwarded = (c.req.header('x-forwarded-for') ?? '').split(',').map((address) => address.trim())
  const seen = [...forwarded.filter((address) => address !== ''), connection]
  return seen[Math.max(0, seen.length - 1 - trustedProxies)] ?? connection
}
