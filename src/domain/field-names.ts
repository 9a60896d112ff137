/**
 * What people call the fields of products, releases and runs, in the order in which a sentence names them. JSON in the
 * database keeps no order of its own, so a history would otherwise read differently from one reader to the next.
 */
export const FIELD_NAMES = {
  name: 'short name',
  displayName: 'name',
  description: 'description',
  comment: 'note',
  pzCode: 'photo-z code',
  productType: 'product type',
  release: 'release',
  indexingColumn: 'id column',
  hasMagHats: 'magnitudes catalog',
  hasFluxHats: 'fluxes catalog',
  dereddening: 'dereddening',
  fluxes: 'fluxes',
  isPublic: 'public mark',
  accessGroups: 'access groups',
} as const
export type FieldName = keyof typeof FIELD_NAMES

export const FIELDS_IN_ORDER = Object.keys(FIELD_NAMES) as readonly FieldName[]
