import { readFile } from 'node:fs/promises'
import type { Browser, BrowserContext, BrowserContextOptions, Download, Page, Response } from 'playwright-core'

/** What every answer of the site must say to the browser. */
const STRICT = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
]

/** The browser says so of every answer that is an error; the tests look at the status themselves. */
const STATUS_NOTE = /^Failed to load resource: the server responded with a status of 4\d\d/

/**
 * Somebody in a browser window of their own, who writes down what the browser complains about: scripts that fail, what the
 * security policy stopped, answers without the policy.
 */
export class Visitor {
  readonly context: BrowserContext
  readonly page: Page
  readonly url: string
  readonly #complaints: string[] = []

  static async arrive(browser: Browser, url: string, options: BrowserContextOptions): Promise<Visitor> {
    const context = await browser.newContext({ baseURL: url, ...options })
    context.setDefaultTimeout(40_000)
    const visitor = new Visitor(context, await context.newPage(), url)
    await visitor.#watch()
    return visitor
  }

  private constructor(context: BrowserContext, page: Page, url: string) {
    this.context = context
    this.page = page
    this.url = url
  }

  /** What the browser complained about so far. */
  get complaints(): readonly string[] {
    return this.#complaints
  }

  async signIn(username: string, password: string): Promise<void> {
    await this.page.goto('/sign-in')
    await this.page.getByLabel('User name').fill(username)
    await this.page.getByLabel('Password').fill(password)
    await this.page.getByRole('button', { name: 'Sign in' }).click()
    await this.page.waitForURL(`${this.url}/`)
  }

  /** Opens a page. @returns its status */
  async open(path: string): Promise<number> {
    const response = await this.page.goto(path)
    return response?.status() ?? 0
  }

  /** Bytes and suggested name of what `act` downloads. */
  async download(act: () => Promise<unknown>): Promise<{ readonly name: string; readonly bytes: Buffer }> {
    const [download]: [Download, unknown] = await Promise.all([this.page.waitForEvent('download'), act()])
    return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) }
  }

  async leave(): Promise<void> {
    await this.context.close()
  }

  async #watch(): Promise<void> {
    const complain = (text: string) => void this.#complaints.push(`${new URL(this.page.url()).pathname}: ${text}`)
    this.page.on('pageerror', (error) => complain(`script: ${error.message}`))
    this.page.on('console', (message) => {
      const isTrouble = message.type() === 'error' || message.type() === 'warning'
      if (isTrouble && !STATUS_NOTE.test(message.text())) complain(`console: ${message.text()}`)
    })
    this.page.on('response', (response) => {
      const missing = this.#missingFrom(response)
      if (missing.length > 0) complain(`${response.url()} was answered without ${missing.join(', ')}`)
    })
    await this.context.exposeFunction('complainOfPolicy', (text: string) => complain(`security policy: ${text}`))
    await this.context.addInitScript(`addEventListener('securitypolicyviolation', (event) =>
      complainOfPolicy(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample))`)
  }

  /** Uploaded HTML has a policy of its own, which the tests of security look at. */
  #missingFrom(response: Response): readonly string[] {
    const { origin, pathname } = new URL(response.url())
    if (origin !== this.url || pathname.startsWith('/raw/')) return []
    const headers = response.headers()
    const policy = (headers['content-security-policy'] ?? '').split('; ')
    return [
      ...STRICT.filter((directive) => !policy.includes(directive)),
      ...(headers['x-content-type-options'] === 'nosniff' ? [] : ['nosniff']),
    ]
  }
}
