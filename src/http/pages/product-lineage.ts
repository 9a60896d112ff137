import { counted } from '../../../views/format.ts'
import type { LineageEdge, LineageNode } from '../../../views/plots/lineage.tsx'
import { productType } from '../../domain/product/product-type.ts'
import { HIDDEN, type LineageNode as Related, type LineageEdge as RelatedEdge } from '../../provenance/lineage/graph.ts'
import type { ProductPageData } from './product-page.ts'
import { fileHref, pathOfProduct } from './product-view.tsx'

interface LineageDrawing {
  readonly nodes: readonly LineageNode[]
  readonly edges: readonly LineageEdge[]
}

/**
 * How the product came to be and what came of it: the files of its own, each version of them, and the products and runs that
 * it is related to, at most `depth` products away.
 */
export function lineageDrawing(data: ProductPageData, path: string, depth?: number): LineageDrawing {
  const { id, displayName, runId } = data.listed.product
  // The files that a run made are the product; those that came later are versions of it.
  const files = runId === null || mainFiles(data).length > 1 ? fileDrawing(data, path) : { nodes: [], edges: [] }
  const related = data.lineage.graph(id, 'both', depth)
  return {
    nodes: [
      ...files.nodes,
      ...related.nodes.map((node) => drawnNode(node, { id, displayName, viewer: data.viewer }, related.nodes)),
    ],
    edges: [...files.edges, ...related.edges.map((edge) => drawnEdge(edge, related.nodes))],
  }
}

/** What a run read of a product that has another main file now. */
function drawnEdge({ from, to, read }: RelatedEdge, nodes: readonly Related[]): LineageEdge {
  const source = nodes.find(({ id }) => id === from)
  const isOutdated = read !== null && source?.kind === 'product' && source.product.digest !== read.digest
  if (!isOutdated) return { from, to }
  return {
    from,
    to,
    outdated: `${read.version === null ? 'an earlier version' : `version ${read.version}`}, ${read.name}`,
  }
}

const mainFiles = ({ everyFile }: ProductPageData) =>
  everyFile.filter((file) => file.role === 'main').toSorted((a, b) => a.id - b.id)

interface Self {
  readonly id: number
  readonly displayName: string
  readonly viewer: ProductPageData['viewer']
}

function drawnNode(node: Related, self: Self, nodes: readonly Related[]): LineageNode {
  const { id } = node
  switch (node.kind) {
    case 'product': {
      const { product, stale } = node
      const isGone = product.status === 'deleted' || product.status === 'purged'
      const note = isGone ? 'deleted' : stale ? 'out of date' : productType(product.productType).displayName
      if (product.id === self.id) return { id, kind: 'product', label: self.displayName, note, stale, self: true }
      return {
        id,
        kind: 'product',
        label: product.displayName,
        note,
        stale: stale || isGone,
        href: `${pathOfProduct(product.internalName)}?tab=provenance`,
      }
    }
    case 'run':
      return {
        id,
        kind: 'run',
        label: node.run.pipelineName,
        note: `version ${node.run.pipelineVersion}, run ${node.run.id}`,
        ...(maySeeRun(node.run.outputProductId, self.viewer, nodes) ? { href: `/runs/${node.run.id}` } : {}),
      }
    case 'release':
      return { id, kind: 'file', label: node.name, note: 'object catalogs of a release' }
    case 'hidden':
      return { id, kind: node.of === 'release' ? 'file' : node.of, label: HIDDEN[node.of].replace(/^a/, 'A') }
  }
}

/** Runs are shown to those who asked for them, who own what they made. */
const maySeeRun = (outputId: number, viewer: Self['viewer'], nodes: readonly Related[]): boolean =>
  viewer.isAdmin ||
  nodes.some(
    (node) => node.kind === 'product' && node.product.id === outputId && node.product.ownerId === viewer.userId,
  )

/** What was uploaded, and each version of it. */
function fileDrawing(data: ProductPageData, path: string): LineageDrawing {
  const { everyFile, files, listed, asOf } = data
  const self = `product-${listed.product.id}`
  const nodes: LineageNode[] = []
  const edges: LineageEdge[] = []
  const current = new Set(files.map((file) => file.id))
  const mains = mainFiles(data)
  const shown = everyFile.filter((file) => current.has(file.id) || file.role === 'main')
  for (const file of shown) {
    const id = `file-${file.id}`
    const next = mains.find((main) => file.role === 'main' && main.id > file.id)
    nodes.push({
      id,
      kind: 'file',
      label: file.name,
      note: `${file.role === 'main' ? `version ${file.version ?? 1}` : file.role}, ${file.createdAt.slice(0, 10)}`,
      ...(file.purged
        ? {}
        : { href: fileHref(path, file, current.has(file.id) ? asOf : momentBefore(file.removedAt)) }),
    })
    edges.push({ from: id, to: next === undefined || current.has(file.id) ? self : `file-${next.id}` })
    if (file.originalName !== null) {
      nodes.push({ id: `original-${file.id}`, kind: 'file', label: file.originalName, note: 'as uploaded' })
      edges.push({ from: `original-${file.id}`, to: id })
    }
  }
  return { nodes, edges }
}

/** The last moment at which something that was taken away was still there. */
const momentBefore = (at: string | null): string | null =>
  at === null ? null : new Date(Date.parse(at) - 1).toISOString()

/** How many products depend on it, in words, for the head and the rail. */
export function usedBy({ lineage, listed }: ProductPageData, path: string): { text: string; href: string } | null {
  const { products, hidden } = lineage.impact(listed.product.id)
  const count = products.length + hidden
  if (count === 0) return null
  const [type, ...others] = new Set(products.map((product) => product.productType))
  const noun =
    type === undefined || hidden > 0 || others.length > 0 ? 'product' : productType(type).displayName.toLowerCase()
  return { text: counted(count, noun), href: `${path}?tab=provenance` }
}
