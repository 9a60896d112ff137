/** The pages of products in their states: lists, tabs, forms. */

import { ProductEditPage } from '../../views/pages/product/edit.tsx'
import { ProductImportPage } from '../../views/pages/product/import.tsx'
import { ProductNewPage } from '../../views/pages/product/new.tsx'
import { ProductPage } from '../../views/pages/product/page.tsx'
import { ProductListPage } from '../../views/pages/product-list.tsx'
import type { Pages } from './page-states.ts'
import { contents, imported, product, productPage } from './samples/product.ts'
import { draft, productNew, roleRows, roles } from './samples/product-form.ts'
import { pastList, productList } from './samples/product-list.ts'
import { frame, NASTY } from './samples/site.ts'
import { fieldCells, manyColumns, previewRows } from './samples/table.ts'

const LONG = 'A very long name of a product that goes on and on, with_an_unbreakable_part_'.concat('x'.repeat(170))
const emptyPreview = { tab: 'preview', preview: null, why: 'The main file, estimator.pkl, is a pickle.' } as const
const tabs = Object.fromEntries(
  Object.entries(contents).map(([name, content]) => [
    `product-${name}`,
    () => <ProductPage {...productPage} content={content} />,
  ]),
)

export const productPages: Pages = {
  list: () => <ProductListPage {...productList} />,
  'list-empty': () => (
    <ProductListPage
      {...productList}
      list="my_products"
      place={{ path: '/my_products', query: '' }}
      rows={[]}
      facets={[]}
      page={{ number: 1, size: 10, total: 0 }}
    />
  ),
  'list-nothing-found': () => (
    <ProductListPage {...productList} search={NASTY} rows={[]} page={{ number: 1, size: 10, total: 0 }} />
  ),
  'list-long': () => (
    <ProductListPage
      {...productList}
      rows={productList.rows.map((row) => ({ ...row, displayName: LONG, owner: NASTY }))}
    />
  ),
  'list-past': () => (
    <ProductListPage
      {...productList}
      place={{ path: '/user_products', query: `as_of=${pastList.asOf}` }}
      past={pastList}
      rows={productList.rows.map((row) => ({ ...row, href: `${row.href}?as_of=${pastList.asOf}` }))}
      links={[]}
    />
  ),
  ...tabs,
  'product-history-not-believed': () => (
    <ProductPage
      {...productPage}
      content={{
        ...contents.history,
        entries: [],
        imported: { ...imported, server: null, problem: `The chain breaks at event 3: ${NASTY}` },
      }}
    />
  ),
  'product-past': () => (
    <ProductPage
      {...productPage}
      frame={{ ...frame, flashes: [{ kind: 'success', text: 'Saved.' }] }}
      moments={{ ...productPage.moments, chosen: '12000' }}
    />
  ),
  'product-nasty': () => (
    <ProductPage
      {...productPage}
      product={{
        ...product,
        displayName: NASTY,
        owner: { name: NASTY, href: '/x' },
        summary: NASTY,
        descriptionHtml: null,
        edit: { refused: 'only its owner or an administrator may' },
        remove: { refused: 'only its owner or an administrator may' },
      }}
      structuredData={{ name: NASTY }}
      content={{
        ...contents.preview,
        preview: {
          ...contents.preview.preview,
          columns: contents.preview.preview.columns.map((column) => ({ ...column, name: NASTY, role: NASTY })),
          rows: [[NASTY, NASTY, NASTY, null, null, null, null, null]],
        },
      }}
    />
  ),
  'product-draft': () => (
    <ProductPage
      {...productPage}
      product={{
        ...product,
        displayName: LONG,
        status: 'failed',
        statusReason: 'The main file could not be read: line 118 has 7 fields instead of 8.',
        summary: null,
        descriptionHtml: null,
        official: false,
        files: [],
        usedBy: null,
        download: { main: null, zip: null },
        lineage: { nodes: [], edges: [] },
        recent: [],
        proof: { ...product.proof, sha256: null, verifiedAt: null },
      }}
      moments={{ chosen: '', choices: [] }}
      content={emptyPreview}
    />
  ),
  'product-1300-columns': () => (
    <ProductPage
      {...productPage}
      content={{
        tab: 'preview',
        preview: {
          ...contents.preview.preview,
          totalColumns: 1300,
          columns: manyColumns,
          rows: previewRows.map((row) => manyColumns.map((_, index) => row[index % row.length] ?? null)),
          allColumnsHref: null,
          notes: ['The file holds 3 tables; this is the first (PHOT).'],
        },
      }}
    />
  ),
  'product-1300-columns-list': () => (
    <ProductPage {...productPage} content={{ tab: 'columns', columns: manyColumns, rows: 100 }} />
  ),
  'product-no-sky': () => <ProductPage {...productPage} content={{ tab: 'sky', sky: null, cone: null }} />,
  'product-no-redshift': () => <ProductPage {...productPage} content={{ tab: 'redshift', redshift: null }} />,
  'product-sky-edge': () => (
    <ProductPage
      {...productPage}
      content={{
        tab: 'sky',
        cone: {
          ra: 'ten',
          dec: '',
          radius: '10',
          problems: [
            { field: 'ra', text: '"ten" is not a right ascension in degrees, 0 to 360.' },
            { field: 'dec', text: 'Say a declination in degrees, -90 to 90.' },
          ],
          found: null,
        },
        sky: {
          cells: [...fieldCells(0.1, 2, 4, 12), ...fieldCells(359, -60, 4, 12), ...fieldCells(20, 86, 3, 8)],
          without: 0,
          fieldCount: 1,
          fields: [{ label: 'pole', href: '?', chosen: true }],
          field: { label: 'the pole', cells: fieldCells(20, 88, 0.5, 2) },
        },
      }}
    />
  ),
  new: () => <ProductNewPage {...productNew} />,
  'new-draft': () => (
    <ProductNewPage
      {...productNew}
      values={{ ...productNew.values, displayName: 'DESI DR1 in the DP1 fields' }}
      draft={draft}
      errors={{ displayName: 'You have a product of this name already.' }}
    />
  ),
  'new-reading': () => (
    <ProductNewPage {...productNew} draft={{ ...draft, inspection: { state: 'reading', fileName: 'big.parquet' } }} />
  ),
  'new-failed': () => (
    <ProductNewPage
      {...productNew}
      draft={{
        ...draft,
        inspection: {
          state: 'failed',
          fileName: 'table.csv',
          problem: 'Line 118 has 7 fields instead of 8: is a quotation mark missing?',
          mayPublish: false,
        },
      }}
    />
  ),
  import: () => <ProductImportPage frame={frame} fileLimit={200_000_000} problem={null} />,
  'import-refused': () => (
    <ProductImportPage frame={frame} fileLimit={200_000_000} problem={`events.ndjson was changed: ${NASTY}.`} />
  ),
  edit: () => (
    <ProductEditPage
      frame={frame}
      internalName={product.internalName}
      displayName={product.displayName}
      typeName={product.typeName}
      values={{
        displayName: product.displayName,
        type: 'redshift_catalog',
        release: null,
        pzCode: null,
        description: '# DESI\n\nText',
        official: true,
      }}
      rules={{ ...productNew.rules, typeIsFixed: true, takesRelease: false }}
      errors={{}}
      files={product.files}
      columns={roleRows}
      roles={roles}
      fileLimit={200_000_000}
      revision="11"
    />
  ),
}
