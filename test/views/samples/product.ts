/** A product with all tabs of its page. */

import type { BlameRow } from '../../../views/components/blame-table.tsx'
import type { TimelineEntry } from '../../../views/components/timeline.tsx'
import type { ImportedView, ProductView } from '../../../views/pages/product/model.ts'
import type { ProductPageProps } from '../../../views/pages/product/page.tsx'
import { frame, nz, SHA } from './site.ts'
import { columns, density, FIELDS, fieldCells, previewRows, skyCells } from './table.ts'

const nodes = [
  { id: 'f1', kind: 'file', label: 'desi_dp1.csv', note: 'upload, 2 Feb 2026' },
  { id: 'f2', kind: 'file', label: 'desi_dp1.parquet', note: 'upload, 14 Mar 2026' },
  { id: 'p42', kind: 'product', label: 'DESI DR1 in the DP1 fields', note: 'version 3', self: true },
  {
    id: 'p17',
    kind: 'product',
    label: '2dFGRS and 6dFGS',
    note: 'Reference redshift catalog',
    href: '/product/17_2df',
  },
  { id: 'r51', kind: 'run', label: 'Combine, run 51', note: 'Combine Redshift Catalogs', href: '/runs/51' },
  {
    id: 'p60',
    kind: 'product',
    label: 'Combined, z_flag ≥ 3',
    note: 'Reference redshift catalog',
    href: '/product/60_x',
  },
  { id: 'r58', kind: 'run', label: 'Training set, run 58', note: 'Training Set Maker', href: '/runs/58' },
  { id: 'p71', kind: 'product', label: 'Training set DP1 v2', note: 'Training set', href: '/product/71_x' },
] as const
const edges = [
  { from: 'f1', to: 'p42' },
  { from: 'f2', to: 'p42' },
  { from: 'p42', to: 'r51' },
  { from: 'p17', to: 'r51' },
  { from: 'r51', to: 'p60' },
  { from: 'p60', to: 'r58' },
  { from: 'r58', to: 'p71' },
]
export const lineage = { nodes, edges }

const entries: readonly TimelineEntry[] = [
  {
    id: 'event-11',
    what: 'Role of column Z set to z',
    who: 'Demo Astronomer',
    at: '2026-03-14T10:02:00Z',
    changes: [{ field: 'role of Z', before: null, after: 'z' }],
  },
  {
    id: 'event-10',
    what: 'Main file replaced: 14,302 rows (118 more)',
    who: 'Demo Astronomer',
    at: '2026-03-14T09:58:00Z',
    changes: [{ field: 'main file', before: 'desi_dp1.csv', after: 'desi_dp1.parquet' }],
  },
  {
    id: 'event-4',
    what: 'Description edited',
    who: 'Demo Astronomer',
    at: '2026-02-03T12:00:00Z',
    changes: [
      {
        field: 'description',
        before: 'DESI.',
        after: 'Selected from the public DESI DR1 zcatalog by position, with the pipeline flags kept as they are.',
      },
    ],
  },
  { id: 'event-3', what: 'Marked official', who: 'Admin', at: '2026-02-02T16:40:00Z' },
]

/** Who set what: a field that changed twice, one that was emptied, one that never changed. */
export const blame: readonly BlameRow[] = [
  {
    label: 'description',
    value: 'Selected from the public DESI DR1 zcatalog by position, with the pipeline flags kept as they are.',
    who: 'Demo Astronomer',
    at: '2026-02-03T12:00:00Z',
    href: '?tab=history#event-4',
    before: { value: 'DESI.', who: 'Ana', at: '2026-02-02T16:30:00Z' },
  },
  {
    label: 'role of ZERR',
    value: null,
    who: 'Ana',
    at: '2026-02-03T12:10:00Z',
    href: '?tab=history#event-5',
    before: { value: 'z_err', who: 'Demo Astronomer', at: '2026-02-02T16:35:00Z' },
  },
  {
    label: 'type',
    value: 'Reference redshift catalog',
    who: 'Demo Astronomer',
    at: '2026-02-02T16:30:00Z',
    href: '?tab=history#event-1',
    before: null,
  },
]

/** A product that came from another server with its history, of which the page shows the newest events. */
export const imported: ImportedView = {
  server: 'https://photoz.example.net',
  stream: 'product-7',
  signedBy: SHA,
  signedAt: '2026-01-30T08:00:00Z',
  problem: null,
  count: 14,
  entries: [
    { what: 'Published', who: 'ana (there)', at: '2026-01-12T11:00:00Z' },
    { what: 'Registered', who: 'ana (there)', at: '2026-01-12T10:40:00Z' },
  ],
}

export const product: ProductView = {
  id: 42,
  internalName: '42_desi_dr1_in_the_dp1_fields',
  displayName: 'DESI DR1 in the DP1 fields',
  typeName: 'Reference redshift catalog',
  typeHref: '/products?type=redshift_catalog',
  release: null,
  owner: { name: 'demo', href: '/products?owner=demo' },
  official: true,
  status: 'published',
  origin: { name: 'Upload' },
  pzCode: null,
  createdAt: '2026-03-14T09:00:00Z',
  updatedAt: '2026-03-14T10:02:00Z',
  version: 3,
  summary: '14,302 redshifts, 0.003 < z < 3.41, in seven fields; 93 % galaxies, 5 % quasars, 2 % stars.',
  descriptionHtml:
    '<p>Selected from the public DESI DR1 <code>zcatalog</code> by position, with the pipeline flags kept as they are.</p>',
  files: [
    { id: 1, name: 'desi_dp1.parquet', role: 'main', size: 2_112_400, href: '/product/42/files/1', sha256: SHA },
    { id: 2, name: 'selection.html', role: 'description', size: 184_211, href: '/product/42/files/2', sha256: SHA },
    { id: 3, name: 'make.ipynb', role: 'auxiliary', size: 96_050, href: '/product/42/files/3', sha256: SHA },
  ],
  usedBy: { text: '2 training sets', href: '?tab=provenance' },
  download: {
    main: { href: '/product/42/files/1', format: 'Parquet', size: 2_112_400 },
    zip: { href: '/product/42/zip', size: 2_400_100 },
  },
  edit: { href: '/product/42_desi_dr1_in_the_dp1_fields/edit' },
  remove: { href: '/product/42_desi_dr1_in_the_dp1_fields/delete' },
  restore: null,
  share: {
    url: 'https://photoz.example.org/product/42_desi_dr1_in_the_dp1_fields',
    permalink: 'https://photoz.example.org/product/42_desi_dr1_in_the_dp1_fields?as_of=18204',
    bibtex:
      '@misc{photoz42,\n  title = {{DESI DR1 in the DP1 fields}},\n  author = {Demo Astronomer},\n  year = {2026},\n}',
    citations: [
      { label: 'CITATION.cff', href: '/api/products/42/provenance/?as_of=18204&format=cff' },
      { label: 'DataCite', href: '/api/products/42/provenance/?as_of=18204&format=datacite' },
    ],
    snippets: [
      { name: 'Python', code: 'from pzserver import PzServer\n\npz = PzServer(token)\nt = pz.get_product(42)' },
      {
        name: 'curl',
        code: 'curl -H "Authorization: Token $TOKEN" \\\n  -O https://photoz.example.org/product/42/files/1',
      },
      { name: 'pandas', code: 'import pandas\n\nt = pandas.read_parquet("desi_dp1.parquet")' },
    ],
  },
  recent: entries.slice(0, 3),
  lineage: {
    nodes: [
      { id: 'a', kind: 'file', label: 'upload v2' },
      { id: 'b', kind: 'file', label: 'edit roles' },
      { id: 'c', kind: 'product', label: 'this, v3', self: true },
      { id: 'd', kind: 'run', label: 'TSM #51', href: '/runs/51' },
      { id: 'e', kind: 'run', label: 'TSM #58', href: '/runs/58' },
    ],
    edges: [
      { from: 'a', to: 'c' },
      { from: 'b', to: 'c' },
      { from: 'c', to: 'd' },
      { from: 'c', to: 'e' },
    ],
  },
  downloads: { times: 12, people: 5, href: '/product/42_desi/downloads' },
  proof: { sha256: SHA, position: '18204', verifiedAt: '2026-03-14T10:02:00Z', href: '/help/proof' },
}

const previewContent = {
  tab: 'preview',
  preview: {
    totalRows: 14302,
    totalColumns: 137,
    columns,
    rows: previewRows,
    firstRow: 1,
    allColumnsHref: '?columns=all',
    previousHref: null,
    nextHref: '?from=13',
    coneHref: '?tab=sky#cone',
    notes: [],
  },
  sky: skyCells,
  redshift: { column: 'Z', histogram: nz },
} as const

export const productPage: ProductPageProps = {
  frame,
  product,
  tabs: [
    { name: 'preview' },
    { name: 'columns', count: 137 },
    { name: 'sky' },
    { name: 'redshift' },
    { name: 'description' },
    { name: 'provenance' },
    { name: 'history', count: 11 },
  ],
  content: previewContent,
  moments: {
    chosen: '',
    choices: [
      { value: '', label: 'today' },
      { value: '18100', label: '14 Mar 2026, 09:58' },
      { value: '12000', label: '2 Feb 2026, 16:40' },
    ],
  },
  structuredData: { '@context': 'https://schema.org', '@type': 'Dataset', name: product.displayName },
}

export const contents = {
  preview: previewContent,
  columns: { tab: 'columns', columns, rows: 14302 },
  sky: {
    tab: 'sky',
    sky: {
      cells: skyCells,
      without: 3,
      fieldCount: 140,
      fields: FIELDS.map(([label]) => ({
        label,
        href: `?tab=sky&field=${encodeURIComponent(label)}`,
        chosen: label === 'ECDFS',
      })),
      field: { label: 'ECDFS', cells: fieldCells(53.13, -28.1, 0.1) },
    },
    cone: {
      ra: '53.13',
      dec: '-28.1',
      radius: '30',
      problems: [],
      found: {
        centre: { ra: 53.13, dec: -28.1, radius: 30 },
        columns: [
          { name: 'TARGETID', type: 'int64', unit: null },
          { name: 'TARGET_RA', type: 'float64', unit: 'deg' },
          { name: 'SPECTYPE', type: 'string', unit: null },
        ],
        totalColumns: 137,
        rows: [
          { distance: 0.4127, cells: ['2305843019946942123', 53.130012, 'GALAXY'] },
          { distance: 18.2, cells: ['2305843019946942260', 53.1349, null] },
        ],
        isCut: false,
        jsonHref: '/api/products/42/cone/?RA=53.13&DEC=-28.1&SR=0.008',
        votableHref: '/api/products/42/cone/?RA=53.13&DEC=-28.1&SR=0.008&format=votable',
      },
    },
  },
  redshift: {
    tab: 'redshift',
    redshift: {
      column: 'Z',
      histogram: nz,
      secure: { label: 'ZWARN = 0', counts: nz.counts.map((value) => Math.floor(value * 0.8)) },
      against: [{ title: 'Redshift against magnitude', grid: density }],
      flags: {
        column: 'ZWARN',
        values: [
          { value: '0', count: 13114 },
          { value: '4', count: 1188 },
        ],
      },
    },
  },
  description: {
    tab: 'description',
    files: [{ name: 'selection.html', href: '?tab=description', chosen: true }],
    src: 'about:blank',
    downloadHref: '/product/42/files/2',
  },
  config: {
    tab: 'config',
    text: 'param:\n  combine_type: concatenate\n  z_flag_homogenized_value_to_cut: 3.0\n',
    truncated: false,
    fileHref: '/x',
  },
  logs: {
    tab: 'logs',
    text: '10:02:31 preparation 42_desi: 14,302 rows\n'.repeat(60),
    truncated: true,
    fileHref: '/x',
  },
  provenance: {
    tab: 'provenance',
    ...lineage,
    exports: [
      { label: 'W3C PROV (JSON)', href: '/x' },
      { label: 'RO-Crate', href: '/y' },
    ],
    blame,
  },
  history: {
    tab: 'history',
    entries,
    filter: {
      path: '/product/42_desi_dr1_in_the_dp1_fields',
      carried: [['tab', 'history']],
      people: [
        { value: 'demo', label: 'Demo Astronomer (9)' },
        { value: 'admin', label: 'Admin (2)' },
      ],
      kinds: [
        { value: 'metadata', label: 'metadata (2)' },
        { value: 'files', label: 'files (5)' },
      ],
      person: '',
      kind: 'metadata',
    },
    later: 2,
    feedHref: '/feeds?product=42',
    imported,
  },
} as const satisfies Record<string, ProductPageProps['content']>
