import type { RelatedProduct } from '../../projections/lineage/queries.ts'
import { RUN_WORDS } from '../../projections/runs/words.ts'
import {
  HIDDEN,
  type Impact,
  type LineageGraph,
  type LineageNode,
  type StaleReason,
} from '../../provenance/lineage/graph.ts'

export const staleJson = (reasons: readonly StaleReason[]) => ({
  stale: reasons.length > 0,
  stale_reasons: reasons.map(({ kind, product, words }) => ({ kind, product: product?.id ?? null, detail: words })),
})

const relatedJson = (product: RelatedProduct) => ({
  id: product.id,
  internal_name: product.internalName,
  display_name: product.displayName,
  product_type_internal_name: product.productType,
  status: product.status,
})

/** The products are those that the person may see; `hidden` counts the others. */
export const impactJson = ({ products, direct, hidden }: Impact) => ({
  count: products.length + hidden,
  direct,
  hidden,
  products: products.map(relatedJson),
})

export const graphJson = ({ nodes, edges }: LineageGraph) => ({
  nodes: nodes.map(nodeJson),
  edges: edges.map(({ from, to, read }) => ({
    from,
    to,
    sha256: read?.digest ?? null,
    version: read?.version ?? null,
    name: read?.name ?? null,
  })),
})

function nodeJson(node: LineageNode) {
  switch (node.kind) {
    case 'product': {
      const { id, ...product } = relatedJson(node.product)
      return {
        id: node.id,
        kind: node.kind,
        product: id,
        ...product,
        version: node.product.version,
        sha256: node.product.digest,
        stale: node.stale,
      }
    }
    case 'run': {
      const { run } = node
      return {
        id: node.id,
        kind: node.kind,
        run: run.id,
        display_name: run.displayName,
        pipeline: run.pipelineName,
        pipeline_version: run.pipelineVersion,
        status: RUN_WORDS[run.status],
      }
    }
    case 'release':
      return { id: node.id, kind: node.kind, release: node.releaseId, display_name: node.name }
    case 'hidden':
      return { id: node.id, kind: node.of, hidden: true, display_name: HIDDEN[node.of] }
  }
}
