/**
 * Draws every page in its states: HTML files, pictures (desktop, phone, dark) and an accessibility check with axe.
 *
 *   npx tsx test/views/gallery.tsx [folder] [part of a name …]
 *
 * Needs Chromium (CHROMIUM, by default /usr/bin/chromium). Exits with 1 when axe finds a violation, a page is wider than
 * the phone, or the strict content security policy stops something.
 */
import { createReadStream } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium } from 'playwright-core'
import { pages, rendered } from './pages.ts'

const [folder = '/tmp/gallery', ...parts] = process.argv.slice(2)
const STATIC = fileURLToPath(new URL('../../static', import.meta.url))
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'"
const VIEWS = [
  { name: 'desktop', viewport: { width: 1360, height: 900 }, colorScheme: 'light' },
  { name: 'phone', viewport: { width: 390, height: 844 }, colorScheme: 'light' },
  { name: 'dark', viewport: { width: 1360, height: 900 }, colorScheme: 'dark' },
] as const

const server = createServer(async (request, response) => {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname
  if (path.startsWith('/static/') && !path.includes('..')) {
    response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream')
    createReadStream(join(STATIC, path.slice('/static/'.length)))
      .on('error', () => response.writeHead(404).end())
      .pipe(response)
    return
  }
  const name = path.slice(1)
  response.setHeader('content-type', 'text/html; charset=utf-8')
  response.setHeader('content-security-policy', POLICY)
  response.end(name in pages ? await rendered(name) : 'none')
})

async function visit(browser: Browser, base: string, name: string): Promise<readonly string[]> {
  const problems: string[] = []
  for (const view of VIEWS) {
    const context = await browser.newContext({
      viewport: view.viewport,
      colorScheme: view.colorScheme,
      bypassCSP: false,
    })
    const page = await context.newPage()
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(`${name} ${view.name}: console: ${message.text()}`)
    })
    page.on('pageerror', (error) => problems.push(`${name} ${view.name}: script: ${error.message}`))
    await page.goto(`${base}/${name}`)
    const tall = name.includes('1300-columns-list')
    await page.screenshot({ path: join(folder, `${name}.${view.name}.png`), fullPage: !tall })
    const wide = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
    if (Number(wide) > 0) problems.push(`${name} ${view.name}: ${wide} px too wide`)
    if (!name.includes('1300')) {
      await page.evaluate(AXE)
      const found = (await page.evaluate(
        `axe.run(document, { iframes: false, runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
          .then(({ violations }) => violations.map((one) => one.id + ': ' + one.help + ' — ' + one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160) + ' ' + (node.any[0]?.message ?? '')).join(' | ')))`,
      )) as readonly string[]
      problems.push(...found.map((one) => `${name} ${view.name}: ${one}`))
    }
    await context.close()
  }
  return problems
}

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
await mkdir(folder, { recursive: true })
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
})
const problems: string[] = []
for (const name of Object.keys(pages)) {
  if (parts.length > 0 && !parts.some((part) => name.includes(part))) continue
  await writeFile(join(folder, `${name}.html`), await rendered(name))
  problems.push(...(await visit(browser, base, name)))
}
await browser.close()
server.close()
process.stdout.write(problems.length === 0 ? 'No problems.\n' : `${problems.join('\n')}\n${problems.length} problems\n`)
process.exitCode = problems.length === 0 ? 0 : 1
