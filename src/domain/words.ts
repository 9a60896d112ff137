import type { UntypedEvent } from './event-definition.ts'
import { isDomainEvent } from './events.ts'
import { FIELD_NAMES, FIELDS_IN_ORDER, type FieldName } from './field-names.ts'
import { findProductType, productType } from './product/product-type.ts'

/** A value before and after, as a person reads it; null is "nothing". */
export interface Change {
  readonly field: string
  readonly from: string | null
  readonly to: string | null
}

/** An event in words: one sentence without a subject (the actor is known), and what changed. */
export interface Story {
  readonly words: string
  readonly changes: readonly Change[]
}

const story = (words: string, changes: readonly Change[] = []): Story => ({ words, changes })

/** Names that the log does not have, because they can change or be erased. */
export interface Names {
  /** Of a group of people. */
  readonly group: (id: number) => string
}

/** Without the accounts, groups have their numbers. */
const NUMBERS: Names = { group: String }

function text(value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (Array.isArray(value)) return value.length === 0 ? null : value.map((each) => text(each)).join(', ')
  if (typeof value === 'object' && 'displayName' in value) return text(value.displayName)
  if (typeof value === 'object' && 'display_name' in value) return text(value.display_name)
  return String(value)
}

const count = (n: number, noun: string): string => `${n.toLocaleString('en-US')} ${noun}${n === 1 ? '' : 's'}`

/** Bytes as people say them, decimal: 2.1 MB. */
function bytes(size: number): string {
  for (const [unit, factor] of [
    ['GB', 1e9],
    ['MB', 1e6],
    ['kB', 1e3],
  ] as const) {
    if (size >= factor) return `${(size / factor).toFixed(size >= 100 * factor ? 0 : 1)} ${unit}`
  }
  return count(size, 'byte')
}

type Edits = Partial<Readonly<Record<FieldName, { readonly from: unknown; readonly to: unknown } | undefined>>>

function metadataStory(edits: Edits, names: Names): Story {
  const list = FIELDS_IN_ORDER.flatMap((field): Change[] => {
    const edit = edits[field]
    const read = (value: unknown) => readable(field, value, names)
    return edit === undefined ? [] : [{ field: FIELD_NAMES[field], from: read(edit.from), to: read(edit.to) }]
  })
  const [only] = list
  if (list.length === 1 && only && only.field !== 'description' && (only.to?.length ?? 0) <= 60) {
    return story(only.to === null ? `took away the ${only.field}` : `set the ${only.field} to ${only.to}`, list)
  }
  return story(`changed the ${list.map((change) => change.field).join(', ')}`, list)
}

function readable(field: FieldName, value: unknown, names: Names): string | null {
  if (field === 'productType') return findProductType(String(value))?.displayName ?? null
  if (field === 'accessGroups' && Array.isArray(value)) return text(value.map((id) => names.group(Number(id))))
  return text(value)
}

/** Tells an event in words. A function of the event and of names, so a history can be told again at any time. */
export function tell(event: UntypedEvent, names: Names = NUMBERS): Story {
  if (!isDomainEvent(event)) return story(`recorded ${event.type}`)
  switch (event.type) {
    case 'ProductRegistered':
      return event.data.status === 'processing'
        ? story(`began to make "${event.data.displayName}" with ${event.data.origin}`)
        : story(`registered "${event.data.displayName}" as ${productType(event.data.productType).displayName}`)
    case 'FileAttached': {
      const { role, name, size, original } = event.data
      const unpacked = original === null ? '' : `, taken out of ${original.name}`
      return story(`added the ${role} file ${name} (${bytes(size)}${unpacked})`)
    }
    case 'FileRemoved':
      return story(`${event.data.replaced ? 'replaced' : 'removed'} the ${event.data.role} file ${event.data.name}`)
    case 'MainFileInspected':
      return story(
        `inspected the main file: ${count(event.data.rows, 'row')}, ${count(event.data.columns.length, 'column')}, ${event.data.format}`,
      )
    case 'InspectionFailed':
      return story(`could not read the main file as a table: ${event.data.reason}`)
    case 'ColumnAssociated': {
      const { columnName, alias, ucd, previous } = event.data
      if (alias !== null && alias === previous.alias) {
        // A role of the person's own, which has no UCD but the one that they give it.
        const changes = [{ field: `UCD of ${columnName}`, from: previous.ucd, to: ucd }]
        return ucd === null
          ? story(`took the UCD ${previous.ucd} from ${columnName}`, changes)
          : story(`set the UCD of ${columnName} to ${ucd}`, changes)
      }
      const changes = [{ field: `role of ${columnName}`, from: previous.alias ?? previous.ucd, to: alias ?? ucd }]
      if (alias === null && ucd === null)
        return story(`took the role ${previous.alias ?? previous.ucd} from ${columnName}`, changes)
      return story(`set the role of ${columnName} to ${alias ?? ucd}`, changes)
    }
    case 'MetadataEdited':
      return metadataStory(event.data.changes, names)
    case 'ProductMarkedOfficial':
      return story('marked it official', [{ field: 'official', from: 'no', to: 'yes' }])
    case 'ProductUnmarkedOfficial':
      return story('took away the official mark', [{ field: 'official', from: 'yes', to: 'no' }])
    case 'ProductPublished':
      return story('published it')
    case 'ProcessingFailed':
      return story(`could not be made: ${event.data.reason}`)
    case 'ProductDeleted':
      return story('deleted it')
    case 'ProductRestored':
      return story('restored it')
    case 'ProductPurged':
      return story(`destroyed its ${count(event.data.files.length, 'file')} for good`)
    case 'ProductImported': {
      const { server, stream, events } = event.data.from
      return story(
        `imported it from ${server ?? 'another server'}, where it was ${stream}, with ${count(events, 'event')}`,
      )
    }
    case 'ReleaseDefined':
      return story(`defined the release ${event.data.fields.displayName}`)
    case 'ReleaseChanged': {
      const { from, to } = event.data
      const edits = (Object.keys(to) as (keyof typeof to)[]).map((field) => [
        field,
        { from: from[field], to: to[field] },
      ])
      return metadataStory(Object.fromEntries(edits), names)
    }
    case 'ReleaseRetired':
      return story('retired the release')
    case 'ReleaseRestored':
      return story('brought the release back')
    case 'RoleGranted':
      return event.data.role === 'member'
        ? story(`made the account ${event.data.username}`)
        : story(`made ${event.data.username} an administrator`)
    case 'RoleRevoked':
      return event.data.role === 'member'
        ? story(`closed the account ${event.data.username}`)
        : story(`took administrator rights from ${event.data.username}`)
    case 'TokenIssued':
      return story(`made the API token "${event.data.name}" of ${event.data.username}`)
    case 'TokenRevoked':
      return story(`revoked the API token "${event.data.name}" of ${event.data.username}`)
    case 'GroupMembershipChanged':
      return story(
        `set the groups of ${event.data.username} to ${text(event.data.groups.map((g) => g.name)) ?? 'none'}`,
      )
    case 'RunRequested':
      return story(`asked for the run "${event.data.displayName}" of ${event.data.pipeline.displayName}`)
    case 'RunStarted':
      return story(event.data.attempt === 1 ? 'began the run' : `took up the run again (attempt ${event.data.attempt})`)
    case 'RunProgressed':
      return story(`${event.data.stage}: ${Math.round(event.data.fraction * 100)} %`)
    case 'RunSucceeded':
      return story(`finished the run with ${count(event.data.outputs.length, 'file')}`)
    case 'RunFailed':
      return story(`failed: ${event.data.reason}`)
    case 'RunStopRequested':
      return story('asked to stop the run')
    case 'RunStopped':
      return story('stopped the run')
    case 'RunAbandoned':
      return story('lost the worker that carried out the run')
    case 'ReplayVerified':
      return story(event.data.identical ? 'replayed the run: identical' : 'replayed the run: it differs')
    case 'RunDescribed': {
      const { displayName, comment } = event.data.changes
      return metadataStory({ displayName, comment }, names)
    }
    case 'RunDeleted':
      return story('took the run off the lists')
    default: {
      const unknown: never = event
      return unknown
    }
  }
}
