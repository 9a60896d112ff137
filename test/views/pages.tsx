/** Every page in its states, by name: what the tests check and the gallery draws. */

import type { JSX } from 'hono/jsx/jsx-runtime'
import { AccountPage } from '../../views/pages/account.tsx'
import { DeletedPage } from '../../views/pages/admin/deleted.tsx'
import { EventsPage } from '../../views/pages/admin/events.tsx'
import { IntegrityPage } from '../../views/pages/admin/integrity.tsx'
import { PeoplePage, PersonPage } from '../../views/pages/admin/people.tsx'
import { ReadModelsPage } from '../../views/pages/admin/read-models.tsx'
import { type ReleaseForm, ReleasePage, ReleasesPage } from '../../views/pages/admin/releases.tsx'
import { TransferPage } from '../../views/pages/admin/transfer.tsx'
import { ErrorPage } from '../../views/pages/error.tsx'
import { ApiReferencePage, HelpPage } from '../../views/pages/help.tsx'
import { HomePage } from '../../views/pages/home.tsx'
import { ProductEditPage } from '../../views/pages/product/edit.tsx'
import { ProductImportPage } from '../../views/pages/product/import.tsx'
import { ProductNewPage } from '../../views/pages/product/new.tsx'
import { ProductPage } from '../../views/pages/product/page.tsx'
import { ProductListPage } from '../../views/pages/product-list.tsx'
import { SignInPage } from '../../views/pages/sign-in.tsx'
import {
  contents,
  draft,
  feedLinks,
  fieldCells,
  frame,
  imported,
  manyColumns,
  NASTY,
  NOW,
  pastList,
  previewRows,
  product,
  productList,
  productNew,
  productPage,
  roleRows,
  roles,
  SHA,
} from './samples.ts'

const LONG = 'A very long name of a product that goes on and on, with_an_unbreakable_part_'.concat('x'.repeat(170))
const admin = { ...frame, section: 'admin' } as const
const place = { path: '/admin', query: '' }
const releaseForm: ReleaseForm = {
  name: '',
  displayName: '',
  description: '',
  indexingColumn: 'objectId',
  hasMagHats: false,
  hasFluxHats: false,
  isPublic: true,
  groups: ['1'],
}
const help = {
  frame: { ...frame, section: 'help' } as const,
  title: 'User guide',
  current: '/help',
  chapters: [
    { href: '/help', title: 'User guide' },
    { href: '/help/python', title: 'Python in five minutes' },
    { href: '/help/api', title: 'API reference' },
  ],
}
const signedOut = { ...frame, user: null, section: null } as const
const emptyPreview = { tab: 'preview', preview: null, why: 'The main file, estimator.pkl, is a pickle.' } as const

const tabs = Object.fromEntries(
  Object.entries(contents).map(([name, content]) => [
    `product-${name}`,
    () => <ProductPage {...productPage} content={content} />,
  ]),
)

export const pages: Readonly<Record<string, () => JSX.Element | Promise<JSX.Element>>> = {
  home: () => (
    <HomePage
      frame={frame}
      counts={{ official: 12, user: 214, pipelines: 2, events: 18204 }}
      latestProducts={[
        {
          internalName: '42_x',
          displayName: product.displayName,
          typeName: product.typeName,
          owner: 'demo',
          official: true,
          createdAt: '2026-03-14T09:00:00Z',
        },
        {
          internalName: '71_x',
          displayName: 'Training set DP1 v2',
          typeName: 'Training Set',
          owner: 'ana',
          official: false,
          createdAt: '2026-03-12T09:00:00Z',
        },
      ]}
      latestRuns={[
        {
          id: 58,
          name: 'Training set DP1 v2',
          pipelineName: 'Training Set Maker',
          owner: 'ana',
          status: 'running',
          at: NOW,
        },
        {
          id: 51,
          name: 'Combined redshifts',
          pipelineName: 'Combine Redshift Catalogs',
          owner: 'demo',
          status: 'successful',
          at: '2026-03-13T09:00:00Z',
        },
      ]}
      links={feedLinks}
    />
  ),
  'home-empty': () => (
    <HomePage
      frame={{ ...signedOut, environment: 'development' }}
      counts={{ official: 0, user: 0, pipelines: 2, events: 1 }}
      latestProducts={[]}
      latestRuns={[]}
      links={[]}
    />
  ),
  'sign-in': () => <SignInPage frame={signedOut} next="/my_products" contact="pz-admin@example.org" />,
  'sign-in-wrong': () => (
    <SignInPage frame={signedOut} next="/" username={NASTY} problem="The user name or the password is wrong." />
  ),
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
  'product-no-sky': () => <ProductPage {...productPage} content={{ tab: 'sky', sky: null }} />,
  'product-no-redshift': () => <ProductPage {...productPage} content={{ tab: 'redshift', redshift: null }} />,
  'product-sky-edge': () => (
    <ProductPage
      {...productPage}
      content={{
        tab: 'sky',
        sky: {
          cells: [...fieldCells(0.1, 2, 4, 12), ...fieldCells(359, -60, 4, 12), ...fieldCells(20, 86, 3, 8)],
          without: 0,
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
  'admin-transfer': () => <TransferPage frame={admin} fileLimit={200_000_000} problem="The zip file is damaged." />,
  'admin-release-retired': () => (
    <ReleasePage
      frame={admin}
      id={2}
      retired
      values={{ ...releaseForm, name: 'dp02', displayName: 'DP0.2' }}
      groups={[]}
      errors={{}}
    />
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
  account: () => (
    <AccountPage
      frame={{ ...frame, section: 'account' }}
      username="demo"
      displayName="Demo Astronomer"
      email="demo@example.org"
      groups={['DESC', 'Admin']}
      room={{ used: 1_900_000_000, quota: 2_000_000_000 }}
      newToken={{ name: 'notebook', secret: `pz_${SHA}` }}
      errors={{ tokenName: 'You have a token of this name already.' }}
      mayChangePassword
      tokens={[
        {
          id: '1',
          name: 'notebook',
          scopes: ['read'],
          createdAt: NOW,
          expiresAt: '2026-06-14T00:00:00Z',
          lastUsedAt: null,
          state: 'active',
        },
        {
          id: '2',
          name: 'cluster',
          scopes: ['read', 'write'],
          createdAt: '2025-03-14T00:00:00Z',
          expiresAt: null,
          lastUsedAt: '2026-03-14T09:00:00Z',
          state: 'active',
        },
        {
          id: '3',
          name: NASTY,
          scopes: ['read'],
          createdAt: '2025-03-14T00:00:00Z',
          expiresAt: '2025-06-14T00:00:00Z',
          lastUsedAt: null,
          state: 'expired',
        },
      ]}
    />
  ),
  'account-empty': () => (
    <AccountPage
      frame={frame}
      username="new"
      displayName="New"
      email={null}
      groups={[]}
      room={{ used: 0, quota: null }}
      newToken={null}
      errors={{}}
      mayChangePassword={false}
      tokens={[]}
    />
  ),
  'admin-people': () => (
    <PeoplePage
      frame={admin}
      place={place}
      ordering="username"
      page={{ number: 1, size: 25, total: 2 }}
      errors={{}}
      typed={{}}
      people={[
        {
          id: '1',
          username: 'demo',
          displayName: 'Demo Astronomer',
          isAdmin: true,
          groups: ['DESC'],
          active: true,
          products: 12,
          used: 4e9,
          quota: 1e10,
          lastSeenAt: NOW,
        },
        {
          id: '2',
          username: 'gone',
          displayName: NASTY,
          isAdmin: false,
          groups: [],
          active: false,
          products: 0,
          used: 0,
          quota: null,
          lastSeenAt: null,
        },
      ]}
      groups={[{ name: 'DESC', members: 31, releases: ['dp1'] }]}
    />
  ),
  'admin-person': () => (
    <PersonPage
      frame={admin}
      id={2}
      username="gone"
      isSelf={false}
      values={{ displayName: NASTY, isAdmin: false, active: false, groups: ['DESC'] }}
      groups={['DESC', NASTY]}
      errors={{ password: 'Use at least 8 characters.' }}
    />
  ),
  'admin-deleted': () => (
    <DeletedPage
      frame={admin}
      place={{ path: '/admin/deleted', query: '' }}
      page={{ number: 1, size: 25, total: 1 }}
      products={[
        {
          id: 42,
          internalName: '42_x',
          displayName: NASTY,
          typeName: 'Other',
          owner: 'demo',
          deletedAt: NOW,
          files: 3,
          size: 2_100_000,
        },
      ]}
    />
  ),
  'admin-deleted-none': () => (
    <DeletedPage
      frame={admin}
      place={{ path: '/admin/deleted', query: '' }}
      page={{ number: 1, size: 25, total: 0 }}
      products={[]}
    />
  ),
  'admin-releases': () => (
    <ReleasesPage
      frame={admin}
      errors={{}}
      values={releaseForm}
      groups={[{ value: '1', label: 'DESC' }]}
      releases={[
        {
          id: 1,
          name: 'dp1',
          displayName: 'Rubin DP1',
          description: 'Data Preview 1',
          isPublic: false,
          groups: ['DESC'],
          products: 31,
          catalogs: ['magnitudes', 'fluxes'],
          retired: false,
        },
        {
          id: 2,
          name: 'dp02',
          displayName: 'DP0.2',
          description: null,
          isPublic: true,
          groups: [],
          products: 4,
          catalogs: [],
          retired: true,
        },
      ]}
    />
  ),
  'admin-release': () => (
    <ReleasePage
      frame={admin}
      id={1}
      retired={false}
      values={{ ...releaseForm, name: 'dp1', displayName: NASTY }}
      groups={[{ value: '1', label: NASTY }]}
      errors={{ name: 'release with this name already exists.' }}
    />
  ),
  'admin-read-models': () => (
    <ReadModelsPage
      frame={admin}
      head={{ position: '18204', events: 18204, store: 'EventStoreDB' }}
      models={[
        {
          name: 'products',
          position: '18204',
          lag: 0,
          rows: 226,
          updatedAt: NOW,
          state: 'live',
          progress: null,
          error: null,
        },
        {
          name: 'ledger',
          position: '9000',
          lag: 9204,
          rows: 9000,
          updatedAt: NOW,
          state: 'rebuilding',
          progress: 0.49,
          error: null,
        },
        {
          name: 'lineage',
          position: '17000',
          lag: 1204,
          rows: 331,
          updatedAt: '2026-03-14T08:00:00Z',
          state: 'failed',
          progress: null,
          error: 'column "x" does not exist',
        },
      ]}
    />
  ),
  'admin-integrity': () => (
    <IntegrityPage
      frame={admin}
      running={null}
      report={{
        at: NOW,
        milliseconds: 8400,
        position: '18204',
        head: SHA,
        checks: [
          { name: 'Hash chain', meaning: 'each event against the one before it', checked: 18204, problems: [] },
          { name: 'Files', meaning: 'each file against its sha-256', checked: 611, problems: [`${SHA} is missing`] },
        ],
      }}
    />
  ),
  'admin-integrity-none': () => (
    <IntegrityPage frame={admin} report={null} running={{ what: 'Reading the log', progress: null }} />
  ),
  'admin-events': () => (
    <EventsPage
      frame={admin}
      place={{ path: '/admin/events', query: 'type=MetadataEdited' }}
      stream=""
      since="2026-03-01"
      until="yesterday"
      errors={{ until: '"yesterday" is not a day.' }}
      olderFrom="18202"
      newerFrom={null}
      facets={[
        {
          name: 'type',
          label: 'Type',
          values: [{ value: 'MetadataEdited', label: 'MetadataEdited', count: 912, chosen: true }],
        },
      ]}
      events={[
        {
          position: '18204',
          stream: 'product-42',
          revision: '10',
          type: 'ColumnAssociated',
          actor: 'demo',
          at: NOW,
          json: JSON.stringify({ column: 'Z', role: NASTY }, null, 2),
          length: 90,
          href: '/admin/events/18204',
        },
        {
          position: '18203',
          stream: 'run-58',
          revision: '4',
          type: 'Progressed',
          actor: 'worker 1',
          at: NOW,
          json: null,
          length: 120_000,
          href: '/admin/events/18203',
        },
      ]}
    />
  ),
  help: () => (
    <HelpPage {...help} html="<h2>Find a product</h2><p>Use the search box.</p><h3>Filters</h3><p>On the left.</p>" />
  ),
  'help-api': () => (
    <ApiReferencePage
      {...help}
      title="API reference"
      current="/help/api"
      openApiHref="/api/openapi.json"
      groups={[
        {
          name: 'Products',
          operations: [
            {
              id: 'get-products',
              method: 'GET',
              path: '/api/products/',
              summary: 'Products that match, newest first.',
              parameters: [
                {
                  name: 'search',
                  where: 'query',
                  type: 'string',
                  required: false,
                  description: 'Words in names, descriptions, columns.',
                },
              ],
              responses: [{ status: '200', description: 'A page of products.' }],
              example: 'curl -H "Authorization: Token $TOKEN" https://photoz.example.org/api/products/',
            },
          ],
        },
      ]}
    />
  ),
  'error-404': () => <ErrorPage frame={{ ...signedOut, here: '/product/99' }} status={404} />,
  'error-403': () => <ErrorPage frame={frame} status={403} />,
  'error-413': () => <ErrorPage frame={frame} status={413} limit={200_000_000} />,
  'error-500': () => <ErrorPage frame={frame} status={500} requestId="01JZX8-req-5512" />,
}

/** A page as the text that the server would send. */
export const rendered = async (name: string): Promise<string> => String(await pages[name]?.())
