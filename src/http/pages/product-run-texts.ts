import type { TabContent } from '../../../views/pages/product/model.ts'
import type { AppContext } from '../../context.ts'
import type { FileRow } from '../../projections/files/tables.ts'
import type { ProductPageData } from './product-page.ts'
import { fileHref, pathOfProduct } from './product-view.tsx'

/** The files that a run leaves beside its product, and the tabs that show them. */
const NAMES = { config: 'config.yaml', logs: 'pipeline.log' } as const
export type RunTextTab = keyof typeof NAMES

/** Bytes that a page shows. */
const MOST_BYTES = 200_000

/** The configuration or the log among the files of a product; null when it has none. */
export const runTextFile = ({ files }: Pick<ProductPageData, 'files'>, tab: RunTextTab): FileRow | null =>
  files.find((file) => file.role === 'auxiliary' && file.name === NAMES[tab] && !file.purged) ?? null

/** The tab with the text of that file: of a long configuration the beginning, of a long log the end. */
export async function runTextTab(
  { blobs }: AppContext,
  data: ProductPageData,
  tab: RunTextTab,
): Promise<Extract<TabContent, { tab: RunTextTab }>> {
  const file = runTextFile(data, tab)
  if (file === null) return { tab, text: null, truncated: false, fileHref: null }
  const truncated = file.size > MOST_BYTES
  const start = tab === 'logs' ? Math.max(0, file.size - MOST_BYTES) : 0
  const end = Math.min(file.size, start + MOST_BYTES) - 1
  const text = file.size === 0 ? '' : await textOf(blobs.read(file.sha256, { start, end }))
  return {
    tab,
    text: truncated ? wholeLines(text, tab) : text,
    truncated,
    fileHref: fileHref(pathOfProduct(data.listed.product.internalName), file, data.asOf),
  }
}

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** Without the line that was cut. */
function wholeLines(text: string, tab: RunTextTab): string {
  if (!text.includes('\n')) return text
  return tab === 'logs' ? text.slice(text.indexOf('\n') + 1) : text.slice(0, text.lastIndexOf('\n') + 1)
}
