import { layered } from './layers.ts'
import { place } from './scale.ts'
import { cutToWidth, inTwoLines } from './text-width.ts'

/** A product, a run or a file in the history of a product. */
export interface LineageNode {
  readonly id: string
  readonly kind: 'product' | 'run' | 'file'
  readonly label: string
  /** Small, below: the type, the pipeline, the date. */
  readonly note?: string
  readonly href?: string
  /** The product whose page this is. */
  readonly self?: boolean
  /** It would be another one if it were made today. */
  readonly stale?: boolean
}

export interface LineageEdge {
  readonly from: string
  readonly to: string
  /** What was read is no longer what stands there: which version it was, in words. */
  readonly outdated?: string
}

interface LineageProps {
  readonly id: string
  readonly title: string
  readonly nodes: readonly LineageNode[]
  readonly edges: readonly LineageEdge[]
  /** For the rail: smaller, without the list. */
  readonly compact?: boolean
}

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Boxes in columns from left to right, as wide and high as they need. */
const LARGE = { width: 150, height: 62, gapX: 28, gapY: 12 }
/** In the rail boxes stand in rows from top to bottom, which share its width. */
const SMALL = { room: 260, width: 184, height: 34, gapX: 8, gapY: 18 }
/** Boxes side by side in the rail; of more the others are counted. */
const MOST_IN_ROW = 3

/** What a product comes from and what came of it, and the same as a list; small in the rail. */
export function Lineage({ id, title, nodes, edges, compact }: LineageProps) {
  const drawn = compact ? fewer(nodes, edges) : { nodes, edges }
  const { boxes, width, height } = compact ? downwards(drawn) : rightwards(drawn)
  const curve = ({ from, to }: LineageEdge) => {
    const [start, end] = [boxes.get(from), boxes.get(to)]
    if (!start || !end || from === to) return ''
    return compact ? curveDown(start, end) : curveRight(start, end)
  }
  const [outdated, fresh] = [drawn.edges.filter((edge) => edge.outdated), drawn.edges.filter((edge) => !edge.outdated)]
  return (
    <figure class="plot">
      <section class="scroll" tabindex={0} aria-label={title}>
        {/* biome-ignore lint/a11y/useSemanticElements: a drawing with links in it cannot be a fieldset */}
        <svg
          class={compact ? 'lineage compact' : 'lineage'}
          viewBox={`0 0 ${width} ${height}`}
          width={width}
          height={height}
          role="group"
          aria-labelledby={`${id}-title`}
        >
          <title id={`${id}-title`}>{title}</title>
          <desc>{inWords(nodes, edges)}</desc>
          <path class="edge" d={fresh.map(curve).join('')} />
          {outdated.length === 0 ? null : <path class="edge stale" d={outdated.map(curve).join('')} />}
          {drawn.nodes.map((node) => {
            const box = boxes.get(node.id)
            return box === undefined ? null : <NodeBox node={node} box={box} compact={compact === true} />
          })}
        </svg>
      </section>
      {compact ? null : <LineageList nodes={nodes} edges={edges} />}
    </figure>
  )
}

type Graph = Pick<LineageProps, 'nodes' | 'edges'>

/** The nodes of each layer, in their order. */
function layersOf({ nodes, edges }: Graph): readonly (readonly LineageNode[])[] {
  const placed = layered(nodes, edges).toSorted((a, b) => a.row - b.row)
  const count = Math.max(0, ...placed.map(({ layer }) => layer + 1))
  return Array.from({ length: count }, (_, layer) =>
    placed.filter((one) => one.layer === layer).map(({ node }) => node),
  )
}

function rightwards(graph: Graph) {
  const layers = layersOf(graph)
  const { width, height, gapX, gapY } = LARGE
  const tallest = Math.max(1, ...layers.map(({ length }) => length))
  const boxes = new Map<string, Box>()
  layers.forEach((layer, column) => {
    layer.forEach((node, row) => {
      const x = 2 + column * (width + gapX)
      const y = 2 + (row + (tallest - layer.length) / 2) * (height + gapY)
      boxes.set(node.id, { x, y, width, height })
    })
  })
  return {
    boxes,
    width: Math.max(1, layers.length) * (width + gapX) - gapX + 4,
    height: tallest * (height + gapY) - gapY + 4,
  }
}

function downwards(graph: Graph) {
  const layers = layersOf(graph)
  const { room, height, gapX, gapY } = SMALL
  const boxes = new Map<string, Box>()
  layers.forEach((layer, line) => {
    const width = Math.min(SMALL.width, (room - (layer.length - 1) * gapX) / layer.length)
    const left = 2 + (room - layer.length * (width + gapX) + gapX) / 2
    layer.forEach((node, place) => {
      boxes.set(node.id, { x: left + place * (width + gapX), y: 2 + line * (height + gapY), width, height })
    })
  })
  return { boxes, width: room + 4, height: Math.max(1, layers.length) * (height + gapY) - gapY + 4 }
}

/** The graph without what has no room in a row: the last box of the row says how many there are. */
function fewer(nodes: readonly LineageNode[], edges: readonly LineageEdge[]): Graph {
  const standsFor = new Map<string, LineageNode>()
  layersOf({ nodes, edges }).forEach((layer, line) => {
    if (layer.length <= MOST_IN_ROW) return
    // The product itself is never left out.
    const kept = layer.toSorted((a, b) => Number(b.self ?? false) - Number(a.self ?? false)).slice(0, MOST_IN_ROW - 1)
    const others = layer.filter((node) => !kept.includes(node))
    const sum: LineageNode = { id: `more-${line}`, kind: others[0]?.kind ?? 'product', label: `${others.length} more` }
    for (const node of others) standsFor.set(node.id, sum)
  })
  const idOf = (id: string) => standsFor.get(id)?.id ?? id
  const seen = new Map(edges.map((edge) => [`${idOf(edge.from)} ${idOf(edge.to)}`, edge]))
  return {
    nodes: [...nodes.filter(({ id }) => !standsFor.has(id)), ...new Set(standsFor.values())],
    edges: [...seen.values()].map((edge) => ({ ...edge, from: idOf(edge.from), to: idOf(edge.to) })),
  }
}

function curveRight(start: Box, end: Box): string {
  const [x1, y1, x2, y2] = [start.x + start.width, start.y + start.height / 2, end.x, end.y + end.height / 2]
  const bend = place((x1 + x2) / 2)
  return `M${place(x1)} ${place(y1)}C${bend} ${place(y1)} ${bend} ${place(y2)} ${place(x2)} ${place(y2)}`
}

function curveDown(start: Box, end: Box): string {
  const [x1, y1, x2, y2] = [start.x + start.width / 2, start.y + start.height, end.x + end.width / 2, end.y]
  const bend = place((y1 + y2) / 2)
  return `M${place(x1)} ${place(y1)}C${place(x1)} ${bend} ${place(x2)} ${bend} ${place(x2)} ${place(y2)}`
}

/** Sizes of the type in the boxes, as plots.css has them. */
const LABEL = 12
const SMALL_LABEL = 11
const NOTE = 11

function NodeBox({ node, box, compact }: { node: LineageNode; box: Box; compact: boolean }) {
  const middle = box.x + box.width / 2
  // The round ends of a run leave less room.
  const room = box.width - (node.kind === 'run' ? 20 : 10)
  const note = compact ? undefined : node.note
  const lines = compact ? [cutToWidth(node.label, room / SMALL_LABEL)] : inTwoLines(node.label, room / LABEL)
  const top = box.y + box.height / 2 + 4 - (lines.length - 1) * 7 - (note ? 8 : 0)
  const isWhole = lines.join(' ') === node.label || lines.join('') === node.label
  const shape = (
    <>
      <rect
        class={`node ${node.kind}${node.self ? ' self' : ''}${node.stale ? ' stale' : ''}`}
        x={place(box.x)}
        y={place(box.y)}
        width={place(box.width)}
        height={box.height}
        rx={node.kind === 'run' ? box.height / 2 : 5}
      >
        {isWhole ? null : <title>{node.label}</title>}
      </rect>
      {lines.map((line, index) => (
        <text x={place(middle)} y={place(top + index * 14)} class="middle label">
          {line}
        </text>
      ))}
      {note ? (
        <text x={place(middle)} y={place(top + lines.length * 14 + 2)} class="middle">
          {cutToWidth(note, room / NOTE)}
        </text>
      ) : null}
    </>
  )
  return node.href && !node.self ? <a href={node.href}>{shape}</a> : <g>{shape}</g>
}

const LineageList = ({ nodes, edges }: { nodes: readonly LineageNode[]; edges: readonly LineageEdge[] }) => {
  const names = new Map(nodes.map((node) => [node.id, node]))
  return (
    <details class="numbers">
      <summary>As a list</summary>
      <ul class="lineage-list">
        {nodes.map((node) => {
          const from = edges
            .filter(({ to }) => to === node.id)
            .flatMap((edge) => {
              const label = names.get(edge.from)?.label
              return label === undefined ? [] : edge.outdated ? `${label} (${edge.outdated})` : label
            })
          return (
            <li>
              {node.href && !node.self ? <a href={node.href}>{node.label}</a> : <strong>{node.label}</strong>}
              {node.note ? ` (${node.note})` : ''}
              {from.length > 0 ? `, from ${from.join(', ')}` : ''}
            </li>
          )
        })}
      </ul>
    </details>
  )
}

/** The graph in a sentence. */
function inWords(nodes: readonly LineageNode[], edges: readonly LineageEdge[]): string {
  const names = new Map(nodes.map((node) => [node.id, node.label]))
  const steps = edges.flatMap(({ from, to }) => {
    const [source, result] = [names.get(from), names.get(to)]
    return source && result ? [`${source} led to ${result}`] : []
  })
  return steps.length === 0 ? 'Nothing else is connected with it.' : `${steps.slice(0, 20).join('; ')}.`
}
