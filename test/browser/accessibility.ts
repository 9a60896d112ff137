import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import type { Visitor } from './visitor.ts'

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const WCAG_2_2_AA = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

const DESKTOP = { width: 1360, height: 900 }
const PHONE = { width: 390, height: 844 }
/** Where nothing may be wider than the window: a desktop at a zoom of 400 % (WCAG 1.4.10). */
const NARROWEST = { width: 320, height: 256 }
const WIDER = 'document.documentElement.scrollWidth - innerWidth'

/** How a page is looked at. Dark is the same page in other colours, so only they are looked at again. */
const VIEWS = [
  { name: 'desktop', size: DESKTOP, scheme: 'light', only: null },
  { name: 'desktop, dark', size: DESKTOP, scheme: 'dark', only: ['color-contrast', 'link-in-text-block'] },
  { name: 'phone, dark', size: PHONE, scheme: 'dark', only: ['color-contrast', 'link-in-text-block'] },
  { name: 'phone', size: PHONE, scheme: 'light', only: null },
] as const

/**
 * What is wrong with the page that is open, on a desktop and a phone, light and dark: violations of WCAG 2.2 AA that axe
 * finds, and a page that is wider than the window.
 * @param views with `desktop`, axe looks once: for pages that are so long that it needs many seconds
 */
export async function problemsOf({ page }: Visitor, views: 'all' | 'desktop' = 'all'): Promise<readonly string[]> {
  const problems: string[] = []
  await page.evaluate(AXE)
  for (const { name, size, scheme, only } of VIEWS) {
    await page.setViewportSize(size)
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    const found = views === 'all' || name === views ? await violations(page, only) : []
    problems.push(...found.map((text) => `${name}: ${text}`))
    const excess = await page.evaluate(WIDER)
    if (Number(excess) > 0) problems.push(`${name}: the page is ${excess} px wider than the window`)
  }
  await page.setViewportSize(NARROWEST)
  const excess = await page.evaluate(WIDER)
  if (Number(excess) > 0)
    problems.push(`zoomed to ${NARROWEST.width} px: the page is ${excess} px wider than the window`)
  await page.setViewportSize(DESKTOP)
  return problems
}

/** Of a long table the first rows and columns are looked at: the others are made alike. */
const REPEATED = ['tbody > tr:nth-child(n + 25)', 'tr > :nth-child(n + 25)']

function violations(page: Page, only: readonly string[] | null): Promise<readonly string[]> {
  const options = {
    resultTypes: ['violations'],
    iframes: false, // what people upload is theirs
    ...(only === null
      ? { runOnly: WCAG_2_2_AA, rules: { 'target-size': { enabled: true } } }
      : { runOnly: { type: 'rule', values: only } }),
  }
  return page.evaluate(
    `axe.run({ exclude: ${JSON.stringify(REPEATED.map((selector) => [selector]))} }, ${JSON.stringify(options)}).then(({ violations }) => violations.flatMap(({ id, nodes }) =>
      nodes.slice(0, 4).map((node) => id + ': ' + node.html.slice(0, 200) + ' ' + (node.any[0]?.message ?? node.none[0]?.message ?? ''))))`,
  )
}
