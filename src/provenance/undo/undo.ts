import type { ProductEvent } from '../../domain/product/events.ts'
import type { Metadata, ProductCommand } from '../../domain/product/product.ts'

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
    { readonly type: 'EditMetadata' | 'AssociateColumn' | 'MarkOfficial' | 'DeleteProduct' | 'RestoreProduct' }
  >
>

/** The command that takes an event back, or why there is none. */
export type Undo = { readonly command: UndoCommand } | { readonly refused: string }

/**
 * How to take back one event of a product: a metadata edit, the role of a column, the official mark, a deletion or a
 * restoration. It is refused when something later changed the same thing, because the later change would be lost.
 * @param events of the product until today, oldest first; those before the event in question may be left out
 */
export function undoOf(events: readonly PastEvent[], position: string): Undo {
  const index = events.findIndex((event) => event.position === position)
  const found = events[index]
  if (found === undefined) return { refused: 'This product has no event at that position.' }
  const event = productEvent(found)
  const later = events.slice(index + 1).map(productEvent)
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
    case 'FileAttached':
    case 'FileRemoved':
      return { refused: 'Files are not undone: replace the file, or remove it.' }
    case 'ProductPublished':
      return { refused: 'What was published may be in use already: delete the product instead.' }
    case 'ProductPurged':
      return { refused: 'The files were destroyed for good.' }
    default:
      return { refused: 'Only what people changed can be undone.' }
  }
}

const LIFE: ReadonlySet<string> = new Set(['ProductDeleted', 'ProductRestored', 'ProductPurged'])

const productEvent = ({ type, data }: PastEvent): ProductEvent => ({ type, data }) as unknown as ProductEvent // checked when it was written

type Changes = Extract<ProductEvent, { type: 'MetadataEdited' }>['data']['changes']

const NAMES: Readonly<Record<keyof Changes, string>> = {
  displayName: 'name',
  description: 'description',
  pzCode: 'photo-z code',
  productType: 'product type',
  release: 'release',
}

function undoEdit(changes: Changes, later: readonly ProductEvent[]): Undo {
  const edits = later.flatMap((event) => (event.type === 'MetadataEdited' ? [event.data.changes] : []))
  for (const field of Object.keys(changes) as (keyof Changes)[]) {
    const last = edits.findLast((edit) => edit[field] !== undefined)?.[field]
    // Changed and changed back is as if it had not been changed.
    if (last !== undefined && JSON.stringify(last.to) !== JSON.stringify(changes[field]?.to)) {
      return { refused: `The ${NAMES[field]} was changed again later: undo that first.` }
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
  const inspected = later.findLast((event) => event.type === 'MainFileInspected' || event.type === 'InspectionFailed')
  const gone =
    inspected?.type === 'InspectionFailed' ||
    (inspected?.type === 'MainFileInspected' && !inspected.data.columns.some(({ id }) => id === columnId))
  if (gone) return { refused: `The main file was replaced, and has no column ${columnName} any more.` }
  const taken = later.findLast(
    (event) =>
      event.type === 'ColumnAssociated' && event.data.columnId !== columnId && event.data.alias === previous.alias,
  )
  if (previous.alias !== null && taken?.type === 'ColumnAssociated') {
    return { refused: `The role ${previous.alias} was given to ${taken.data.columnName} later: undo that first.` }
  }
  return { command: { type: 'AssociateColumn', columnId, alias: previous.alias, ucd: previous.ucd } }
}
