import { FIELD_NAMES } from '../../domain/field-names.ts'
import type { FormerRole, Metadata, ProductCommand } from '../../domain/product/commands.ts'
import { productDecider } from '../../domain/product/decider.ts'
import { isProductEvent, type ProductEvent } from '../../domain/product/events.ts'
import type { ProductState } from '../../domain/product/product.ts'

/** What undoing needs to know of an event. */
export interface PastEvent {
  readonly type: string
  readonly data: unknown
  readonly position: string
}

type WithoutActor<Command> = Command extends unknown ? Omit<Command, 'by'> : never
type UndoCommand = WithoutActor<
  Extract<
    ProductCommand,
    {
      readonly type:
        | 'EditMetadata'
        | 'AssociateColumn'
        | 'MarkOfficial'
        | 'DeleteProduct'
        | 'RestoreProduct'
        | 'RemoveFile'
    }
  >
>

type AttachedFile = Extract<ProductEvent, { type: 'FileAttached' }>['data']

/** A file that was taken away comes back: the same bytes, as a new file that is looked through again. */
export interface BringBack {
  readonly file: AttachedFile
  /** What took its place has to go. */
  readonly replace: boolean
  /** What its columns meant before it went. */
  readonly roles: readonly FormerRole[]
}

/** The command that takes an event back, or the file to bring back, or why that cannot be. */
export type Undo = { readonly command: UndoCommand } | { readonly bringBack: BringBack } | { readonly refused: string }

/**
 * How to take back one event of a product: a metadata edit, the role of a column, the official mark, a deletion or a
 * restoration, a file that was added, removed or replaced. It is refused when something later changed the same thing, because
 * the later change would be lost.
 * @param events of the product until today, oldest first; without those before the event in question, files do not come back
 */
export function undoOf(events: readonly PastEvent[], position: string): Undo {
  const index = events.findIndex((event) => event.position === position)
  const found = events[index]
  if (found === undefined || !isProductEvent(found)) return { refused: 'This product has no event at that position.' }
  const event: ProductEvent = found
  const later = events.slice(index + 1).filter(isProductEvent)
  switch (event.type) {
    case 'MetadataEdited':
      return undoEdit(event.data.changes, later)
    case 'ColumnAssociated':
      return undoRole(event.data, later)
    case 'ProductMarkedOfficial':
    case 'ProductUnmarkedOfficial':
      return later.some(({ type }) => type === 'ProductMarkedOfficial' || type === 'ProductUnmarkedOfficial')
        ? { refused: 'The official mark was changed again later.' }
        : { command: { type: 'MarkOfficial', official: event.type === 'ProductUnmarkedOfficial' } }
    case 'ProductDeleted':
    case 'ProductRestored':
      if (later.some(({ type }) => LIFE.has(type))) return { refused: 'It was deleted or restored again later.' }
      return { command: { type: event.type === 'ProductDeleted' ? 'RestoreProduct' : 'DeleteProduct' } }
    case 'FileAttached': {
      const before = events[index - 1]
      return before && isProductEvent(before) && before.type === 'FileRemoved' && before.data.replaced
        ? undoRemoval(events, index - 1)
        : undoAddition(event.data, later)
    }
    case 'FileRemoved':
      return undoRemoval(events, index)
    case 'ProductPublished':
      return { refused: 'What was published may be in use already: delete the product instead.' }
    case 'ProductPurged':
      return { refused: 'The files were destroyed for good.' }
    default:
      return { refused: 'Only what people changed can be undone.' }
  }
}

const LIFE: ReadonlySet<string> = new Set(['ProductDeleted', 'ProductRestored', 'ProductPurged'])

type Changes = Extract<ProductEvent, { type: 'MetadataEdited' }>['data']['changes']

function undoEdit(changes: Changes, later: readonly ProductEvent[]): Undo {
  const edits = later.flatMap((event) => (event.type === 'MetadataEdited' ? [event.data.changes] : []))
  for (const field of Object.keys(changes) as (keyof Changes)[]) {
    const last = edits.findLast((edit) => edit[field] !== undefined)?.[field]
    // Changed and changed back is as if it had not been changed.
    if (last !== undefined && JSON.stringify(last.to) !== JSON.stringify(changes[field]?.to)) {
      return { refused: `The ${FIELD_NAMES[field]} was changed again later: undo that first.` }
    }
  }
  const { displayName, description, pzCode, productType, release } = changes
  const metadata: Metadata = {
    ...(displayName && { displayName: displayName.from }),
    ...(description && { description: description.from }),
    ...(pzCode && { pzCode: pzCode.from }),
    ...(productType && { productType: productType.from }),
    ...(release && { release: release.from }),
  }
  return { command: { type: 'EditMetadata', metadata } }
}

type Association = Extract<ProductEvent, { type: 'ColumnAssociated' }>['data']

function undoRole({ columnId, columnName, alias, ucd, previous }: Association, later: readonly ProductEvent[]): Undo {
  const last = later.findLast((event) => event.type === 'ColumnAssociated' && event.data.columnId === columnId)
  if (last?.type === 'ColumnAssociated' && (last.data.alias !== alias || last.data.ucd !== ucd)) {
    return { refused: `The role of ${columnName} was changed again later: undo that first.` }
  }
  if (columnsGone(later)(columnId)) {
    return { refused: `The main file was replaced or removed, and there is no column ${columnName} any more.` }
  }
  const holder = previous.alias === null ? undefined : holderOf(previous.alias, columnId, later)
  if (holder !== undefined) {
    return { refused: `The role ${previous.alias} was given to ${holder} later: undo that first.` }
  }
  return { command: { type: 'AssociateColumn', columnId, alias: previous.alias, ucd: previous.ucd } }
}

/** Which columns are not there any more. */
function columnsGone(later: readonly ProductEvent[]): (columnId: number) => boolean {
  const last = later.findLast(
    ({ type, data }) =>
      type === 'MainFileInspected' ||
      type === 'InspectionFailed' ||
      (type === 'FileRemoved' && data.role === 'main' && !data.replaced),
  )
  if (last === undefined) return () => false
  if (last.type !== 'MainFileInspected') return () => true
  const present = new Set(last.data.columns.map(({ id }) => id))
  return (columnId) => !present.has(columnId)
}

/** The other column that was given a role later, and has it still. */
function holderOf(alias: string, columnId: number, later: readonly ProductEvent[]): string | undefined {
  const given = new Map<number, Association>()
  for (const event of later) if (event.type === 'ColumnAssociated') given.set(event.data.columnId, event.data)
  const isGone = columnsGone(later)
  const holds = (each: Association) => each.alias?.toLowerCase() === alias.toLowerCase() && !isGone(each.columnId)
  return [...given.values()].find((each) => each.columnId !== columnId && holds(each))?.columnName
}

type RemovedFile = Extract<ProductEvent, { type: 'FileRemoved' }>['data']
type Place = Pick<AttachedFile, 'role' | 'name'>

/** Files stand in one place when one takes the other's: a product has one main file, and one file of a name. */
const samePlace = (a: Place, b: Place): boolean => (a.role === 'main' ? b.role === 'main' : a.name === b.name)

const touches =
  (place: Place) =>
  (event: ProductEvent): boolean =>
    event.type === 'ProductPurged' ||
    ((event.type === 'FileAttached' || event.type === 'FileRemoved') && samePlace(place, event.data))

function undoAddition(file: AttachedFile, later: readonly ProductEvent[]): Undo {
  if (file.role === 'main') return { refused: 'A product keeps its main file: replace it, or delete the product.' }
  if (later.some(touches(file))) return { refused: `${file.name} was removed or replaced later: undo that first.` }
  return { command: { type: 'RemoveFile', fileId: file.fileId } }
}

/** @param index of the removal; when the file was replaced, its successor is the next event */
function undoRemoval(events: readonly PastEvent[], index: number): Undo {
  const before = events.slice(0, index).filter(isProductEvent)
  const removal = events[index]
  if (!removal || !isProductEvent(removal) || removal.type !== 'FileRemoved')
    throw new Error('The event is not the removal of a file')
  const removed: RemovedFile = removal.data
  const later = events.slice(index + (removed.replaced ? 2 : 1)).filter(isProductEvent)
  if (later.some(({ type }) => type === 'ProductPurged')) return { refused: 'The files were destroyed for good.' }
  if (later.some(touches(removed))) {
    const what = removed.role === 'main' ? 'main file' : `file ${removed.name}`
    return { refused: `The ${what} was changed again later: undo that first.` }
  }
  const attached = before.findLast((event) => event.type === 'FileAttached' && event.data.fileId === removed.fileId)
  if (attached?.type !== 'FileAttached') return { refused: 'The event that added the file is not known here.' }
  const roles = removed.role === 'main' ? rolesAfter(before) : []
  return { bringBack: { file: attached.data, replace: removed.replaced, roles } }
}

function rolesAfter(events: readonly ProductEvent[]): BringBack['roles'] {
  const state = events.reduce<ProductState>(productDecider.evolve, productDecider.initialState)
  if (state.status === 'absent') return []
  return state.columns.flatMap(({ name: columnName, role: { alias, ucd } }) =>
    alias === null && ucd === null ? [] : [{ columnName, alias, ucd }],
  )
}
