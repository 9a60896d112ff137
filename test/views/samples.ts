/** Props of pages as a busy server would give them: for the tests, and for the gallery of pictures. Always the same. */

import type { Histogram } from '../../src/tables/inspection.ts'
import type { BlameRow } from '../../views/components/blame-table.tsx'
import type { TimelineEntry } from '../../views/components/timeline.tsx'
import type { Frame } from '../../views/frame.ts'
import type { HeadLink } from '../../views/layout.tsx'
import type { RoleRow } from '../../views/pages/product/form.tsx'
import type { ImportedView, ProductColumn, ProductView } from '../../views/pages/product/model.ts'
import type { Draft, ProductNewProps } from '../../views/pages/product/new.tsx'
import type { ProductPageProps } from '../../views/pages/product/page.tsx'
import type { PastList, ProductListProps, ProductRow } from '../../views/pages/product-list.tsx'
import type { SkyCell } from '../../views/plots/sky-map.tsx'

export const NOW = '2026-03-14T10:05:00Z'
export const SHA = '9f3c6f2b1c0d4e5f60718293a4b5c6d7e8f90112233445566778899aabbce1a7'
export const NASTY = '<script>alert("x")</script>" onmouseover="alert(1)'

export const frame: Frame = {
  user: { username: 'demo', displayName: 'Demo Astronomer', isAdmin: true },
  here: '/',
  section: 'products',
  search: '',
  environment: null,
  flashes: [],
  version: '0.1.0',
  now: NOW,
}

/** Numbers that look random and are the same each time (mulberry32). */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const bell = (bins: number, middle: number, width: number, height: number, tail = 0): number[] =>
  Array.from({ length: bins }, (_, bin) =>
    Math.round(
      height * Math.exp(-0.5 * ((bin - middle) / width) ** 2) + (bin > middle ? tail * Math.exp(-bin / bins) : 0),
    ),
  )

export const histogram = (low: number, high: number, counts: readonly number[]): Histogram => ({
  low,
  high,
  counts,
  below: 0,
  above: 0,
})

export const nz: Histogram = { ...histogram(0, 3.5, bell(48, 15, 6, 820, 240)), above: 3 }

const column = (name: string, type: ProductColumn['type'], more: Partial<ProductColumn> = {}): ProductColumn => ({
  name,
  type,
  nativeType: type,
  unit: null,
  ucd: null,
  description: null,
  nulls: 0,
  min: null,
  max: null,
  mean: null,
  standardDeviation: null,
  median: null,
  distinct: null,
  distinctIsExact: false,
  histogram: null,
  frequent: null,
  role: null,
  ...more,
})

export const columns: readonly ProductColumn[] = [
  column('TARGETID', 'int64', {
    role: 'ID',
    ucd: 'meta.id;meta.main',
    min: '2305843019946942123',
    max: '2305843031201884160',
    distinct: 14302,
    distinctIsExact: true,
  }),
  column('TARGET_RA', 'float64', {
    role: 'RA',
    unit: 'deg',
    ucd: 'pos.eq.ra;meta.main',
    min: 37.0123,
    max: 106.4,
    median: 53.2,
    mean: 55.31,
    standardDeviation: 18.2,
    distinct: 14290,
    histogram: histogram(37, 107, bell(32, 9, 3, 900, 40)),
  }),
  column('TARGET_DEC', 'float64', {
    role: 'Dec',
    unit: 'deg',
    ucd: 'pos.eq.dec;meta.main',
    min: -72.4,
    max: 7.1,
    median: -28.0,
    mean: -27.8,
    standardDeviation: 14,
    distinct: 14290,
    histogram: histogram(-73, 8, bell(32, 17, 3, 900, 40)),
  }),
  column('Z', 'float64', {
    role: 'z',
    ucd: 'src.redshift',
    description: 'Redshift measured by Redrock',
    min: 0.003,
    max: 3.41,
    median: 0.92,
    mean: 1.02,
    standardDeviation: 0.61,
    distinct: 14100,
    histogram: nz,
  }),
  column('ZERR', 'float64', {
    role: 'z_err',
    min: 2.1e-6,
    max: 0.0041,
    median: 4.7e-5,
    mean: 6.1e-5,
    histogram: histogram(0, 0.004, bell(32, 3, 2, 700)),
  }),
  column('ZWARN', 'int64', {
    role: 'z_flag',
    min: 0,
    max: 4,
    distinct: 2,
    distinctIsExact: true,
    frequent: [
      { value: 0, count: 13114 },
      { value: 4, count: 1188 },
    ],
  }),
  column('SPECTYPE', 'string', {
    min: 'GALAXY',
    max: 'STAR',
    distinct: 3,
    distinctIsExact: true,
    frequent: [
      { value: 'GALAXY', count: 13301 },
      { value: 'QSO', count: 715 },
      { value: 'STAR', count: 286 },
    ],
  }),
  column('FLUX_R', 'float32', {
    unit: 'nanomaggy',
    nulls: 212,
    min: -0.4,
    max: 512.1,
    median: 12.9,
    histogram: histogram(-0.4, 60, bell(32, 7, 5, 600, 20)),
  }),
]

const chance = random(7)
const TYPES = ['GALAXY', 'GALAXY', 'GALAXY', 'QSO', 'STAR']
export const previewRows = Array.from({ length: 12 }, (_, row) => [
  String(2305843019946942123n + BigInt(row * 137)),
  Number((52 + 2 * chance()).toFixed(6)),
  Number((-28 + chance()).toFixed(6)),
  Number((1.6 * chance()).toFixed(5)),
  Number((1e-4 * chance()).toPrecision(2)),
  chance() < 0.8 ? 0 : 4,
  TYPES[Math.floor(5 * chance())] ?? null,
  row === 2 ? null : Number((40 * chance()).toFixed(3)),
])

/** The seven fields of DP1, as cells of a quarter of a degree. */
export const fieldCells = (ra: number, dec: number, sizeDeg = 0.25, radius = 0.9, seed = 3): readonly SkyCell[] => {
  const next = random(seed)
  const cells: SkyCell[] = []
  for (let y = -radius; y <= radius; y += sizeDeg) {
    for (let x = -radius; x <= radius; x += sizeDeg) {
      const away = Math.hypot(x, y) / radius
      if (away > 1 || Math.abs(dec + y) > 90) continue
      const count = Math.round(60 * Math.exp(-2 * away * away) * (0.4 + next()))
      if (count > 0) cells.push({ raDeg: ra + x / Math.cos((dec * Math.PI) / 180), decDeg: dec + y, sizeDeg, count })
    }
  }
  return cells
}

const FIELDS = [
  ['47 Tuc', 6.02, -72.08],
  ['SV 38 7', 37.86, 6.98],
  ['Fornax dSph', 40, -34.45],
  ['ECDFS', 53.13, -28.1],
  ['EDFS', 59.1, -48.73],
  ['SV 95 -25', 95, -25],
  ['Seagull', 106.23, -10.51],
] as const

export const skyCells: readonly SkyCell[] = FIELDS.flatMap(([, ra, dec], index) =>
  fieldCells(ra, dec, 0.9, 1.6, index + 1),
)

const magnitudes = { label: 'r magnitude (AB)', low: 16, high: 26, bins: 40 }
const redshifts = { label: 'redshift z', low: 0, high: 3.5, bins: 28 }
export const density = {
  x: magnitudes,
  y: redshifts,
  counts: Array.from({ length: magnitudes.bins * redshifts.bins }, (_, index) => {
    const mag = (index % magnitudes.bins) / magnitudes.bins
    const z = Math.floor(index / magnitudes.bins) / redshifts.bins
    return Math.floor(
      400 * Math.exp(-(((z - 0.55 * mag * mag) / 0.09) ** 2)) * mag * mag * (1.3 - mag) * (0.6 + chance()),
    )
  }),
}

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

/** Feeds of the site, as the start page and the lists announce them. */
export const feedLinks: readonly HeadLink[] = [
  {
    rel: 'alternate',
    type: 'application/atom+xml',
    title: 'What happens on the server',
    href: '/api/feed/?format=atom',
  },
  {
    rel: 'alternate',
    type: 'application/feed+json',
    title: 'What happens on the server',
    href: '/api/feed/?format=json',
  },
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
      fields: FIELDS.map(([label]) => ({
        label,
        href: `?tab=sky&field=${encodeURIComponent(label)}`,
        chosen: label === 'ECDFS',
      })),
      field: { label: 'ECDFS', cells: fieldCells(53.13, -28.1, 0.1) },
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
    feedHref: '/feeds?product=42',
    imported,
  },
} as const satisfies Record<string, ProductPageProps['content']>

/** 1,300 columns, as a catalog of the whole object table has. */
export const manyColumns: readonly ProductColumn[] = Array.from({ length: 1300 }, (_, index) =>
  column(`${'ugrizy'[index % 6]}_measurement_${index}`, index % 4 === 0 ? 'int32' : 'float32', {
    unit: index % 2 ? 'nJy' : null,
    min: 0,
    max: 100 + index,
    median: 12.5,
    histogram: histogram(0, 100, bell(32, index % 32, 4, 500)),
  }),
)

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
