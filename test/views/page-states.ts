import type { JSX } from 'hono/jsx/jsx-runtime'

/** Pages in their states, by name. */
export type Pages = Readonly<Record<string, () => JSX.Element | Promise<JSX.Element>>>
