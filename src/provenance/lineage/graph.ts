import type { Actor } from '../../domain/actor.ts'
import { happenedBy, type Moment } from '../../domain/moment.ts'
import { maySee, mayUseRelease } from '../../domain/product/permissions.ts'
import type { RelatedProduct, RelatedRun, Relations, Use } from '../../projections/lineage/queries.ts'

export type Direction = 'origins' | 'derived' | 'both'

/** A product, run or release of the graph. What the person may not see has neither number nor name. */
export type LineageNode =
  | { readonly id: string; readonly kind: 'product'; readonly product: RelatedProduct; readonly stale: boolean }
  | { readonly id: string; readonly kind: 'run'; readonly run: RelatedRun }
  | { readonly id: string; readonly kind: 'release'; readonly releaseId: number; readonly name: string }
  | { readonly id: string; readonly kind: 'hidden'; readonly of: keyof typeof HIDDEN }

/** From what was read to the run that read it, or from a run to what it made. */
export interface LineageEdge {
  readonly from: string
  readonly to: string
  /** What exactly was read; null for what a run made, and for what is hidden. */
  readonly read: { readonly digest: string; readonly version: number | null; readonly name: string } | null
}

export interface LineageGraph {
  readonly nodes: readonly LineageNode[]
  readonly edges: readonly LineageEdge[]
}

export const HIDDEN = {
  product: 'a product you may not see',
  run: 'a run you may not see',
  release: 'a release you may not see',
} as const

/** Why something that was made from others would no longer come out the same. */
export interface StaleReason {
  readonly kind: 'replaced' | 'removed' | 'deleted' | 'stale_input'
  /** The input; null when the person may not see it. */
  readonly product: RelatedProduct | null
  readonly words: string
}

export interface Impact {
  /** Live products that were made from this one, directly or not, nearest first; only those that the person may see. */
  readonly products: readonly RelatedProduct[]
  /** How many of them were made directly from it. */
  readonly direct: number
  /** How many more there are that the person may not see. */
  readonly hidden: number
}

const GONE: ReadonlySet<string> = new Set(['deleted', 'purged'])

/** The relations of products as one person may see them, at a moment or now. */
export class Lineage {
  readonly #relations: Relations
  readonly #actor: Actor
  readonly #usesBy = new Map<number, Use[]>()
  readonly #usesOf = new Map<number, Use[]>()
  readonly #stale = new Map<number, readonly StaleReason[]>()

  constructor(relations: Relations, actor: Actor, moment: Moment | null = null) {
    this.#relations = relations
    this.#actor = actor
    for (const use of relations.uses) {
      if (moment !== null && !happenedBy(moment, use)) continue
      push(this.#usesBy, use.outputProductId, use)
      if (use.productId !== null) push(this.#usesOf, use.productId, use)
    }
  }

  /** What a product comes from and what came of it, at most so many products away. */
  graph(root: number, direction: Direction = 'both', depth = Number.POSITIVE_INFINITY): LineageGraph {
    const drawing = new Drawing(
      (id) => this.#productNode(id),
      (use) => this.#runNode(use),
      (use) => this.#releaseNode(use),
    )
    drawing.product(root)
    if (direction !== 'derived') {
      this.#walk(root, depth, (id) => (this.#usesBy.get(id) ?? []).flatMap((use) => drawing.use(use) ?? []))
    }
    if (direction !== 'origins') {
      this.#walk(root, depth, (id) =>
        this.#derivedFrom(id).map((use) => {
          drawing.use(use)
          return use.outputProductId
        }),
      )
    }
    return drawing.graph()
  }

  /** Why a product no longer is what its inputs would give today; empty when nothing of it changed. */
  stale(id: number): readonly StaleReason[] {
    const known = this.#stale.get(id)
    if (known !== undefined) return known
    this.#stale.set(id, []) // a circle, which no server of ours writes, ends here
    if (this.#relations.products.get(id)?.status === 'failed') return [] // nothing was made that could be out of date
    const reasons = (this.#usesBy.get(id) ?? []).flatMap((use) => this.#reasons(use))
    this.#stale.set(id, reasons)
    return reasons
  }

  /** What depends on a product. */
  impact(root: number): Impact {
    const found: number[] = []
    this.#walk(root, Number.POSITIVE_INFINITY, (id) => {
      const next = this.#derivedFrom(id).map((use) => use.outputProductId)
      found.push(...next)
      return next
    })
    const live = [...new Set(found)].flatMap((id) => {
      const product = this.#relations.products.get(id)
      return product === undefined || GONE.has(product.status) ? [] : [product]
    })
    const direct = new Set(this.#derivedFrom(root).map((use) => use.outputProductId))
    const products = live.filter((product) => this.#maySee(product))
    return {
      products,
      direct: products.filter((product) => direct.has(product.id)).length,
      hidden: live.length - products.length,
    }
  }

  /** Runs that failed made nothing. */
  #derivedFrom(id: number): readonly Use[] {
    return (this.#usesOf.get(id) ?? []).filter((use) => {
      const status = this.#relations.products.get(use.outputProductId)?.status
      return status !== undefined && status !== 'failed'
    })
  }

  #walk(root: number, depth: number, next: (id: number) => readonly number[]): void {
    const seen = new Set([root])
    let layer = [root]
    for (let level = 0; level < depth && layer.length > 0; level++) {
      layer = [...new Set(layer.flatMap(next))].filter((id) => !seen.has(id))
      for (const id of layer) seen.add(id)
    }
  }

  #reasons(use: Use): StaleReason[] {
    const { productId } = use
    const product = productId === null ? undefined : this.#relations.products.get(productId)
    if (product === undefined) return []
    const seen = this.#maySee(product)
    const input = seen ? `Its input ${product.displayName} (${product.internalName})` : 'An input that you may not see'
    const reason = (kind: StaleReason['kind'], words: string): StaleReason[] => [
      { kind, product: seen ? product : null, words },
    ]
    if (GONE.has(product.status)) return reason('deleted', `${input} was deleted.`)
    if (product.digest === null) return reason('removed', `${input} has no main file any more.`)
    if (product.digest !== use.digest) {
      const versions =
        use.version === null ? '' : `: version ${use.version} was used, now it has version ${product.version}`
      return reason('replaced', `${input} has a newer main file${versions}.`)
    }
    return this.stale(product.id).length === 0 ? [] : reason('stale_input', `${input} is itself out of date.`)
  }

  #maySee({ ownerId, status, release }: RelatedProduct): boolean {
    return maySee(this.#actor, { ownerId, status, release })
  }

  #productNode(id: number): LineageNode {
    const product = this.#relations.products.get(id)
    return product !== undefined && this.#maySee(product)
      ? { id: `product-${id}`, kind: 'product', product, stale: this.stale(id).length > 0 }
      : { id: '', kind: 'hidden', of: 'product' }
  }

  /** What was made from a release may have left it: its name stays with those who may use it. */
  #releaseNode({ releaseId, release, name }: Use): LineageNode {
    return releaseId !== null && release !== null && mayUseRelease(this.#actor, release)
      ? { id: `release-${releaseId}`, kind: 'release', releaseId, name }
      : { id: '', kind: 'hidden', of: 'release' }
  }

  /** A run is seen by those who see what it made. */
  #runNode({ runId, outputProductId }: Use): LineageNode {
    const run = this.#relations.runs.get(runId)
    const product = this.#relations.products.get(outputProductId)
    return run !== undefined && product !== undefined && this.#maySee(product)
      ? { id: `run-${runId}`, kind: 'run', run }
      : { id: '', kind: 'hidden', of: 'run' }
  }
}

function push<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const values = map.get(key)
  if (values === undefined) map.set(key, [value])
  else values.push(value)
}

/** Collects nodes and edges, each once; hidden ones are numbered in the order in which they are met. */
class Drawing {
  readonly #nodes = new Map<string, LineageNode>()
  readonly #edges = new Map<string, LineageEdge>()
  readonly #productNode: (id: number) => LineageNode
  readonly #runNode: (use: Use) => LineageNode
  readonly #releaseNode: (use: Use) => LineageNode

  constructor(
    productNode: (id: number) => LineageNode,
    runNode: (use: Use) => LineageNode,
    releaseNode: (use: Use) => LineageNode,
  ) {
    this.#productNode = productNode
    this.#runNode = runNode
    this.#releaseNode = releaseNode
  }

  product(id: number): LineageNode {
    return this.#once(`product-${id}`, () => this.#productNode(id))
  }

  /** Draws that a run read something and made something. @returns the number of the product that was read */
  use(use: Use): number | null {
    const run = this.#once(`run-${use.runId}`, () => this.#runNode(use))
    const { productId, releaseId, name, digest, version } = use
    const source =
      productId === null ? this.#once(`release-${releaseId}`, () => this.#releaseNode(use)) : this.product(productId)
    const read = source.kind === 'hidden' || run.kind === 'hidden' ? null : { digest, version, name }
    this.#edge(source, run, read)
    this.#edge(run, this.product(use.outputProductId), null)
    return productId
  }

  graph(): LineageGraph {
    return { nodes: [...this.#nodes.values()], edges: [...this.#edges.values()] }
  }

  #once(key: string, make: () => LineageNode): LineageNode {
    const known = this.#nodes.get(key)
    if (known !== undefined) return known
    const made = make()
    const node = made.kind === 'hidden' ? { ...made, id: `hidden-${this.#nodes.size}` } : made
    this.#nodes.set(key, node)
    return node
  }

  #edge(from: LineageNode, to: LineageNode, read: LineageEdge['read']): void {
    const key = `${from.id} ${to.id} ${read?.digest ?? ''}`
    if (!this.#edges.has(key)) this.#edges.set(key, { from: from.id, to: to.id, read })
  }
}
