/** What can be wrong with what a server holds. */
export type FindingKind =
  | 'changed' // an event is not what was recorded
  | 'deleted' // an event between others is gone
  | 'inserted' // an event that the program did not record there
  | 'moved' // an event stands elsewhere in the order
  | 'truncated' // the newest events are gone
  | 'broken_link' // two events of a stream do not fit, and nothing tells which of them was touched
  | 'checkpoint' // a signed checkpoint does not fit the log, or was not signed by us
  | 'bookkeeping' // the log does not know where it ends, so it cannot be written
  | 'ledger' // the table of the ledger was edited
  | 'read_model' // a row of a read model is not what the log says
  | 'blob_missing'
  | 'blob_changed'

/** One thing that is wrong, and where. */
export interface Finding {
  readonly kind: FindingKind
  /** In one sentence, for people. */
  readonly message: string
  /** Position in the log, 20 digits. */
  readonly position?: string
  readonly stream?: string
  readonly revision?: string
  readonly eventType?: string
  /** SHA-256 of the blob. */
  readonly sha256?: string
  /** Table of the read model. */
  readonly table?: string
}

/** An event in a sentence: `ProductPublished (product-3, revision 5)`. */
export const eventInWords = (event: { type: string; stream: string; revision: bigint | number | string }): string =>
  `${event.type} (${event.stream}, revision ${event.revision})`
