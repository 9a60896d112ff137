/** A list of products. */

import type { PastList, ProductListProps, ProductRow } from '../../../views/pages/product-list.tsx'
import { feedLinks, frame } from './site.ts'

const row = (id: number, displayName: string, more: Partial<ProductRow> = {}): ProductRow => ({
  id,
  internalName: `${id}_product`,
  displayName,
  href: `/product/${id}_product`,
  typeName: 'Reference redshift catalog',
  releaseName: null,
  owner: 'demo',
  official: false,
  status: 'published',
  origin: 'Upload',
  createdAt: '2026-03-14T09:00:00Z',
  updatedAt: '2026-03-14T09:00:00Z',
  rows: 14302,
  size: 2_400_100,
  actions: {
    download: { href: '/product/1/zip' },
    share: { href: '/product/1' },
    edit: { href: '/product/1/edit' },
    delete: { refused: 'only its owner or an administrator may' },
  },
  ...more,
})

export const productList: ProductListProps = {
  frame,
  list: 'user_products',
  place: { path: '/user_products', query: 'type=redshift_catalog&ordering=-createdAt' },
  search: '',
  ordering: '-createdAt',
  page: { number: 3, size: 10, total: 214 },
  past: null,
  links: feedLinks,
  rows: [
    row(42, 'DESI DR1 in the DP1 fields', { official: true }),
    row(60, 'Combined redshifts, z_flag ≥ 3', {
      origin: 'Combine Redshift Catalogs',
      rows: 1_204_331,
      size: 98_000_000,
    }),
    row(71, 'Training set DP1 v2', {
      typeName: 'Training Set',
      releaseName: 'Rubin DP1',
      origin: 'Training Set Maker',
      stale: true,
      foundIn: 'column zphot',
    }),
    row(72, 'FlexZBoost estimator', {
      typeName: 'Training Results',
      rows: null,
      size: 4_100_000,
      releaseName: 'Rubin DP1',
    }),
    row(73, 'LSST-wide photo-z PDFs (metadata only)', {
      typeName: 'Photo-z Estimates',
      rows: null,
      size: null,
      status: 'registering',
    }),
    row(74, 'GAMA DR4', { status: 'failed', rows: null }),
    row(75, 'Combining…', { status: 'processing', rows: null, size: null, origin: 'Combine Redshift Catalogs' }),
  ],
  facets: [
    {
      name: 'type',
      label: 'Type',
      values: [
        { value: 'redshift_catalog', label: 'Reference Redshift Catalog', count: 214, chosen: true },
        { value: 'training_set', label: 'Training Set', count: 96, chosen: false },
        { value: 'training_results', label: 'Training Results', count: 41, chosen: false },
        { value: 'validation_results', label: 'Validation Results', count: 12, chosen: false },
      ],
    },
    {
      name: 'owner',
      label: 'Owner',
      values: Array.from({ length: 12 }, (_, index) => ({
        value: `user${index}`,
        label: `Astronomer ${index + 1}`,
        count: 40 - 3 * index,
        chosen: false,
      })),
    },
    { name: 'release', label: 'Release', values: [{ value: 'dp1', label: 'Rubin DP1', count: 31, chosen: false }] },
  ],
}

export const pastList: PastList = {
  asOf: '2026-03-01',
  words: 'at the end of 1 March 2026 (UTC)',
  day: '2026-03-01',
}
