/** All other pages in their states: home, account, help, errors. */

import { AccountPage } from '../../views/pages/account.tsx'
import { ErrorPage } from '../../views/pages/error.tsx'
import { ApiReferencePage, HelpPage } from '../../views/pages/help.tsx'
import { HomePage } from '../../views/pages/home.tsx'
import { SignInPage } from '../../views/pages/sign-in.tsx'
import type { Pages } from './page-states.ts'
import { product } from './samples/product.ts'
import { feedLinks, frame, NASTY, NOW, SHA } from './samples/site.ts'

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

export const sitePages: Pages = {
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
      revokeTokens={false}
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
      revokeTokens={false}
      mayChangePassword={false}
      tokens={[]}
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
