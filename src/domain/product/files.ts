import { DomainError, notFound } from '../error.ts'
import { mediaTypeOf } from '../media-type.ts'
import { requiredText } from '../text.ts'
import { associateAll } from './columns.ts'
import type { CommandOf, InspectionResult } from './commands.ts'
import type { ProductEvent } from './events.ts'
import { after, type InspectionEvent, type Product, type ProductFile } from './product.ts'
import { productType } from './product-type.ts'
import { lackingRoles, requirePublishable, requireRoles } from './publishable.ts'

/** Decides how a file joins a product, in place of another one or beside them. @throws DomainError */
export function attachFile(command: CommandOf<'AttachFile'>, product: Product): readonly ProductEvent[] {
  const name = requiredText('file', command.name, 255)
  const predecessor = predecessorOf({ ...command, name }, product)
  const events: ProductEvent[] = []
  if (predecessor !== undefined) events.push(removed(predecessor, true))
  events.push({
    type: 'FileAttached',
    data: {
      fileId: command.fileId,
      role: command.role,
      name,
      mediaType: mediaTypeOf(command.mediaType),
      ...command.blob,
      original: command.original,
    },
  })
  if (command.inspection !== null) events.push(inspected(command.fileId, command.inspection, product))
  events.push(...formerRoles(command, after(product, events)))
  if (product.status !== 'published') return events
  events.push(...renamedColumns(command, after(product, events)))
  requireRoles(after(product, events))
  return events
}

/** Columns keep their numbers by their names; those that were gone have new ones, and their roles again. */
function formerRoles({ formerRoles: roles = [] }: CommandOf<'AttachFile'>, product: Product): readonly ProductEvent[] {
  const had = roles.flatMap(({ columnName, alias, ucd }) => {
    const column = product.columns.find(({ name }) => name === columnName)
    return column === undefined ? [] : [{ columnId: column.id, alias, ucd }]
  })
  return associateAll(had, product)
}

/** Columns of a new main file that seem to be what the old one had under other names take the roles that would be lacking. */
function renamedColumns({ inspection, suggestedRoles = [] }: CommandOf<'AttachFile'>, product: Product) {
  if (inspection?.kind !== 'table') return []
  const lacking = new Set(lackingRoles(product))
  const roles = suggestedRoles.flatMap((alias, index) => {
    const column = product.columns.find(({ name }) => name === inspection.columns[index]?.name)
    const isFree = column !== undefined && column.role.alias === null
    return alias !== null && lacking.has(alias) && isFree ? [{ columnId: column.id, alias }] : []
  })
  return roles.length === lacking.size ? associateAll(roles, product) : []
}

/** The file whose place the new one takes; refuses a second main file and a second file of the same name. */
function predecessorOf(command: CommandOf<'AttachFile'>, product: Product): ProductFile | undefined {
  const main = command.role === 'main' ? product.files.find((file) => file.role === 'main') : undefined
  if (main !== undefined && !command.replace) {
    throw new DomainError(
      'conflict',
      `This product has a main file already (${main.name}). Replace it, or remove it first.`,
      {
        role: ['This product has a main file already.'],
      },
    )
  }
  const namesake = product.files.find((file) => file.name === command.name)
  if (namesake !== undefined && namesake !== main && !(command.replace && namesake.role === command.role)) {
    throw new DomainError('conflict', `A file with the same name already exists: ${namesake.name}.`, {
      file: ['A file with the same name already exists.'],
    })
  }
  return main ?? namesake
}

function inspected(fileId: number, result: InspectionResult, product: Product): InspectionEvent {
  if (result.kind === 'not_a_table') {
    if (productType(product.productType).tabular || result.code === 'extension_lies') {
      throw new DomainError('not_a_table', result.reason, { file: [result.reason] })
    }
    return { type: 'InspectionFailed', data: { fileId, code: result.code, reason: result.reason } }
  }
  // A column keeps its id, and with it its role, as long as its name stays.
  const known = new Map(product.columns.map((column) => [column.name, column.id]))
  const idOf = (name: string, index: number): number => {
    const id = known.get(name) ?? unusedId(result.columnIds, index)
    known.delete(name) // a file may name two columns alike
    return id
  }
  return {
    type: 'MainFileInspected',
    data: {
      fileId,
      format: result.format,
      rows: result.rows,
      columns: result.columns.map((column, index) => ({
        id: idOf(column.name, index),
        ...column,
      })),
      inspection: result.inspection,
    },
  }
}

function unusedId(ids: readonly number[], index: number): number {
  const id = ids[index]
  if (id === undefined) throw new Error(`An inspection brings ${ids.length} ids, but has more columns`)
  return id
}

/** Decides what a new look through the main file says of its columns. @throws DomainError */
export function recordInspection(command: CommandOf<'RecordInspection'>, product: Product): readonly ProductEvent[] {
  const file = product.files.find((each) => each.id === command.fileId)
  if (file?.role !== 'main') throw notFound()
  const found = inspected(command.fileId, command.inspection, product)
  if (foundBefore(found, product.lastLook)) return []
  const events = [found]
  if (product.status === 'published') requireRoles(after(product, events))
  return events
}

/** Whether the last look came to the same: then there is nothing to record. */
function foundBefore(found: InspectionEvent, last: InspectionEvent | null): boolean {
  if (last?.data.fileId !== found.data.fileId) return false
  if (found.type === 'InspectionFailed') {
    const { code, reason } = found.data
    return last.type === 'InspectionFailed' && last.data.code === code && last.data.reason === reason
  }
  const { columns, inspection } = found.data
  return (
    last.type === 'MainFileInspected' &&
    last.data.inspection.sha256 === inspection.sha256 &&
    last.data.columns.length === columns.length &&
    last.data.columns.every(({ name }, place) => name === columns[place]?.name)
  )
}

const removed = (file: ProductFile, replaced: boolean): ProductEvent => ({
  type: 'FileRemoved',
  data: { fileId: file.id, role: file.role, name: file.name, sha256: file.sha256, size: file.size, replaced },
})

/** Decides how a file goes; a published product keeps the main file that its type needs. @throws DomainError */
export function removeFile(command: CommandOf<'RemoveFile'>, product: Product): readonly ProductEvent[] {
  const file = product.files.find((each) => each.id === command.fileId)
  if (file === undefined) throw notFound()
  const events = [removed(file, false)]
  if (product.status === 'published' && file.role === 'main') requirePublishable(after(product, events))
  return events
}
