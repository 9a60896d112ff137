import { invalidField } from '../../domain/error.ts'
import { type DomainEvent, EVENT_DEFINITIONS } from '../../domain/events.ts'

/** What an event is about, as people ask for it. */
export const EVENT_KINDS = ['metadata', 'files', 'columns', 'status', 'official', 'progress', 'security'] as const
export type EventKind = (typeof EVENT_KINDS)[number]

const KIND: Readonly<Record<DomainEvent['type'], EventKind>> = {
  ProductRegistered: 'status',
  FileAttached: 'files',
  FileRemoved: 'files',
  MainFileInspected: 'files',
  InspectionFailed: 'files',
  ColumnAssociated: 'columns',
  MetadataEdited: 'metadata',
  ProductMarkedOfficial: 'official',
  ProductUnmarkedOfficial: 'official',
  ProductPublished: 'status',
  ProcessingFailed: 'status',
  ProductDeleted: 'status',
  ProductRestored: 'status',
  ProductPurged: 'status',
  ProductImported: 'status',
  ReleaseDefined: 'status',
  ReleaseChanged: 'metadata',
  ReleaseRetired: 'status',
  ReleaseRestored: 'status',
  RoleGranted: 'security',
  RoleRevoked: 'security',
  TokenIssued: 'security',
  TokenRevoked: 'security',
  GroupMembershipChanged: 'security',
  RunRequested: 'status',
  RunStarted: 'progress',
  RunProgressed: 'progress',
  RunSucceeded: 'status',
  RunFailed: 'status',
  RunStopRequested: 'status',
  RunStopped: 'status',
  RunAbandoned: 'progress',
  ReplayVerified: 'status',
  RunDescribed: 'metadata',
  RunDeleted: 'status',
}

export const KIND_LABELS: Readonly<Record<EventKind, string>> = {
  metadata: 'Metadata',
  files: 'Files',
  columns: 'Roles of columns',
  status: 'Registered, published, deleted …',
  official: 'Official mark',
  progress: 'Progress',
  security: 'Security',
}

/** The kind of an event; null for a type that this program does not know. */
export const kindOf = (type: string): EventKind | null =>
  Object.hasOwn(KIND, type) ? KIND[type as keyof typeof KIND] : null

/** The types of events of a kind. */
export const typesOf = (kind: EventKind): readonly string[] =>
  EVENT_DEFINITIONS.map(({ type }) => type).filter((type) => kindOf(type) === kind)

/** What a history is narrowed to; empty lists narrow nothing. */
export interface HistoryFilter {
  /** Usernames at the time of the event. */
  readonly people: readonly string[]
  /** Types of events. */
  readonly types: readonly string[]
}

/**
 * The filter that a query asks for.
 * @param by usernames @param kind kinds, or types of events
 * @throws DomainError `invalid` on `kind`
 */
export function historyFilter(by: readonly string[], kind: readonly string[]): HistoryFilter {
  const given = (values: readonly string[]) => values.map((value) => value.trim()).filter((value) => value !== '')
  return { people: given(by), types: [...new Set(given(kind).flatMap(typesNamed))] }
}

function typesNamed(name: string): readonly string[] {
  const kind = EVENT_KINDS.find((each) => each === name)
  if (kind !== undefined) return typesOf(kind)
  if (kindOf(name) !== null) return [name]
  throw invalidField('kind', `"${name.slice(0, 64)}" is neither one of ${EVENT_KINDS.join(', ')} nor a type of events.`)
}

/** The filter of a history, for an event that is not read from the database. */
export const fitsHistory = (
  { people, types }: HistoryFilter,
  event: { readonly type: string; readonly actor: string },
) => (people.length === 0 || people.includes(event.actor)) && (types.length === 0 || types.includes(event.type))
