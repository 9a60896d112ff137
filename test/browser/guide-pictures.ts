import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { DEMO_PASSWORD } from '../../src/demo/story.ts'

/**
 * `npx tsx test/browser/guide-pictures.ts http://127.0.0.1:3000`: takes the pictures of the user guide from a running
 * demonstration (`npm run demo`), and puts them into `static/guide`.
 */
const FOLDER = fileURLToPath(new URL('../../static/guide/', import.meta.url))
const SIZE = { width: 1000, height: 660 }

interface Picture {
  readonly name: string
  readonly who: string
  readonly path: string
  /** Follows the first link that this selector finds. */
  readonly link?: string
}

const PICTURES: readonly Picture[] = [
  { name: 'home', who: 'luc', path: '/' },
  { name: 'list', who: 'luc', path: '/user_products' },
  { name: 'product', who: 'luc', path: '/product/2' },
  { name: 'history', who: 'luc', path: '/product/2?tab=history' },
  { name: 'edit', who: 'luc', path: '/product/2/edit' },
  { name: 'upload', who: 'ana', path: '/product/new', link: 'main a[href$="/draft"]' },
  { name: 'account', who: 'ana', path: '/account' },
]

async function signedIn(browser: Browser, base: string, username: string): Promise<Page> {
  const page = await browser.newPage({ viewport: SIZE })
  await page.goto(`${base}/sign-in`)
  await page.fill('[name=username]', username)
  await page.fill('[name=password]', DEMO_PASSWORD)
  await page.click('main button[type=submit]')
  await page.waitForURL(`${base}/`)
  return page
}

async function take(browser: Browser, base: string): Promise<void> {
  const pages = new Map<string, Page>()
  for (const { name, who, path, link } of PICTURES) {
    const page = pages.get(who) ?? (await signedIn(browser, base, who))
    pages.set(who, page)
    await page.goto(base + path)
    if (link !== undefined) {
      const href = await page.getAttribute(link, 'href')
      await page.goto(base + href)
    }
    await page.locator('.environment').evaluate((banner) => banner.remove())
    await page.waitForLoadState('networkidle')
    await page.screenshot({ path: `${FOLDER}${name}.png` })
  }
}

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
})
try {
  await take(browser, process.argv[2] ?? 'http://127.0.0.1:3000')
} finally {
  await browser.close()
}
