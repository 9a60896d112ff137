import { CodeBlock, CopyButton } from '../../components/code-block.tsx'
import { FileList } from '../../components/file-list.tsx'
import { Panel } from '../../components/panel.tsx'
import { Timeline } from '../../components/timeline.tsx'
import { ago, bytes, counted, digest } from '../../format.ts'
import { Lineage } from '../../plots/lineage.tsx'
import type { ProductView } from './model.ts'

/** Beside every tab, read from top to bottom: files, use, origin, history, proof. */
export const Rail = ({ product, path, now }: { product: ProductView; path: string; now: string }) => {
  const python = product.share.snippets.find((snippet) => snippet.name === 'Python')
  const total = product.files.reduce((sum, file) => sum + file.size, 0)
  return (
    <aside class="rail" aria-label="About this product">
      <Panel title="Files" aside={product.files.length > 1 ? bytes(total) : null}>
        {product.files.length > 0 ? (
          <FileList files={product.files} />
        ) : (
          <p class="muted">
            {product.status === 'published' ? 'No files: this entry holds the metadata alone.' : 'No files.'}
          </p>
        )}
        {product.downloads === null || product.files.length === 0 ? null : <DownloadCount {...product.downloads} />}
      </Panel>
      {python ? (
        <Panel title="From Python" aside={<CopyButton source="rail-python" label="the Python code" />}>
          <CodeBlock id="rail-python" code={python.code} label="Python" copy={false} />
        </Panel>
      ) : null}
      {product.lineage.nodes.length > 1 ? (
        <Panel title="Where it comes from" aside={<a href={`${path}?tab=provenance`}>More</a>}>
          <Lineage
            id="rail-lineage"
            title="Where this product comes from, and what came of it"
            compact
            {...product.lineage}
          />
          {product.usedBy ? (
            <p>
              Used by <a href={product.usedBy.href}>{product.usedBy.text}</a>
            </p>
          ) : null}
        </Panel>
      ) : null}
      {product.recent.length > 0 ? (
        <Panel title="Recent history" aside={<a href={`${path}?tab=history`}>All</a>}>
          <Timeline entries={product.recent} compact />
        </Panel>
      ) : null}
      <Panel title="Proof">
        <p class="proof">
          {product.proof.sha256 ? (
            <>
              sha-256 <span title={product.proof.sha256}>{digest(product.proof.sha256)}</span> ·{' '}
            </>
          ) : null}
          log position {product.proof.position} ·{' '}
          {product.proof.verifiedAt
            ? `chain verified ${ago(product.proof.verifiedAt, now)}`
            : 'chain not verified since the server was started'}
        </p>
        <p class="actions">
          <a href={product.proof.href}>How to check it yourself</a>
          {product.proof.sha256 ? (
            <>
              <input type="hidden" id="rail-sha256" value={product.proof.sha256} />
              <CopyButton source="rail-sha256" label="sha-256" />
            </>
          ) : null}
        </p>
      </Panel>
    </aside>
  )
}

const DownloadCount = ({ times, people, href }: NonNullable<ProductView['downloads']>) => {
  const by = people === null || people === 0 ? '' : ` by ${counted(people, 'person', 'people')}`
  return (
    <p class="muted">
      {times === 0 ? 'Not downloaded yet' : `Downloaded ${counted(times, 'time')}${by}`}
      {href === null || times === 0 ? null : (
        <>
          {' '}
          · <a href={href}>{people === null ? 'When' : 'Who'}</a>
        </>
      )}
    </p>
  )
}
