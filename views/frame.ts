/** What every page knows of its request: who looks, where they are, and what the server wants to tell them. */
export interface Frame {
  readonly user: Viewer | null
  /** Path and query of this page: the sign-in comes back here. */
  readonly here: string
  /** Which entry of the navigation is lit. */
  readonly section: 'products' | 'upload' | 'pipelines' | 'runs' | 'help' | 'account' | 'admin' | null
  /** Text of the search box. */
  readonly search: string
  /** Shown above the page when this is not the real server, e.g. "development". */
  readonly environment: string | null
  readonly flashes: readonly Flash[]
  /** Version of the software, for the footer. */
  readonly version: string
  /** The time of this answer (ISO), for "3 min ago". */
  readonly now: string
}

/** The person who looks at the page. */
export interface Viewer {
  readonly username: string
  readonly displayName: string
  readonly isAdmin: boolean
}

/** A message about what just happened. A problem says what is wrong and what to do. */
export interface Flash {
  readonly kind: 'notice' | 'success' | 'warning' | 'problem'
  readonly text: string
  readonly details?: readonly string[]
}

/** Something that a person may do, or the reason why not. */
export type Action = { readonly href: string } | { readonly refused: string }
