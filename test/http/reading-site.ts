import { afterAll } from 'vitest'
import { createGroup } from '../../src/accounts/groups.ts'
import { accountsOf } from '../../src/application/people.ts'
import type { Answer } from '../support/answer.ts'
import { type Client, testApp } from '../support/app.ts'
import { accepted, PRODUCT_TYPE, published, registered } from '../support/products.ts'

export const XSS = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
export const HTML = '<h1>How</h1><script>document.cookie</script>'

/** A page, as a browser asks for it. */
export const page = (client: Client, path: string, headers: Record<string, string> = {}): Promise<Answer> =>
  client.get(path, { Accept: 'text/html', ...headers })

/** A site with something to read for each kind of reader, for a whole file of tests. */
export async function readingSite() {
  const app = await testApp()
  afterAll(() => app.close())
  const [alice, bob, admin] = [app.as('alice'), app.as('bob'), app.as('admin')]
  const nameOf = async (id: number): Promise<string> => accepted(await admin.get(`/api/products/${id}/`)).internal_name
  const pathOf = async (id: number): Promise<string> => `/product/${encodeURIComponent(await nameOf(id))}`

  const catalog = await published(alice, {
    display_name: 'Gold catalog',
    description: '# Sample\n\nsee [x](https://x.org)',
  })
  accepted(await alice.upload(catalog, 'how.html', HTML, { role: 1 }))
  await published(bob, { display_name: `Bad ${XSS}`, description: XSS })
  await published(admin, { display_name: 'Vouched for', official_product: true })
  const draft = await registered(alice, { display_name: 'Secret draft' })
  const release: number = accepted(
    await admin.post('/api/releases/', {
      name: 'closed',
      display_name: 'Closed release',
      access_groups: [(await createGroup(accountsOf(app.context), 'insiders')).id],
      is_public: false,
    }),
  ).id
  const hidden = await registered(admin, { display_name: 'Embargoed', product_type: PRODUCT_TYPE.other, release })
  accepted(await admin.upload(hidden, 'embargo.bin', 'x'))
  accepted(await admin.upload(hidden, 'embargo.html', '<p>embargo</p>', { role: 1 }))
  accepted(await admin.patch(`/api/products/${hidden}/`, { status: '1' }))
  return { app, alice, bob, admin, nameOf, pathOf, catalog, draft, hidden, release }
}
