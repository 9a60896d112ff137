import { Button } from '../components/button.tsx'
import { CodeBlock } from '../components/code-block.tsx'
import { Confirm } from '../components/disclosure.tsx'
import { Panel } from '../components/panel.tsx'
import type { Frame } from '../frame.ts'
import { Layout } from '../layout.tsx'

export interface FeedsProps {
  readonly frame: Frame
  /** The product whose feed was asked for. */
  readonly product: { readonly id: number; readonly name: string; readonly href: string } | null
  /** Feeds with their addresses; with a key in them when the person has one. */
  readonly feeds: readonly {
    readonly title: string
    readonly what: string
    readonly addresses: readonly { readonly label: string; readonly mediaType: string; readonly url: string }[]
  }[]
  readonly hasKey: boolean
}

/** `/feeds`: the addresses of feeds, and the key that lets a feed reader in. */
export const FeedsPage = ({ frame, product, feeds, hasKey }: FeedsProps) => (
  <Layout
    frame={frame}
    title="Feeds"
    description="Follow what happens to products in a feed reader."
    crumbs={product === null ? [] : [{ text: product.name, href: product.href }, { text: 'Feeds' }]}
    links={feeds.flatMap(({ title, addresses }) =>
      addresses.map(({ mediaType, url }) => ({ rel: 'alternate' as const, type: mediaType, title, href: url })),
    )}
  >
    <h1>Feeds</h1>
    <p class="lead">
      Follow what is published, changed and deleted in a feed reader, a chat channel or a program. You are shown what
      you may see on this server, and nothing else.
    </p>
    <div class="stack">
      {feeds.map(({ title, what, addresses }, place) => (
        <Panel title={title}>
          <p>{what}</p>
          {addresses.map(({ label, url }) => (
            <>
              <p class="muted">{label}</p>
              <CodeBlock
                id={`feed-${place}-${label.toLowerCase().replaceAll(/\W/g, '-')}`}
                code={url}
                label={`Address of “${title}”, ${label}`}
              />
            </>
          ))}
        </Panel>
      ))}
      <Panel title={hasKey ? 'Your key is in these addresses' : 'Feed readers need a key'} id="key">
        {hasKey ? (
          <>
            <p>
              Whoever has one of these addresses can read feeds as you, and do nothing else. It is the token “Feed
              reader” on <a href="/account#tokens">your account</a>.
            </p>
            <Confirm
              id="revoke-key"
              label="Revoke the key"
              title="Revoke the key of your feeds?"
              action={`/feeds/revoke${product === null ? '' : `?product=${product.id}`}`}
              confirm="Revoke the key"
              danger
            >
              <p>Readers that use these addresses are refused from now on. You can make new ones.</p>
            </Confirm>
          </>
        ) : (
          <>
            <p>
              The addresses above open in this browser, because you are signed in, and in programs that send an API
              token. A feed reader does neither: make a key, and it becomes part of the addresses. It opens feeds and
              nothing else, and you can revoke it at any time.
            </p>
            <form method="post" action={`/feeds${product === null ? '' : `?product=${product.id}`}`}>
              <Button kind="main">Make a key</Button>
            </form>
          </>
        )}
      </Panel>
    </div>
  </Layout>
)
