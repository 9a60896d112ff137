import type { ListedProduct } from '../../projections/products/queries.ts'
import { fileUrl, permalink } from '../../provenance/exports/record.ts'
import { PROVENANCE_FORMATS, type ProvenanceFormat } from '../api/provenance-formats.ts'
import { addressAsOf } from './product-history.tsx'
import type { ProductPageData } from './product-page.ts'

/** Those that a product has: only what a run made has the record of a run. */
export const provenanceFormats = ({ product }: ListedProduct): readonly ProvenanceFormat[] =>
  PROVENANCE_FORMATS.filter(({ name }) => name !== 'run-lock' || product.runId !== null)

/** More files than this are in the metadata alone: a header has a limit. */
const MOST_ITEMS = 20

/** FAIR Signposting (level 1): where machines find metadata, files and what to cite, in the `Link` header of the page. */
export function signposts({ listed, files, asOf }: ProductPageData, base: string): string {
  const { product } = listed
  const record = { base, product }
  const link = (href: string, rel: string, type?: string) =>
    `<${href}>; rel="${rel}"${type === undefined ? '' : `; type="${type.replaceAll(/[^\w/+.-]/g, '')}"`}`
  return [
    link(permalink(record), 'cite-as'),
    link('https://schema.org/Dataset', 'type'),
    link('https://schema.org/AboutPage', 'type'),
    ...provenanceFormats(listed).map((format) => {
      const href = `${base}${addressAsOf(`/api/products/${product.id}/provenance/`, asOf, { format: format.name })}`
      const { mediaType, profile } = format
      return `${link(href, 'describedby', mediaType)}${profile === undefined ? '' : `; profile="${profile}"`}`
    }),
    ...files
      .slice(0, MOST_ITEMS)
      .map((file) => link(fileUrl(record, file), 'item', file.mediaType ?? 'application/octet-stream')),
  ].join(', ')
}
