import { productDecider } from '../../domain/product/decider.ts'
import { type InspectedColumn, isProductEvent, type ProductEvent } from '../../domain/product/events.ts'
import type { ProductState } from '../../domain/product/product.ts'
import { type BlamedEvent, BlamedFields, type FieldBlame } from './fields.ts'

/**
 * Who set what a product says today, field by field: its metadata, status, files, and the roles, units and descriptions of its
 * columns. A function of the events alone; over the first of them it tells of the product as it was.
 * @param events all of the product, oldest first
 */
export function blameProduct(events: readonly BlamedEvent[]): FieldBlame[] {
  const fields = new BlamedFields()
  let state: ProductState = productDecider.initialState
  for (const recorded of events) {
    if (!isProductEvent(recorded)) continue
    const event: ProductEvent = recorded
    state = productDecider.evolve(state, event)
    const metadata = (field: string, label: string, value: Parameters<BlamedFields['set']>[4]) =>
      fields.set(recorded, 'metadata', field, label, value)
    switch (event.type) {
      case 'ProductRegistered': {
        const { displayName, description, pzCode, productType, release, owner, origin } = event.data
        metadata('display_name', 'name', displayName)
        metadata('description', 'description', description)
        metadata('product_type', 'product type', productType)
        metadata('release', 'release', release)
        metadata('pz_code', 'photo-z code', pzCode)
        metadata('owner', 'owner', owner.username)
        metadata('origin', 'origin', origin)
        fields.set(recorded, 'status', 'official', 'official', false)
        break
      }
      case 'MetadataEdited': {
        const { displayName, description, pzCode, productType, release } = event.data.changes
        if (displayName) metadata('display_name', 'name', displayName.to)
        if (description) metadata('description', 'description', description.to)
        if (productType) metadata('product_type', 'product type', productType.to)
        if (release) metadata('release', 'release', release.to)
        if (pzCode) metadata('pz_code', 'photo-z code', pzCode.to)
        break
      }
      case 'ProductMarkedOfficial':
      case 'ProductUnmarkedOfficial':
        fields.set(recorded, 'status', 'official', 'official', event.type === 'ProductMarkedOfficial')
        break
      case 'ProductPublished':
      case 'ProcessingFailed':
      case 'ProductDeleted':
      case 'ProductRestored':
        break // nothing but the status
      case 'ProductPurged':
        fields.drop(({ group }) => group === 'files' || group === 'columns')
        break
      case 'ProductImported': {
        const { server, stream } = event.data.from
        metadata('imported_from', 'imported from', { server, stream })
        break
      }
      case 'FileAttached': {
        const { fileId: id, role, name, size, sha256 } = event.data
        const [field, label] = fileField(role, name)
        fields.set(recorded, 'files', field, label, { id, name, size, sha256 })
        break
      }
      case 'FileRemoved': {
        const { role, name, replaced } = event.data
        const [field, label] = fileField(role, name)
        // The file that takes its place knows what was there before.
        if (!replaced) fields.set(recorded, 'files', field, label, null)
        if (role === 'main' && !replaced) fields.drop(({ group }) => group === 'columns')
        break
      }
      case 'InspectionFailed':
        fields.drop(({ group }) => group === 'columns')
        break
      case 'MainFileInspected':
        inspected(fields, recorded, event.data.columns)
        break
      case 'ColumnAssociated': {
        const { columnId, columnName, alias, ucd } = event.data
        const role = alias === null && ucd === null ? null : { alias, ucd }
        fields.set(recorded, 'columns', `column:${columnId}:role`, `role of ${columnName}`, role)
        break
      }
      default: {
        const unknown: never = event
        return unknown
      }
    }
    if (state.status !== 'absent') fields.set(recorded, 'status', 'status', 'status', state.status)
  }
  return fields.list()
}

/** A product has one main file; the others are told apart by their names. */
const fileField = (role: string, name: string): [field: string, label: string] =>
  role === 'main' ? ['file:main', 'main file'] : [`file:${role}:${name}`, `${role} file ${name}`]

/** Columns with the numbers of earlier ones are those of the file before, and keep their roles. */
function inspected(fields: BlamedFields, event: BlamedEvent, columns: readonly InspectedColumn[]): void {
  const present = new Set(columns.map(({ id }) => `column:${id}`))
  fields.drop(({ group, field }) => group === 'columns' && !present.has(field.slice(0, field.lastIndexOf(':'))))
  for (const { id, name, type, unit, ucd, description } of columns) {
    const say = (fact: string, label: string, value: string | null) =>
      fields.set(event, 'columns', `column:${id}:${fact}`, `${label} of ${name}`, value)
    say('type', 'type', type)
    say('unit', 'unit', unit)
    say('description', 'description', description)
    say('file_ucd', 'UCD in the file', ucd)
  }
}
