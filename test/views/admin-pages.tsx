/** The pages of administrators in their states. */

import { DeletedPage } from '../../views/pages/admin/deleted.tsx'
import { EventsPage } from '../../views/pages/admin/events.tsx'
import { IntegrityPage } from '../../views/pages/admin/integrity.tsx'
import { OfficialPage } from '../../views/pages/admin/official.tsx'
import { PeoplePage, PersonPage } from '../../views/pages/admin/people.tsx'
import { ReadModelsPage } from '../../views/pages/admin/read-models.tsx'
import { type ReleaseForm, ReleasePage, ReleasesPage } from '../../views/pages/admin/releases.tsx'
import { TransferPage } from '../../views/pages/admin/transfer.tsx'
import type { Pages } from './page-states.ts'
import { frame, NASTY, NOW, SHA } from './samples/site.ts'

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

export const adminPages: Pages = {
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
      revokeTokens
      errors={{ password: 'Use at least 8 characters.' }}
    />
  ),
  'admin-official': () => (
    <OfficialPage
      frame={admin}
      place={{ path: '/admin/official', query: '' }}
      page={{ number: 1, size: 20, total: 2 }}
      search=""
      products={[true, false].map((official, index) => ({
        ...{ id: index + 1, internalName: `${index + 1}_spectra`, displayName: 'Spectra'.repeat(index * 20 + 1) },
        ...{ typeName: 'Reference Redshift Catalog', releaseName: null, owner: 'ana', official, updatedAt: NOW },
      }))}
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
      failedAt={null}
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
    <IntegrityPage
      frame={admin}
      failedAt="2026-03-14T09:00:00.000Z"
      report={null}
      running={{ what: 'Reading the log', progress: null }}
    />
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
}
