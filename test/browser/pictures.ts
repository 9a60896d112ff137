/**
 * Takes the pictures of our own pages for the README and the user guide from a demonstration that it starts:
 *
 *   npx tsx test/browser/pictures.ts [part of a name …]
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DEMO_PASSWORD } from '../../src/demo/story.ts'
import { startProcess } from '../support/server-process.ts'
import { launchChromium } from './site.ts'
import { Visitor } from './visitor.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
/** What a page of the README or the guide may weigh, in bytes. */
const HEAVIEST = 250_000

/** How long plots take at most. */
const PLOTS_MS = 2_000

const GUIDE = { width: 1000, height: 660 }
const TALL = { width: 1000, height: 1020 }

interface Picture {
  /** Below the project's folder. */
  readonly file: string
  readonly who: 'ana' | 'luc' | 'mei'
  readonly path: string
  readonly size: { readonly width: number; readonly height: number }
  /** Done on the page before the picture. */
  readonly prepare?: (visitor: Visitor) => Promise<void>
}

const PICTURES: readonly Picture[] = [
  {
    file: 'docs/images/product-page.png',
    who: 'luc',
    path: '/product/1',
    size: { width: 1360, height: 1225 },
    prepare: foldTheDescription,
  },
  { file: 'static/guide/home.png', who: 'luc', path: '/', size: GUIDE },
  { file: 'static/guide/list.png', who: 'luc', path: '/user_products', size: { width: 1280, height: 760 } },
  { file: 'static/guide/product.png', who: 'luc', path: '/product/2', size: TALL },
  { file: 'static/guide/history.png', who: 'luc', path: '/product/2?tab=history', size: GUIDE },
  { file: 'static/guide/run.png', who: 'luc', path: '/runs/2', size: GUIDE },
  {
    file: 'static/guide/provenance.png',
    who: 'luc',
    path: '/product/17?tab=provenance',
    size: { width: 1280, height: 880 },
  },
  { file: 'static/guide/edit.png', who: 'luc', path: '/product/2/edit', size: GUIDE },
  { file: 'static/guide/upload.png', who: 'ana', path: '/product/new', size: TALL, prepare: openTheDraft },
  {
    file: 'static/guide/account.png',
    who: 'ana',
    path: '/account',
    size: { width: 1000, height: 710 },
    prepare: makeTokens,
  },
]

/** So that the plots are in sight. */
async function foldTheDescription({ page }: Visitor): Promise<void> {
  await page.locator('.description > summary').click()
}

async function openTheDraft({ page }: Visitor): Promise<void> {
  await page.locator('main a[href$="/draft"]').click()
  await page.waitForURL('**/draft')
}

async function makeTokens({ page }: Visitor): Promise<void> {
  for (const name of ['Notebook on my laptop', 'Night run at the computing centre']) {
    await page.getByLabel('Name required', { exact: true }).fill(name)
    await page.getByRole('button', { name: 'Make the token' }).click()
    await page.getByText(/pz_/).first().waitFor()
  }
  await page.goto('/account')
}

async function take(visitor: Visitor, { file, path, size, prepare }: Picture): Promise<number> {
  const { page } = visitor
  await page.setViewportSize(size)
  // Plots are made when they are first asked for.
  await visitor.open(path)
  await page.waitForTimeout(PLOTS_MS)
  await visitor.open(path)
  await prepare?.(visitor)
  await page.locator('.environment').evaluate((banner) => banner.remove())
  await page.mouse.move(0, 0)
  await page.waitForLoadState('networkidle')
  const png = await page.screenshot({ animations: 'disabled' })
  await mkdir(dirname(ROOT + file), { recursive: true })
  await writeFile(ROOT + file, png)
  return png.length
}

const parts = process.argv.slice(2)
const wanted = PICTURES.filter(({ file }) => parts.length === 0 || parts.some((part) => file.includes(part)))
// The addresses on the pages are those of a real server.
const server = await startProcess({ program: 'src/cli/demo.ts', env: { PUBLIC_URL: 'https://pz.example.org' } })
const browser = await launchChromium()
try {
  const visitors = new Map<string, Visitor>()
  for (const picture of wanted) {
    const visitor = visitors.get(picture.who) ?? (await Visitor.arrive(browser, server.url, {}))
    if (!visitors.has(picture.who)) await visitor.signIn(picture.who, DEMO_PASSWORD)
    visitors.set(picture.who, visitor)
    const bytes = await take(visitor, picture)
    process.stdout.write(`${picture.file}, ${Math.round(bytes / 1000)} kB\n`)
    if (bytes > HEAVIEST) throw new Error(`${picture.file} is too heavy: take less of the page`)
  }
} finally {
  await browser.close()
  await server.stop()
}
