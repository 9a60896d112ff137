import { raw } from 'hono/html'
import type { Child } from 'hono/jsx'
import { Badge, ProductStatusBadge, StaleBadge } from '../../components/badge.tsx'
import { ActionButton, Button, ButtonLink } from '../../components/button.tsx'
import { CodeBlock } from '../../components/code-block.tsx'
import { Confirm, Menu } from '../../components/disclosure.tsx'
import { Notice } from '../../components/state.tsx'
import { type Tab, Tabs } from '../../components/tabs.tsx'
import { bytes, date, excerpt } from '../../format.ts'
import type { Frame } from '../../frame.ts'
import { type HeadLink, Layout } from '../../layout.tsx'
import type { Moments, ProductTab, ProductView, TabContent } from './model.ts'
import { Rail } from './rail.tsx'
import { TabPanel } from './tab-panel.tsx'

export interface ProductPageProps {
  readonly frame: Frame
  readonly product: ProductView
  /** The tabs that this product has, in order, with how many things are behind each. */
  readonly tabs: readonly { readonly name: ProductTab; readonly count?: number | null }[]
  readonly content: TabContent
  readonly moments: Moments
  readonly structuredData?: object
  readonly links?: readonly HeadLink[]
}

const LABELS: Readonly<Record<ProductTab, string>> = {
  preview: 'Preview',
  columns: 'Columns',
  sky: 'Sky',
  redshift: 'Redshift',
  description: 'Description file',
  config: 'Config',
  logs: 'Logs',
  provenance: 'Provenance',
  history: 'History',
}

/** `/product/<internal_name or id>?tab=…&as_of=…` */
export const ProductPage = (props: ProductPageProps) => {
  const { frame, product, content, moments } = props
  const path = `/product/${product.internalName}`
  const chosen = moments.choices.find(({ value }) => value === moments.chosen)?.label ?? moments.chosen
  const tabs: readonly Tab[] = props.tabs.map((tab) => ({
    name: tab.name,
    label: LABELS[tab.name],
    count: tab.count ?? null,
    href: address(path, tab.name, moments.chosen),
  }))
  return (
    <Layout
      frame={frame}
      title={product.displayName}
      description={product.summary ?? `${product.typeName} by ${product.owner.name}`}
      crumbs={[
        { text: 'Products', href: product.official ? '/official_products' : '/user_products' },
        { text: product.typeName, href: product.typeHref },
        { text: product.internalName },
      ]}
      {...(props.structuredData ? { structuredData: props.structuredData } : {})}
      links={[{ rel: 'canonical', href: product.share.url }, ...(props.links ?? [])]}
    >
      <Head product={product} first={content.tab === 'preview'} />
      <View>
        {moments.chosen === '' ? null : (
          <Notice kind="warning">
            <p>
              This is the product as of <strong>{chosen}</strong>
              {chosen.endsWith('…') ? ' ' : '. '}
              <a href={address(path, content.tab, '')}>See it as it is today</a>, or{' '}
              <a href={compareHref(product, moments.chosen)}>compare both</a>.
            </p>
          </Notice>
        )}
        <div class="acts actions">
          <Actions product={product} path={path} />
          <AsOf moments={moments} path={path} tab={content.tab} />
        </div>
        <Tabs tabs={tabs} current={content.tab} label="Product" boost />
        <div class={content.tab === 'columns' ? 'rail-below' : 'with-rail'}>
          <div>
            <TabPanel content={content} product={product} path={path} />
          </div>
          <Rail product={product} path={path} now={frame.now} />
        </div>
      </View>
    </Layout>
  )
}

/** What changes with the tab: htmx swaps it for links of the page to itself, and the reader stays where they are. */
const View = ({ children }: { children?: Child }) => (
  <div
    id="product-view"
    hx-target:inherited="#product-view"
    hx-select:inherited="#product-view"
    hx-swap:inherited="outerHTML show:none"
  >
    {children}
  </div>
)

const address = (path: string, tab: ProductTab, asOf: string): string => {
  const query = new URLSearchParams()
  if (tab !== 'preview') query.set('tab', tab)
  if (asOf !== '') query.set('as_of', asOf)
  return query.size === 0 ? path : `${path}?${query}`
}

/** The product beside another one, which is chosen there; beside what it is today, when a moment is given. */
const compareHref = ({ internalName }: ProductView, asOf?: string): string =>
  `/compare?${asOf === undefined ? new URLSearchParams({ left: internalName }) : new URLSearchParams({ left: `${internalName}@${asOf}`, right: internalName })}`

/** Longer descriptions (characters of HTML) are folded, and all on the later tabs, so that the data stay in sight. */
const LONG_DESCRIPTION = 1_500

const Head = ({ product, first }: { product: ProductView; first: boolean }) => (
  <>
    <h1>{product.displayName}</h1>
    <div class="badges">
      {product.official ? <Badge tone="accent">Official</Badge> : null}
      <Badge>{product.typeName}</Badge>
      <ProductStatusBadge status={product.status} />
      {product.release ? (
        <a class="badge" href={product.release.href}>
          {product.release.name}
        </a>
      ) : null}
      {product.stale?.length ? <StaleBadge /> : null}
      <span>
        by <a href={product.owner.href}>{product.owner.name}</a> ·{' '}
        <time datetime={product.createdAt}>{date(product.createdAt)}</time> · version {product.version}
        {product.origin.href ? (
          <>
            {' · made by '}
            <a href={product.origin.href}>{product.origin.name}</a>
          </>
        ) : null}
        {product.pzCode ? ` · ${product.pzCode}` : null}
        {product.usedBy ? (
          <>
            {' · used by '}
            <a href={product.usedBy.href}>{product.usedBy.text}</a>
          </>
        ) : null}
      </span>
    </div>
    {product.statusReason ? (
      <Notice kind={product.status === 'failed' ? 'problem' : 'warning'}>
        <p>
          {product.statusReason}
          {product.failedRunHref ? (
            <>
              {' '}
              <a href={product.failedRunHref}>Its run</a> tells more.
            </>
          ) : null}
        </p>
      </Notice>
    ) : null}
    {product.summary ? <p class="lead">{product.summary}</p> : null}
    {product.descriptionHtml ? (
      <details class="description" open={(first && product.descriptionHtml.length < LONG_DESCRIPTION) || undefined}>
        <summary>Description</summary>
        <div class="prose markdown">{raw(product.descriptionHtml)}</div>
      </details>
    ) : product.summary ? null : (
      <p class="lead">No description yet.</p>
    )}
  </>
)

const Actions = ({ product, path }: { product: ProductView; path: string }) => (
  <>
    {product.download.main ? (
      <ButtonLink href={product.download.main.href} kind="main" download>
        Download
        <small>
          {product.download.main.format}, {bytes(product.download.main.size)}
        </small>
      </ButtonLink>
    ) : null}
    {product.download.zip ? (
      <ButtonLink href={product.download.zip.href} download>
        Everything as zip <small>{bytes(product.download.zip.size)}</small>
      </ButtonLink>
    ) : null}
    <Menu id="menu-use" label="Use">
      <p class="muted">With this product's id filled in</p>
      {product.share.snippets.map((snippet) => (
        <details class="snippet">
          <summary>{snippet.name}</summary>
          <CodeBlock id={`snippet-${snippet.name.toLowerCase()}`} code={snippet.code} label={snippet.name} />
        </details>
      ))}
    </Menu>
    <Menu id="menu-share" label="Share">
      <p class="muted">Address</p>
      <CodeBlock id="share-url" code={product.share.url} label="Address of this page" />
      <p class="muted">Address of exactly this state</p>
      <CodeBlock id="share-permalink" code={product.share.permalink} label="Address of exactly this state" />
      <p class="muted">Internal name</p>
      <CodeBlock id="share-name" code={product.internalName} label="Internal name" />
    </Menu>
    <Menu id="menu-cite" label="Cite">
      <p class="muted">Leads to exactly this state, also after later changes</p>
      <CodeBlock id="share-bibtex" code={product.share.bibtex} label="BibTeX" />
      <p>
        {product.share.citations.map(({ label, href }, place) => (
          <>
            {place > 0 ? ' · ' : null}
            <a href={href}>{label}</a>
          </>
        ))}
      </p>
    </Menu>
    <ButtonLink href={compareHref(product)}>Compare…</ButtonLink>
    <ActionButton action={product.edit}>Edit</ActionButton>
    {'href' in product.remove ? (
      <Confirm
        id="delete"
        label="Delete"
        title={`Delete “${excerpt(product.displayName, 60)}”?`}
        action={product.remove.href}
        confirm="Delete the product"
        danger
      >
        <p>
          It leaves all lists, and only you and administrators can still open it. Its history stays, and it can be
          restored.
        </p>
        {product.usedBy ? <p>It was used by {product.usedBy.text}; they stay as they are.</p> : null}
      </Confirm>
    ) : (
      <ActionButton action={product.remove}>Delete</ActionButton>
    )}
    {product.restore ? (
      <form method="post" action={product.restore.href}>
        <Button kind="main">Restore</Button>
      </form>
    ) : null}
    {product.status === 'registering' && 'href' in product.edit ? (
      <ButtonLink href={`${path}/edit`} kind="main">
        Continue the draft
      </ButtonLink>
    ) : null}
  </>
)

/** Choose a moment of the history; the script makes a slider of it. */
const AsOf = ({ moments, path, tab }: { moments: Moments; path: string; tab: ProductTab }) =>
  moments.choices.length < 2 ? null : (
    <form class="as-of" method="get" action={path}>
      {tab === 'preview' ? null : <input type="hidden" name="tab" value={tab} />}
      <label for="as-of">as of</label>
      <select id="as-of" name="as_of" data-moments="">
        {moments.choices.map((choice) => (
          <option value={choice.value} selected={choice.value === moments.chosen || undefined}>
            {choice.label}
          </option>
        ))}
      </select>
      <button class="btn" type="submit">
        View
      </button>
    </form>
  )
