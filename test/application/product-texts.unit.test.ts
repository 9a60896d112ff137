import { describe, expect, it } from 'vitest'
import { bibtex, datasetJsonLd } from '../../src/application/citation.ts'
import { descriptionHtml } from '../../src/application/markdown.ts'
import { magnitudeColumn, roundBins, secureFlagsOf } from '../../src/application/product-plots.ts'
import { type SnippetFacts, snippetsFor } from '../../src/application/snippets.ts'
import { productsCsv } from '../../src/http/pages/product-list-export.ts'
import type { ListedProduct } from '../../src/projections/products/queries.ts'
import type { ColumnProfile } from '../../src/tables/inspection.ts'

const AT = '2026-03-14T09:00:00.000Z'
const listed: ListedProduct = {
  product: {
    id: 7,
    internalName: '7_a',
    displayName: 'A & {B}_50%',
    productType: 'training_set',
    releaseId: null,
    pzCode: null,
    description: '</script><script>alert(1)</script>',
    official: false,
    status: 'published',
    statusBeforeDeletion: null,
    statusReason: null,
    ownerId: 1,
    owner: 'ana',
    origin: 'Upload',
    runId: null,
    mainFileId: null,
    version: 2,
    format: null,
    rows: null,
    columns: null,
    highestColumnId: null,
    files: 0,
    size: 0,
    createdAt: AT,
    updatedAt: AT,
    publishedAt: AT,
    revision: 3,
    position: '00000000000000000009',
  },
  release: null,
  ownerName: { display: 'Ana Núñez', first: '', last: '' },
}

describe('descriptions', () => {
  it.each([
    ['<script>alert(1)</script>', /script/],
    ['<img src=x onerror=alert(1)>', /onerror|<img/],
    ['<a href="javascript:alert(1)">x</a>', /javascript/],
    ['[x](javascript:alert(1))', /javascript/],
    ['[x](data:text/html,<script>1</script>)', /href="data/],
    ['<iframe src="https://evil.example"></iframe>', /iframe/],
    ['<form action="/sign-out"><button>x</button></form>', /form|button/],
    ['<p style="position:fixed" class="btn" id="content">x</p>', /style|class|id=/],
    ['<svg><a xlink:href="javascript:1"></a></svg>', /svg|javascript/],
    ['</div></main><h1>not ours</h1>', /<\/div|<\/main|<h1/],
    ['![x](https://evil.example/x.png)', /<img/],
    ['<details ontoggle=alert(1) open>x</details>', /ontoggle/],
    ['<math><mtext></p><style><img src=x onerror=1></style></mtext></math>', /onerror|<style|<math/],
  ])('let nothing through of %s', (markdown, never) => {
    expect(descriptionHtml(markdown)).not.toMatch(never)
  })

  it('keep what Markdown is for', () => {
    const html = descriptionHtml('# A\n\n**b** `c` [d](https://x.org)\n\n| e | f |\n|--:|---|\n| 1 | 2 |\n\n~~g~~')
    for (const part of [
      '<h2>A</h2>',
      '<strong>b</strong>',
      '<code>c</code>',
      '<th align="right">e</th>',
      '<del>g</del>',
    ]) {
      expect(html).toContain(part)
    }
    expect(html).toContain('<a href="https://x.org" rel="nofollow noopener noreferrer ugc">d</a>')
  })

  it('say what is done in a list of tasks', () => {
    expect(descriptionHtml('- [ ] todo\n- [x] done')).toMatch(/<li>☐ todo<\/li>\s*<li>☑ done<\/li>/)
  })

  it('show very long texts as they are', () => {
    const html = descriptionHtml(`<b>${'['.repeat(250_000)}`)
    expect(html).toMatch(/^<pre tabindex="0">&lt;b&gt;\[\[/)
  })

  it('show texts that are nested too deeply as they are', () => {
    expect(descriptionHtml('>'.repeat(60_000))).toMatch(/^<pre tabindex="0">(&gt;){60000}<\/pre>$/)
  })
})

describe('citations', () => {
  it('escape what LaTeX would read', () => {
    const entry = bibtex(listed, null, 'https://pz.example.org', AT)
    expect(entry).toContain('@misc{pzserver7v2,')
    expect(entry).toContain('title = {{A \\& B\\_50\\%}}')
    expect(entry).toContain('author = {{Ana Núñez}}')
    expect(entry).toContain('url = {https://pz.example.org/product/7_a?as_of=00009}')
  })

  it('describe a data set', () => {
    expect(datasetJsonLd(listed, [], [], 'https://pz.example.org')).toMatchObject({
      '@type': 'Dataset',
      url: 'https://pz.example.org/product/7_a',
      version: '2',
      datePublished: AT,
    })
  })
})

describe('code', () => {
  const facts: SnippetFacts = {
    id: 7,
    internalName: '7_a',
    base: 'https://pz.example.org',
    productType: 'training_set',
    main: { name: 'a.parquet', format: 'parquet', dialect: null },
    columns: [
      ...['u', 'g', 'r', 'i', 'z', 'y'].map((band) => ({ name: `mag_${band}_lsst`, type: 'float32', alias: null })),
      ...['g', 'r'].map((band) => ({ name: `${band}_cModelMag`, type: 'float32', alias: null })),
      { name: 'mag_err_i_lsst', type: 'float32', alias: null },
      { name: 'specz', type: 'float64', alias: 'z' },
    ],
  }
  const codeOf = (name: string, more: Partial<SnippetFacts> = {}) =>
    snippetsFor({ ...facts, ...more }).find((snippet) => snippet.name === name)?.code

  it('has the id, the address and the columns filled in', () => {
    expect(codeOf('Python')).toContain('table = server.get_product(7)')
    expect(codeOf('pandas')).toContain('pd.read_parquet(url, storage_options=headers)')
    expect(codeOf('RAIL')).toContain('redshift_col="specz", ref_band="mag_i_lsst"')
    expect(codeOf('RAIL')).toContain(
      'bands=["mag_u_lsst", "mag_g_lsst", "mag_r_lsst", "mag_i_lsst", "mag_z_lsst", "mag_y_lsst"]',
    )
  })

  it('downloads what the Python client cannot read', () => {
    expect(codeOf('Python', { main: { name: 'a.vot', format: 'votable', dialect: null } })).toContain(
      'download_product(7',
    )
    expect(codeOf('Python', { productType: 'training_results' })).toContain('download_product(7')
    expect(snippetsFor({ ...facts, main: null }).map(({ name }) => name)).toEqual(['Python', 'curl'])
  })

  it('leads TOPCAT to what it reads, and to the cone search of what is on the sky', () => {
    expect(codeOf('TOPCAT')).toContain('topcat -f parquet "https://pz.example.org/api/products/7/download_main_file/"')
    expect(codeOf('TOPCAT')).not.toContain('cone')
    const columns = ['RA', 'Dec'].map((name) => ({ name, type: 'float64', alias: name }))
    expect(codeOf('TOPCAT', { columns })).toContain('https://pz.example.org/api/products/7/cone/?format=votable&')
    expect(codeOf('TOPCAT', { main: { name: 'a.hdf5', format: 'hdf5', dialect: null } })).toBeUndefined()
  })
})

describe('lists as CSV', () => {
  it('keep every text, and guard formulas when asked', () => {
    const item = {
      ...listed,
      product: { ...listed.product, displayName: '-29.87', description: 'a "b"\r\nc', rows: -1 },
    }
    const request = { actor: { userId: 1, username: 'ana', isAdmin: false, groupIds: [] }, correlationId: 'x' }
    const [, plain] = productsCsv([item], request, false).split(/\r\n(?=\d)/)
    expect(plain).toContain(',-29.87,')
    expect(plain).toContain('"a ""b""\r\nc"')
    const guarded = productsCsv([item], request, true)
    expect(guarded).toContain(",'-29.87,")
    expect(guarded).toContain(',-1,')
  })
})

describe('bins and magnitudes', () => {
  it('have round edges and hold the range', () => {
    for (const [low, high] of [
      [0.0154, 2.43],
      [-0.0036, 3.22],
      [17.912, 27.1],
      [1e-9, 3e-9],
      [5, 5.0001],
    ] as const) {
      const { low: first, high: last, bins } = roundBins({ low, high }, 50)
      expect(first).toBeLessThanOrEqual(low)
      expect(last).toBeGreaterThanOrEqual(high)
      expect(bins).toBeGreaterThan(15)
      expect(bins).toBeLessThan(60)
    }
  })

  it('leave room around a single value, so that an axis can be read', () => {
    const around = (value: number) => roundBins({ low: value - 1e-6 * value, high: value + 1e-6 * value }, 50)
    expect(around(0.5)).toEqual({ low: 0.45, high: 0.55, bins: 50 })
    expect(around(20)).toEqual({ low: 18, high: 22, bins: 40 })
  })

  it.each([
    [['g_cModelMag', 'i_cModelMag', 'i_cModelMagErr'], 'i_cModelMag'],
    [['mag_r_lsst', 'mag_i_lsst', 'mag_err_i_lsst'], 'mag_i_lsst'],
    [['bmag', 'rmag', 'err_rmag'], 'rmag'],
    [['MAG_AUTO', 'MAGERR_AUTO'], 'MAG_AUTO'],
    [['ra', 'image_id', 'magnification'], null],
  ])('finds the magnitude among %j', (names, expected) => {
    const columns = names.map((name) => ({ ...PROFILE, name }))
    expect(magnitudeColumn(columns)?.name ?? null).toBe(expected)
  })
})

describe('secure redshifts', () => {
  it.each([
    ['ZFLAG', 4, [3, 4]],
    ['qop', 6, [3, 4]],
    ['QUALITY', 5, [3, 4, 5]],
    ['flag', '5', [3, 4, 5]],
    ['z_flag_homogenized', 6, [3, 4]],
    ['ZWARN', 5, [0]],
  ] as const)('have in a column %s up to %s the flags %j', (name, max, values) => {
    expect(secureFlagsOf({ name, max }).values).toEqual(values)
  })
})

const PROFILE: ColumnProfile = {
  name: '',
  type: 'float32',
  nativeType: 'float',
  unit: null,
  ucd: null,
  description: null,
  nulls: 0,
  min: 0,
  max: 1,
  mean: 0.5,
  standardDeviation: 0.1,
  median: 0.5,
  distinct: 10,
  distinctIsExact: true,
  histogram: { low: 0, high: 1, counts: [1, 2], below: 0, above: 0 },
  frequent: null,
}
