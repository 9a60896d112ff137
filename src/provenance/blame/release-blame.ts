import { FIELD_NAMES } from '../../domain/field-names.ts'
import { isReleaseEvent, type ReleaseEvent, type ReleaseFields } from '../../domain/release/release.ts'
import { type BlamedEvent, BlamedFields, type FieldBlame, type Json } from './fields.ts'

/** Names in the API. */
const FIELDS: Readonly<Record<keyof ReleaseFields, string>> = {
  name: 'name',
  displayName: 'display_name',
  description: 'description',
  indexingColumn: 'indexing_column',
  hasMagHats: 'has_mag_hats',
  hasFluxHats: 'has_flux_hats',
  dereddening: 'dereddening',
  fluxes: 'fluxes',
  isPublic: 'is_public',
  accessGroups: 'access_groups',
}

/** Who set what a release says today, also who may use it. @param events all of the release, oldest first */
export function blameRelease(events: readonly BlamedEvent[]): FieldBlame[] {
  const fields = new BlamedFields()
  for (const recorded of events) {
    if (!isReleaseEvent(recorded)) continue
    const event: ReleaseEvent = recorded
    if (event.type === 'ReleaseRetired' || event.type === 'ReleaseRestored') {
      fields.set(recorded, 'status', 'retired', 'retired', event.type === 'ReleaseRetired')
      continue
    }
    const given: Partial<ReleaseFields> = event.type === 'ReleaseDefined' ? event.data.fields : event.data.to
    for (const key of Object.keys(FIELDS) as (keyof ReleaseFields)[]) {
      const value = given[key]
      if (value === undefined) continue
      fields.set(recorded, 'metadata', FIELDS[key], FIELD_NAMES[key], value === '' ? null : (value as Json))
    }
    if (event.type === 'ReleaseDefined') fields.set(recorded, 'status', 'retired', 'retired', false)
  }
  return fields.list()
}
