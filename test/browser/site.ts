import { type Browser, type BrowserContextOptions, chromium } from 'playwright-core'
import { logIn, type Remote } from '../support/remote.ts'
import { startProcess } from '../support/server-process.ts'
import { Visitor } from './visitor.ts'

/** Everybody who is added here has this password. */
export const PASSWORD = 'correct horse battery'

/** Debian's Chromium. Set CHROMIUM to take another. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', // tests may run as root
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })

/** The program on a free port, and a browser. */
export interface Site {
  readonly url: string
  readonly browser: Browser
  readonly adminPassword: string
  /** The administrator, without a browser. */
  readonly admin: Remote
  /** Makes an account. @returns the person, without a browser */
  addPerson(username: string, displayName: string): Promise<Remote>
  /** A browser window of its own, with its own cookies. */
  visitor(options?: BrowserContextOptions): Promise<Visitor>
  close(): Promise<void>
}

export async function startSite(env: Readonly<Record<string, string>> = {}): Promise<Site> {
  const server = await startProcess({ env })
  const { url, adminPassword } = server
  const browser = await launchChromium()
  const visitors: Visitor[] = []
  const admin = await logIn(url, 'admin', adminPassword)
  return {
    url,
    browser,
    adminPassword,
    admin,
    async addPerson(username, displayName) {
      const fields = { username, displayName, password: PASSWORD }
      const { status, text } = await admin.send('POST', '/admin/people', { body: new URLSearchParams(fields) })
      if (status >= 300) throw new Error(`${username} was not added: ${text}`)
      return logIn(url, username, PASSWORD)
    },
    async visitor(options = {}) {
      const visitor = await Visitor.arrive(browser, url, options)
      visitors.push(visitor)
      return visitor
    },
    async close() {
      for (const visitor of visitors) await visitor.leave()
      await browser.close()
      await server.stop()
    },
  }
}
