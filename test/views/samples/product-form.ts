/** The forms with which a product is made and edited. */

import type { RoleRow } from '../../../views/pages/product/form.tsx'
import type { Draft, ProductNewProps } from '../../../views/pages/product/new.tsx'
import { product } from './product.ts'
import { frame } from './site.ts'

const role = (index: number, name: string, more: Partial<RoleRow> = {}): RoleRow => ({
  index,
  name,
  type: 'float64',
  unit: null,
  samples: [53.838486, 52.941955, 52.452312],
  min: 0.1,
  max: 359.8,
  emptyShare: 0,
  role: '',
  suggestion: null,
  ...more,
})

export const roleRows: readonly RoleRow[] = [
  role(0, 'TARGETID', {
    type: 'int64',
    samples: ['2305843019946942123', '2305843019946942260'],
    min: '2305843019946942123',
    max: '2305843031201884160',
    role: 'ID',
    suggestion: { role: 'ID', reason: 'its name, and all values differ' },
  }),
  role(1, 'TARGET_RA', {
    unit: 'deg',
    role: 'RA',
    suggestion: { role: 'RA', reason: 'its name, and all values lie between 0 and 360' },
  }),
  role(2, 'TARGET_DEC', {
    unit: 'deg',
    min: -72.4,
    max: 7.1,
    samples: [-28.043493, -27.72],
    role: 'Dec',
    suggestion: { role: 'Dec', reason: 'its name, and all values lie between −90 and 90' },
  }),
  role(3, 'Z', {
    min: 0.003,
    max: 3.41,
    samples: [1.44429, 0.34569],
    suggestion: { role: 'z', reason: 'its name, and all values are at least −0.01' },
  }),
  role(4, 'FLUX_R', { type: 'float32', unit: 'nanomaggy', emptyShare: 0.015, samples: [15.828, 13.229, null] }),
]

export const roles = ['ID', 'RA', 'Dec', 'z', 'z_err', 'z_flag', 'survey'].map((value) => ({ value, label: value }))

export const draft: Draft = {
  internalName: '80_desi_dr1',
  savedAt: '2026-03-14T10:01:00Z',
  inspection: {
    state: 'done',
    fileName: 'desi_dp1.csv',
    format: 'CSV, commas, with a header',
    size: 3_911_221,
    rows: 14302,
    notes: ['The file is in Latin-1; it is read as such.'],
    problems: [
      {
        serious: true,
        text: 'TARGET_DEC is beyond ±90° in 2 rows. Correct the file, or choose another column.',
        rows: [118, 12001],
      },
      {
        serious: false,
        text: 'Z is −99 in 14 rows: is that a mark for “no redshift”? Empty cells say it better.',
        rows: Array.from({ length: 14 }, (_, index) => 9 + index * 31),
      },
    ],
    columns: roleRows,
  },
  files: [product.files[1]!],
  missing: ['No column has the role z.'],
}

export const productNew: ProductNewProps = {
  frame: { ...frame, section: 'upload' },
  values: { displayName: '', type: 'redshift_catalog', release: null, pzCode: null, description: '', official: false },
  rules: {
    types: [
      {
        value: 'redshift_catalog',
        label: 'Reference Redshift Catalog',
        help: 'Reference redshifts and positions of galaxies.',
      },
      { value: 'training_set', label: 'Training Set', help: 'Magnitudes, errors and reference redshifts.' },
      { value: 'photoz_estimates', label: 'Photo-z Estimates', help: 'Results of a photo-z estimation procedure.' },
      { value: 'other', label: 'Other', help: 'Any files.' },
    ],
    releases: [{ value: 'dp1', label: 'Rubin DP1' }],
    takesRelease: true,
    takesPzCode: false,
    mayMakeOfficial: true,
    typeIsFixed: false,
  },
  errors: {},
  draft: null,
  roles,
  fileLimit: 200_000_000,
  otherDrafts: [{ internalName: '79_gama', displayName: 'GAMA DR4', savedAt: '2026-03-12T10:01:00Z' }],
}
