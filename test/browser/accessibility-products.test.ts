import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accepted, giveRole, PRODUCT_TYPE, published, registered } from '../support/products.ts'
import type { Remote } from '../support/remote.ts'
import { problemsOf } from './accessibility.ts'
import { spectroscopy } from './catalogs.ts'
import { PASSWORD, type Site, startSite } from './site.ts'
import type { Visitor } from './visitor.ts'

/** Longer than any line, without a place to break it. */
const LONG_NAME = `${'Superlongphotometricredshiftcatalogofeverything_'.repeat(5)}`.slice(0, 250)
const MARKDOWN = `# Title\n\nSee [the paper](https://arxiv.org/abs/1234.5678), \`${'x'.repeat(150)}\` and ${'y'.repeat(200)}.

| ${['quality', 'meaning', 'share of all', 'use it for', 'do not use it for', 'who decided'].join(' | ')} |
|---|---|---|---|---|---|
| 4 | ${'secure'.repeat(10)} | 40 % | training | nothing | nobody |

\`\`\`
${'a long line of code '.repeat(20)}
\`\`\`

1. one
   - two

> quoted
`
const MISTAKES = `id,ra,dec,z\n${Array.from({ length: 60 }, (_, index) => `${index},${index * 7},${index === 20 ? 95 : -30},${index % 9 === 0 ? -99 : 0.5}`).join('\n')}\n`

let site: Site
let remote: Remote
let alice: Visitor

beforeAll(async () => {
  site = await startSite()
  remote = await site.addPerson('alice', 'Alice Liddell')
  alice = await site.visitor()
  await alice.signIn('alice', PASSWORD)
})
afterAll(() => site?.close())

/** Opens the page and looks. */
async function look(path: string): Promise<void> {
  expect(await alice.open(path), path).toBe(200)
  expect(await problemsOf(alice), path).toEqual([])
}

/** A redshift catalog with everything that a product can have. */
async function rich(): Promise<number> {
  const id = await registered(remote, { display_name: 'Deep field', description: MARKDOWN })
  accepted(await remote.upload(id, 'first.csv', spectroscopy(50)))
  for (const [column, role] of Object.entries({ objectId: 'ID', RAJ2000: 'RA', DEJ2000: 'Dec', zspec: 'z' })) {
    await giveRole(remote, id, column, role)
  }
  accepted(await remote.upload(id, 'notes.html', '<!doctype html><title>Notes</title><p>Notes</p>', { role: 1 }))
  accepted(await remote.upload(id, 'model.pkl', '(cposix\nsystem\np0\n.', { role: 2 }))
  accepted(await remote.patch(`/api/products/${id}/`, { status: '1' }))
  accepted(await remote.patch(`/api/products/${id}/`, { display_name: 'Deep field, again' }))
  accepted(await remote.upload(id, 'second.csv', spectroscopy(300), { role: 0, replace: true }))
  return id
}

async function pathOf(id: number): Promise<string> {
  await alice.open(`/product/${id}`)
  return new URL(alice.page.url()).pathname
}

describe('a published catalog', () => {
  let path: string
  beforeAll(async () => {
    path = await pathOf(await rich())
  })

  it.each(['preview', 'columns', 'sky', 'redshift', 'description', 'provenance', 'history'])('tab %s', (tab) =>
    look(`${path}?tab=${tab}`),
  )

  it('as of an earlier moment', async () => {
    await alice.open(`${path}?tab=history`)
    await alice.page.getByRole('link', { name: 'View as of then' }).last().click()
    await alice.page.getByText('This is the product as of').waitFor()
    expect(await problemsOf(alice)).toEqual([])
  })

  it('compared with what it was, and with another one', async () => {
    await alice.open(`${path}?tab=history`)
    await alice.page.getByRole('link', { name: 'Compare with today' }).first().click()
    await alice.page.getByRole('heading', { name: 'Where their histories part' }).waitFor()
    await alice.page.locator('#rows .tiles').waitFor()
    expect(await problemsOf(alice)).toEqual([])
    for (const summary of await alice.page.locator('main details summary').all()) await summary.click()
    expect(await problemsOf(alice), 'unfolded').toEqual([])
    const name = path.split('/').at(-1)
    await look('/compare')
    const other = await published(remote, { display_name: LONG_NAME })
    await look(`/compare?left=${name}&right=${other}`)
    expect(await alice.open(`/compare?left=deep&right=${name}@soon`)).toBe(404)
    expect(await problemsOf(alice), 'refused').toEqual([])
  })

  it('suggests products to compare with, while one writes', async () => {
    await alice.open('/compare')
    await alice.page.getByLabel('One product').pressSequentially('deep')
    await alice.page.locator('#left-choices option', { hasText: 'Deep field, again' }).waitFor({ state: 'attached' })
  })

  it('its menus, open', async () => {
    for (const name of ['Use', 'Share', 'Cite', 'Delete']) {
      expect(await alice.open(path)).toBe(200)
      await alice.page.locator('.acts').getByRole('button', { name, exact: true }).click()
      if (name === 'Use') await alice.page.locator('.snippet summary').first().click()
      expect(await problemsOf(alice), name).toEqual([])
    }
  })

  it('its form, also refused', async () => {
    await look(`${path}/edit`)
    await alice.page.getByLabel('Name required').fill('   ')
    await alice.page.getByRole('button', { name: 'Save', exact: true }).click()
    await alice.page.getByRole('alert').waitFor()
    expect(await problemsOf(alice)).toEqual([])
  })

  it('in a list with its menu open, and found nowhere', async () => {
    await look('/user_products?search=deep&type=redshift_catalog')
    await alice.page.locator('.row-menu').first().click()
    expect(await problemsOf(alice)).toEqual([])
    await look('/user_products?search=nowhere&owner=nobody')
  })

  it('deleted', async () => {
    const id = await published(remote, { display_name: 'A mistake' })
    accepted(await remote.send('DELETE', `/api/products/${id}/`))
    await look(await pathOf(id))
    await look('/my_products?status=deleted')
  })
})

describe('an upload', () => {
  it('with problems in its values', async () => {
    await alice.open('/product/new')
    await upload('mistakes.csv', MISTAKES)
    await alice.page.waitForURL('**/draft')
    await alice.page.locator('#data .notice.problem, #data .notice.warning').first().waitFor()
    expect(await problemsOf(alice)).toEqual([])
    await alice.page.getByRole('button', { name: 'Publish' }).click()
    await alice.page.getByRole('alert').or(alice.page.locator('.notice.problem')).first().waitFor()
    expect(await problemsOf(alice)).toEqual([])
    await look('/product/new')
  })

  it('of a file that is no table', async () => {
    await alice.open('/product/new')
    await upload('broken.fits', 'SIMPLE  = T, and then nothing')
    await alice.page.locator('.notice.problem').first().waitFor()
    expect(await problemsOf(alice)).toEqual([])
  })

  async function upload(name: string, content: string) {
    await alice.page
      .getByLabel(/Drop the main file here/)
      .setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(content) })
    await alice.page.getByRole('button', { name: 'Upload and inspect' }).click()
  }
})

describe('other entries', () => {
  it('a name of 250 letters', async () => {
    const path = await pathOf(await published(remote, { display_name: LONG_NAME, description: '' }))
    for (const place of [path, `${path}?tab=history`, `${path}?tab=provenance`, `${path}/edit`, '/user_products', '/'])
      await look(place)
  })

  it('an entry without a file', async () => {
    const id = await registered(remote, {
      display_name: 'Elsewhere',
      product_type: PRODUCT_TYPE.photozEstimates,
      pz_code: 'BPZ 1.99',
    })
    accepted(await remote.patch(`/api/products/${id}/`, { status: '1' }))
    await look(await pathOf(id))
  })
})

it('never made the browser complain', () => {
  expect(alice.complaints).toEqual([])
})
