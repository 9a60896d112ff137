/** Places the nodes of a graph without cycles in layers from left to right. Pure. */

export interface Placed<Node> {
  readonly node: Node
  readonly layer: number
  /** Position in its layer, from the top. */
  readonly row: number
}

/**
 * Each node stands right of all it comes from, as near as its longest path allows; within a layer, nodes are
 * ordered by the middle of what they come from. Edges that name unknown nodes are ignored; a cycle is cut where it closes.
 */
export function layered<Node extends { readonly id: string }>(
  nodes: readonly Node[],
  edges: readonly { readonly from: string; readonly to: string }[],
): readonly Placed<Node>[] {
  const known = new Set(nodes.map(({ id }) => id))
  const sources = new Map<string, string[]>(nodes.map(({ id }) => [id, []]))
  for (const { from, to } of edges) if (known.has(from) && known.has(to) && from !== to) sources.get(to)?.push(from)

  const layers = new Map<string, number>()
  const layerOf = (id: string, path: ReadonlySet<string>): number => {
    const found = layers.get(id)
    if (found !== undefined) return found
    const below = new Set(path).add(id)
    const before = (sources.get(id) ?? []).filter((source) => !below.has(source))
    const layer = before.reduce((deepest, source) => Math.max(deepest, layerOf(source, below) + 1), 0)
    layers.set(id, layer)
    return layer
  }
  for (const { id } of nodes) layerOf(id, new Set())

  // What comes from nothing stands just before the first that came of it, so that its line crosses no box.
  for (const { id } of nodes) {
    if ((sources.get(id) ?? []).length > 0) continue
    const after = nodes.filter((node) => sources.get(node.id)?.includes(id)).map((node) => layers.get(node.id) ?? 0)
    if (after.length > 0) layers.set(id, Math.min(...after) - 1)
  }

  const rows = new Map<string, number>()
  const columns: Node[][] = []
  for (const node of nodes) {
    const layer = layers.get(node.id) ?? 0
    columns[layer] = [...(columns[layer] ?? []), node]
  }
  return columns.flatMap((column, layer) => {
    const weight = (node: Node): number => {
      const above = (sources.get(node.id) ?? []).map((source) => rows.get(source) ?? 0)
      return above.length === 0 ? 0 : above.reduce((sum, row) => sum + row, 0) / above.length
    }
    const ordered = column.map((node) => ({ node, weight: weight(node) })).sort((a, b) => a.weight - b.weight)
    return ordered.map(({ node }, row) => {
      rows.set(node.id, row - (ordered.length - 1) / 2)
      return { node, layer, row }
    })
  })
}
