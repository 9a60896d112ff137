import { getPath } from 'hono/utils/url'

/**
 * The path by which a request is routed, with repeated slashes made one: the Python client asks for `/api//products/`.
 * For `new Hono({ getPath: pathOf })`; a redirect would make a GET of its POSTs.
 */
export const pathOf = (request: Request): string => getPath(request).replaceAll(/\/{2,}/g, '/')
