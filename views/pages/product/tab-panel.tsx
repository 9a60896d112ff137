import { BlameTable } from '../../components/blame-table.tsx'
import { CodeBlock } from '../../components/code-block.tsx'
import { Panel } from '../../components/panel.tsx'
import { Empty, Notice } from '../../components/state.tsx'
import { Lineage } from '../../plots/lineage.tsx'
import { ColumnsPanel } from './columns.tsx'
import { HistoryPanel } from './history.tsx'
import type { ProductView, TabContent } from './model.ts'
import { PreviewPanel } from './preview.tsx'
import { RedshiftPanel } from './redshift.tsx'
import { SkyPanel } from './sky.tsx'

/** The content of the chosen tab. */
export function TabPanel({ content, product, path }: { content: TabContent; product: ProductView; path: string }) {
  switch (content.tab) {
    case 'preview':
      return <PreviewPanel content={content} path={path} />
    case 'columns':
      return <ColumnsPanel content={content} edit={product.edit} />
    case 'sky':
      return <SkyPanel content={content} path={path} />
    case 'redshift':
      return <RedshiftPanel content={content} />
    case 'description':
      return <DescriptionFile content={content} />
    case 'config':
    case 'logs':
      return <RunText content={content} />
    case 'provenance':
      return (
        <div class="stack">
          {product.stale?.length ? (
            <Notice kind="warning">
              <p>This product is out of date: made from the inputs of today, it would be another one.</p>
              <ul>
                {product.stale.map((words) => (
                  <li>{words}</li>
                ))}
              </ul>
            </Notice>
          ) : null}
          <Panel title="Where it comes from, and what came of it">
            <Lineage id="lineage" title="Provenance of this product" nodes={content.nodes} edges={content.edges} />
          </Panel>
          <Panel title="Who set what" id="blame" aside={<a href={`${path}?tab=history`}>All events</a>} flush>
            <BlameTable rows={content.blame} caption="Who set what" />
          </Panel>
          <Panel title="Take it with you">
            <ul class="plain-list">
              {content.exports.map((one) => (
                <li>
                  <a href={one.href}>{one.label}</a>
                </li>
              ))}
            </ul>
          </Panel>
        </div>
      )
    case 'history':
      return <HistoryPanel content={content} path={path} />
  }
}

const RUN_TEXTS = {
  config: { title: 'Configuration of the run', label: 'Configuration', cut: 'It is long: this is its beginning.' },
  logs: { title: 'Log of the run', label: 'Log', cut: 'The log is long: this is its end.' },
} as const

/** What the run that made the product was asked to do, or what it told. */
const RunText = ({ content }: { content: Extract<TabContent, { tab: 'config' | 'logs' }> }) => {
  const { title, label, cut } = RUN_TEXTS[content.tab]
  return (
    <Panel title={title} aside={content.fileHref ? <a href={content.fileHref}>Download</a> : null}>
      {content.truncated ? (
        <Notice>
          <p>{cut}</p>
        </Notice>
      ) : null}
      {content.text === null ? (
        <Empty title="There is no such file">It comes with the products that pipelines make.</Empty>
      ) : (
        <CodeBlock id="run-text" code={content.text} label={label} tall />
      )}
    </Panel>
  )
}

/**
 * A user's HTML, shown where it can do no harm: another origin to the browser (`allow-scripts` without
 * `allow-same-origin`), no network by the answer's own policy, no referrer.
 */
const DescriptionFile = ({ content }: { content: TabContent & { tab: 'description' } }) => (
  <Panel
    title="Description file"
    aside={content.downloadHref ? <a href={content.downloadHref}>Download and open</a> : null}
    flush
  >
    {content.files.length > 1 ? (
      <ul class="pad actions plain-list">
        {content.files.map((file) => (
          <li>
            <a href={file.href} aria-current={file.chosen ? 'true' : undefined}>
              {file.name}
            </a>
          </li>
        ))}
      </ul>
    ) : null}
    {content.src === null ? (
      <Empty title="This product has no description file">
        Attach an HTML page or a rendered notebook to explain how the data were made.
      </Empty>
    ) : (
      <>
        <p class="pad muted">
          Written by the product's owner, and shown in a sandbox: it cannot reach the network, this site or your
          session.
        </p>
        <iframe
          class="sandbox"
          src={content.src}
          title={`Description file ${content.files.find((file) => file.chosen)?.name ?? ''}`}
          sandbox="allow-scripts"
          referrerpolicy="no-referrer"
          loading="lazy"
        />
      </>
    )}
  </Panel>
)
