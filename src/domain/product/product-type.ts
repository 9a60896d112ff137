import type { Alias } from './column-role.ts'

/** The kinds of data products, with the ids of the production server (the Python client compares them as numbers). */
export interface ProductType {
  readonly id: number
  readonly name: ProductTypeName
  readonly displayName: string
  /** Place in menus. */
  readonly order: number
  readonly description: string
  /** Roles that columns must have before the product can be published. */
  readonly mandatoryRoles: readonly Alias[]
  readonly mayHaveRelease: boolean
  readonly mayHavePzCode: boolean
  /** The main file must be a table. */
  readonly tabular: boolean
  /** May be published without a main file: the data are elsewhere, the entry describes them. */
  readonly metadataOnly: boolean
  /** How messages name several of them. */
  readonly plural: string
}

export const PRODUCT_TYPE_NAMES = [
  'redshift_catalog',
  'training_set',
  'validation_results',
  'photoz_estimates',
  'training_results',
  'object_catalog',
  'other',
] as const

export type ProductTypeName = (typeof PRODUCT_TYPE_NAMES)[number]

export const PRODUCT_TYPES: readonly ProductType[] = [
  {
    id: 1,
    name: 'redshift_catalog',
    displayName: 'Reference Redshift Catalog',
    order: 1,
    description:
      'Catalog of reference redshifts and positions of galaxies (usually spectroscopic redshifts and equatorial coordinates).',
    mandatoryRoles: ['RA', 'Dec', 'z'],
    mayHaveRelease: false,
    mayHavePzCode: false,
    tabular: true,
    metadataOnly: false,
    plural: 'Redshift Catalogs',
  },
  {
    id: 2,
    name: 'training_set',
    displayName: 'Training Set',
    order: 2,
    description:
      'Training set for photo-z algorithms (tabular data). It usually contains magnitudes, errors, and reference redshifts.',
    mandatoryRoles: ['z'],
    mayHaveRelease: true,
    mayHavePzCode: false,
    tabular: true,
    metadataOnly: false,
    plural: 'Training Set',
  },
  {
    id: 5,
    name: 'training_results',
    displayName: 'Training Results',
    order: 3,
    description:
      'Any file(s) resulting from the training of machine learning algorithms (free format). E.g.: output of RAIL inform module estimator_<algorithm>.pkl.',
    mandatoryRoles: [],
    mayHaveRelease: true,
    mayHavePzCode: false,
    tabular: false,
    metadataOnly: false,
    plural: 'Training Results',
  },
  {
    id: 3,
    name: 'validation_results',
    displayName: 'Validation Results',
    order: 4,
    description:
      'Results of a photo-z validation procedure (free format). Usually contains photo-z estimates (single estimates and/or PDFs) of a validation set and photo-z validation metrics.',
    mandatoryRoles: [],
    mayHaveRelease: true,
    mayHavePzCode: true,
    tabular: false,
    metadataOnly: false,
    plural: 'Validation Results',
  },
  {
    id: 4,
    name: 'photoz_estimates',
    displayName: 'Photo-z Estimates',
    order: 5,
    description:
      'Results of a photo-z estimation procedure (usually the output of RAIL Estimate module). If the data is larger than the file upload limit (200MB), the product entry stores only the metadata, and the description says how to get the data.',
    mandatoryRoles: [],
    mayHaveRelease: true,
    mayHavePzCode: true,
    tabular: false,
    metadataOnly: true,
    plural: 'Photo-z Estimates',
  },
  {
    id: 6,
    name: 'object_catalog',
    displayName: 'Objects Catalog',
    order: 6,
    description: 'Catalog of objects',
    mandatoryRoles: ['RA', 'Dec'],
    mayHaveRelease: true,
    mayHavePzCode: true,
    tabular: true,
    metadataOnly: false,
    plural: 'Objects Catalogs',
  },
  {
    id: 7,
    name: 'other',
    displayName: 'Other',
    order: 7,
    description: 'Any file(s)',
    mandatoryRoles: [],
    mayHaveRelease: true,
    mayHavePzCode: true,
    tabular: false,
    metadataOnly: false,
    plural: 'Other',
  },
]

const BY_NAME: ReadonlyMap<string, ProductType> = new Map(PRODUCT_TYPES.map((type) => [type.name, type]))

export const findProductType = (name: string): ProductType | undefined => BY_NAME.get(name)

/** The type of a name that comes from our own events. */
export function productType(name: ProductTypeName): ProductType {
  const type = BY_NAME.get(name)
  if (type === undefined) throw new Error(`No product type is called ${name}`)
  return type
}
