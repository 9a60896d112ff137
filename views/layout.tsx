import { raw } from 'hono/html'
import type { Child } from 'hono/jsx'
import { Menu } from './components/disclosure.tsx'
import { Flashes } from './components/state.tsx'
import type { Frame } from './frame.ts'

/** A step of the way from the start page to this one; the last has no address. */
export interface Crumb {
  readonly text: string
  readonly href?: string
}

export interface LayoutProps {
  readonly frame: Frame
  readonly title: string
  /** For search engines and link previews. */
  readonly description?: string
  readonly crumbs?: readonly Crumb[]
  /** schema.org JSON-LD: a data block, which `script-src 'self'` allows because no browser runs it. */
  readonly structuredData?: object
  /** `<link>`s: alternates in other formats, feeds, canonical address, previous and next page. */
  readonly links?: readonly HeadLink[]
  /** The page takes the whole width (wide tables). */
  readonly wide?: boolean
  readonly children?: Child
}

export interface HeadLink {
  readonly rel: 'alternate' | 'canonical' | 'prev' | 'next' | 'cite-as' | 'describedby' | 'license' | 'item'
  readonly href: string
  readonly type?: string
  readonly title?: string
}

const NAVIGATION = [
  ['products', 'Products', '/official_products'],
  ['upload', 'Upload', '/product/new'],
  ['pipelines', 'Pipelines', '/pipelines'],
  ['runs', 'Runs', '/runs'],
  ['help', 'Help', '/help'],
] as const

const STYLES = ['tokens', 'controls', 'navigation', 'data', 'plots', 'site']

/**
 * htmx without a style sheet of its own and without settling (it writes style attributes, which the security policy
 * forbids), and patient: a long request ends when the server says so, not after 60 s.
 */
const HTMX = JSON.stringify({ includeIndicatorCSS: false, defaultSettleDelay: 0, defaultTimeout: 0 })

/** The shell of every page: head, header, messages, the content, footer. */
export const Layout = (props: LayoutProps) => (
  <>
    {raw('<!doctype html>')}
    <html lang="en">
      <Head {...props} />
      <body>
        <a class="skip" href="#content">
          Skip to the content
        </a>
        {props.frame.environment ? (
          <aside class="environment" aria-label="Environment">
            This is the <strong>{props.frame.environment}</strong> server. What is here may vanish at any time.
          </aside>
        ) : null}
        <Header frame={props.frame} />
        <main id="content" class={props.wide ? 'wide' : undefined} tabindex={-1}>
          {props.crumbs && props.crumbs.length > 0 ? <Crumbs crumbs={props.crumbs} /> : null}
          <Flashes flashes={props.frame.flashes} />
          {props.children}
        </main>
        <Footer frame={props.frame} />
        <p id="status" class="aloud" role="status" />
      </body>
    </html>
  </>
)

const Head = ({ title, description, structuredData, links = [] }: LayoutProps) => (
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>{`${title} · Photo-z Server`}</title>
    {description ? <meta name="description" content={description} /> : null}
    {description ? <meta property="og:description" content={description} /> : null}
    <meta property="og:title" content={title} />
    <meta name="htmx-config" content={HTMX} />
    <link rel="icon" href="/static/icon.svg" type="image/svg+xml" />
    <link
      rel="preload"
      href="/static/vendor/fonts/inter-latin-wght-normal.woff2"
      as="font"
      type="font/woff2"
      crossorigin=""
    />
    {STYLES.map((name) => (
      <link rel="stylesheet" href={`/static/${name}.css`} />
    ))}
    {links.map((link) => (
      <link rel={link.rel} href={link.href} type={link.type} title={link.title} />
    ))}
    {structuredData ? (
      <script type="application/ld+json">{raw(JSON.stringify(structuredData).replaceAll('<', '\\u003c'))}</script>
    ) : null}
    <script src="/static/vendor/htmx-4.0.1.min.js" defer />
    <script src="/static/vendor/hx-sse-4.0.1.min.js" defer />
    <script src="/static/site.js" type="module" />
  </head>
)

const Header = ({ frame }: { frame: Frame }) => (
  <header class="bar">
    <a class="brand" href="/">
      Photo-<i>z</i> Server
    </a>
    <nav aria-label="Main">
      <ul>
        {NAVIGATION.map(([section, text, href]) => (
          <li>
            <a href={href} aria-current={frame.section === section ? 'true' : undefined}>
              {text}
            </a>
          </li>
        ))}
      </ul>
    </nav>
    <search>
      <form action="/products" method="get">
        <input
          class="find"
          type="search"
          name="search"
          value={frame.search}
          aria-label="Search products, columns, people"
          placeholder="Search products, columns, people"
        />
      </form>
    </search>
    <Account frame={frame} />
  </header>
)

const Account = ({ frame }: { frame: Frame }) =>
  frame.user === null ? (
    <a class="btn" href={`/sign-in?next=${encodeURIComponent(frame.here)}`}>
      Sign in
    </a>
  ) : (
    <Menu id="menu-account" label={<span class="who">{frame.user.displayName}</span>} end>
      <ul>
        <li>
          <a href="/my_products">My products</a>
        </li>
        <li>
          <a href="/account">Account and tokens</a>
        </li>
        {frame.user.isAdmin ? (
          <li>
            <a href="/admin">Administration</a>
          </li>
        ) : null}
      </ul>
      <form method="post" action="/sign-out">
        <button class="btn quiet" type="submit">
          Sign out
        </button>
      </form>
    </Menu>
  )

const Crumbs = ({ crumbs }: { crumbs: readonly Crumb[] }) => (
  <nav class="crumbs" aria-label="Breadcrumbs">
    <ol>
      {crumbs.map((crumb) => (
        <li>{crumb.href ? <a href={crumb.href}>{crumb.text}</a> : <span aria-current="page">{crumb.text}</span>}</li>
      ))}
    </ol>
  </nav>
)

const Footer = ({ frame }: { frame: Frame }) => (
  <footer class="foot-bar">
    <p>
      Photo-<i>z</i> Server {frame.version}. Every upload, edit and run is an event in an append-only log.
    </p>
    <nav aria-label="Footer">
      <ul>
        <li>
          <a href="/help">User guide</a>
        </li>
        <li>
          <a href="/help/api">API</a>
        </li>
        <li>
          <a href="/help/python">Python client</a>
        </li>
        <li>
          <a href="/api/">Browse the data as JSON</a>
        </li>
      </ul>
    </nav>
  </footer>
)
