import type { Context } from 'hono'
import type { Config } from '../config.ts'

/**
 * Where people reach us, without a slash at the end: the beginning of absolute addresses. The configured address wins, because
 * a client may write what it likes into the header Host.
 */
export const baseUrl = (config: Pick<Config, 'publicUrl'>, c: Pick<Context, 'req'>): string =>
  config.publicUrl ?? new URL(c.req.url).origin
