import type { ReleaseEvent, ReleaseFields } from '../../domain/release/release.ts'
import { type BlamedEvent, BlamedFields, domainEventOf, type FieldBlame, type Json } from './fields.ts'

/** Names in the API, and as people call them. */
const FIELDS: Readonly<Record<keyof ReleaseFields, readonly [field: string, label: string]>> = {
  name: ['name', 'short name'],
  displayName: ['display_name', 'name'],
  description: ['description', 'description'],
  indexingColumn: ['indexing_column', 'id column'],
  hasMagHats: ['has_mag_hats', 'magnitudes catalog'],
  hasFluxHats: ['has_flux_hats', 'fluxes catalog'],
  dereddening: ['dereddening', 'dereddening'],
  fluxes: ['fluxes', 'fluxes'],
  isPublic: ['is_public', 'public'],
  accessGroups: ['access_groups', 'access groups'],
}

/** Who set what a release says today, also who may use it. @param events all of the release, oldest first */
export function blameRelease(events: readonly BlamedEvent[]): FieldBlame[] {
  const fields = new BlamedFields()
  for (const recorded of events) {
    const event = domainEventOf(recorded) as ReleaseEvent
    if (event.type === 'ReleaseRetired') {
      fields.set(recorded, 'status', 'retired', 'retired', true)
      continue
    }
    const given: Partial<ReleaseFields> = event.type === 'ReleaseDefined' ? event.data.fields : event.data.to
    for (const [key, [field, label]] of Object.entries(FIELDS)) {
      const value = given[key as keyof ReleaseFields]
      if (value !== undefined) fields.set(recorded, 'metadata', field, label, value === '' ? null : (value as Json))
    }
    if (event.type === 'ReleaseDefined') fields.set(recorded, 'status', 'retired', 'retired', false)
  }
  return fields.list()
}
