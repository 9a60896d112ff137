import type { MiddlewareHandler } from 'hono'
import type { HttpEnv } from './environment.ts'

/**
 * What our pages may load: our own scripts, styles and fonts, nothing inline. A handler that sets its own policy (the
 * sandbox of uploaded HTML) keeps it. What is answered depends on who asks and may change at once, so no cache may give it to
 * anybody else, nor to the same person without asking us; a handler that knows better says so.
 */
export function securityHeaders(config: {
  readonly publicUrl: string | null
  readonly rawOrigin: string | null
}): MiddlewareHandler<HttpEnv> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    `frame-src 'self'${config.rawOrigin === null ? '' : ` ${config.rawOrigin}`}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  const headers: Record<string, string> = {
    'X-Content-Type-Options': 'nosniff',
    // Not `no-referrer`: browsers would send `Origin: null` with our own forms.
    'Referrer-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': config.rawOrigin === null ? 'same-origin' : 'same-site',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    ...(config.publicUrl?.startsWith('https:') && { 'Strict-Transport-Security': 'max-age=31536000' }),
  }
  return async (c, next) => {
    await next()
    for (const [name, value] of Object.entries(headers)) c.header(name, value)
    if (!c.res.headers.has('Content-Security-Policy')) c.header('Content-Security-Policy', policy)
    if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'private, no-cache')
  }
}
