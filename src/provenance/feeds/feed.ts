/** A feed of events, whatever form it is written in. */
export interface Feed {
  /** A permanent IRI. */
  readonly id: string
  readonly title: string
  readonly subtitle: string
  /** The page that it belongs to. */
  readonly home: string
  /** Where it is itself, without any secret. */
  readonly self: string
  /** ISO 8601 UTC. */
  readonly updated: string
  /** Newest first. */
  readonly entries: readonly FeedEntry[]
}

/** What one command did. */
export interface FeedEntry {
  /** `urn:uuid:` of its last event: the same for ever, on every server. */
  readonly id: string
  readonly title: string
  readonly author: string
  /** ISO 8601 UTC. Events are never changed, so this is when it was published and updated. */
  readonly at: string
  readonly url: string
  /** Plain text, one line for each thing that happened and each value that changed. */
  readonly text: string
}
