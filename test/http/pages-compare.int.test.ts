import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Generations, generations, replaceMain } from '../provenance/generations.ts'
import { type Answer, type Client, type TestApp, testApp } from '../support/app.ts'
import { accepted, CATALOG, giveRole, published, registered } from '../support/products.ts'

const XSS = '"><script>alert(1)</script>'

describe('the pages that compare', () => {
  let app: TestApp
  let alice: Client
  let bob: Client
  let family: Generations

  const page = (client: Client, path: string): Promise<Answer> => client.get(path, { Accept: 'text/html' })
  const nameOf = async (id: number): Promise<string> => accepted(await alice.get(`/api/products/${id}/`)).internal_name
  const compared = async (left: unknown, right: unknown, more = ''): Promise<Answer> => {
    const answer = await page(alice, `/compare?left=${left}&right=${right}${more}`)
    expect(answer.status).toBe(200)
    return answer
  }

  beforeAll(async () => {
    app = await testApp()
    alice = app.as('alice')
    bob = app.as('bob')
    family = await generations(app)
    for (const id of [family.a, family.b]) await giveRole(alice, id, 'objectId', 'ID')
  })
  afterAll(() => app.close())

  it('ask for two products first, and suggest some', async () => {
    const { status, text } = await page(alice, '/compare')
    expect(status).toBe(200)
    expect(text).toContain('Choose two products')
    expect(text).toMatch(new RegExp(`<option value="${await nameOf(family.a)}">Catalog A · [\\w ]+ of alice</option>`))
    const choices = await page(alice, '/compare/choices?left=catalog_b')
    expect(choices.text).toContain('Catalog B')
    expect(choices.text).not.toContain('Catalog A')
  })

  it('send who is not signed in to the sign-in', async () => {
    expect((await page(app.withToken(null), '/compare?left=1&right=2')).status).toBe(303)
  })

  it('show what differs under the names of both, and fold what is the same', async () => {
    const { text } = await compared(family.a, family.b)
    expect(text).toContain('<title>Catalog A and Catalog B · Photo-z Server</title>')
    expect(text).toMatch(/differ in \d+ facts, in 1 file, in \d columns and in their histories/)
    expect(text).toMatch(/<th scope="col" class="wide">Catalog A<\/th><th scope="col" class="wide">Catalog B<\/th>/)
    expect(text).not.toMatch(/>(left|right)</i)
    expect(text).toMatch(/<details class="numbers"><summary>\d+ facts the same<\/summary>/)
    expect(text).toContain('Replaced the main file catalog.csv')
    expect(text).toMatch(/Added<\/dt><dd>1<\/dd><dd class="note">only in Catalog B/)
    expect(text).toContain('2305843019946942125')
  })

  it('are the same for a product and itself', async () => {
    const { text } = await compared(family.a, family.a)
    expect(text).toContain('are the same in everything.')
    expect(text).toContain('Both are the very same file: all 2 rows are the same.')
  })

  it('take the moments of the form into the address', async () => {
    const answer = await page(alice, `/compare?left=${family.a}&left_as_of=2026-03-14&right=${family.b}&right_as_of=`)
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      `/compare?left=${family.a}%402026-03-14&right=${family.b}`,
    ])
  })

  it('compare a product with what it was, each called by its moment', async () => {
    const id = await published(alice, { display_name: 'Moving' })
    const { position } = accepted(await alice.get(`/api/products/${id}/`))
    await replaceMain(alice, id, CATALOG.replace(',0.5\n', ',0.75\n'))
    const { text } = await compared(`${id}@${position}`, id, '&id=objectId')
    expect(text).toContain('Moving, today')
    expect(text).toMatch(/Moving, as of 14 Mar 2026/)
    expect(text).toMatch(/<td class="n">0.5<\/td><td class="n">0.75<\/td>/)
    expect(text).toContain(`href="/product/${await nameOf(id)}?as_of=${position}"`)
  })

  it('ask for the column with the ids where nobody said which', async () => {
    const [a, b] = [await published(alice, { display_name: 'No ids' }), await published(alice)]
    await replaceMain(alice, b, `${CATALOG}1,1,1,1\n`)
    const { text } = await compared(a, b)
    expect(text).toContain('choose the column that holds them')
    expect(text).toContain('<option value="objectId">objectId</option>')
    expect((await compared(a, b, '&id=objectId')).text).toContain('by <code>objectId</code>')
    expect((await compared(a, b, '&id=nothing')).text).toContain('There is no column nothing')
  })

  it('say what cannot be found, offer what may be meant, and tell nothing of what is hidden', async () => {
    const draft = await registered(alice, { display_name: 'Secret draft' })
    const hidden = await page(bob, `/compare?left=${draft}&right=${family.a}`)
    expect([hidden.status, hidden.text.includes('Secret draft')]).toEqual([404, false])
    expect(hidden.text).toContain(`You can see no product “${draft}”`)
    const words = await page(alice, `/compare?left=catalog&right=${family.a}`)
    expect(words.text).toContain(`href="/compare?left=${await nameOf(family.b)}&amp;right=${family.a}"`)
    const moment = await page(alice, `/compare?left=${family.a}%40soon&right=${family.b}`)
    expect([moment.status, moment.text.includes('&quot;soon&quot; is not a time')]).toEqual([404, true])
    const attack = await page(
      alice,
      `/compare?left=${encodeURIComponent(XSS)}&right=${encodeURIComponent(XSS)}&id=${encodeURIComponent(XSS)}`,
    )
    expect(attack.text).not.toContain('<script>alert')
  })

  it('compare the runs that made two products', async () => {
    const { text } = await compared(family.ab.product, family.abb.product)
    expect(text).toContain('Parameters of their runs')
    expect(text).toMatch(/inputs? the same, byte by byte/)
  })

  it('compare two runs, chosen from a list', async () => {
    const list = await page(alice, `/compare/runs?left=${family.ab.run}`)
    expect(list.text).toContain('Choose two runs')
    const { status, text } = await page(alice, `/compare/runs?left=${family.ab.run}&right=${family.abb.run}`)
    expect(status).toBe(200)
    expect(text).toMatch(/A and B<\/a> and <a href="\/runs\/\d+">A, B and B<\/a>/)
    expect(text).toContain('They differ from their first event on.')
    expect(text).not.toMatch(/>(left|right)</i)
    expect((await page(bob, `/compare/runs?left=${family.ab.run}&right=${family.abb.run}`)).status).toBe(404)
    expect((await page(bob, '/compare/runs')).text).not.toContain('A and B')
  })
})
