import { excerpt } from '../format.ts'
import { layered } from './layers.ts'
import { place } from './scale.ts'

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

/** What a product comes from and what came of it, from left to right; and the same as a list. */
export function Lineage({ id, title, nodes, edges, compact }: LineageProps) {
  const box = compact ? { width: 84, height: 34, gapX: 22, gapY: 10 } : { width: 150, height: 62, gapX: 28, gapY: 12 }
  const placed = layered(nodes, edges)
  const layers = Math.max(0, ...placed.map(({ layer }) => layer)) + 1
  const sizes = Array.from({ length: layers }, (_, layer) => placed.filter((one) => one.layer === layer).length)
  const tallest = Math.max(1, ...sizes)
  const width = layers * (box.width + box.gapX) - box.gapX + 4
  const height = tallest * (box.height + box.gapY) - box.gapY + 4
  const at = new Map(
    placed.map(({ node, layer, row }) => [
      node.id,
      {
        x: 2 + layer * (box.width + box.gapX),
        y: 2 + (row + (tallest - (sizes[layer] ?? 1)) / 2) * (box.height + box.gapY),
      },
    ]),
  )
  const curve = ({ from, to }: LineageEdge) => {
    const start = at.get(from)
    const end = at.get(to)
    if (!start || !end || from === to) return ''
    const [x1, y1, x2, y2] = [start.x + box.width, start.y + box.height / 2, end.x, end.y + box.height / 2]
    const bend = (x1 + x2) / 2
    return `M${place(x1)} ${place(y1)}C${place(bend)} ${place(y1)} ${place(bend)} ${place(y2)} ${place(x2)} ${place(y2)}`
  }
  const [outdated, fresh] = [edges.filter((edge) => edge.outdated), edges.filter((edge) => !edge.outdated)]
  return (
    <figure class="plot">
      <section class="scroll" tabindex={0} aria-label={title}>
        {/* biome-ignore lint/a11y/useSemanticElements: a drawing with links in it cannot be a fieldset */}
        <svg
          class={compact ? 'lineage compact' : 'lineage'}
          viewBox={`0 0 ${width} ${height}`}
          width={compact ? undefined : width}
          height={compact ? undefined : height}
          role="group"
          aria-labelledby={`${id}-title`}
        >
          <title id={`${id}-title`}>{title}</title>
          <desc>{inWords(nodes, edges)}</desc>
          <path class="edge" d={fresh.map(curve).join('')} />
          {outdated.length === 0 ? null : <path class="edge stale" d={outdated.map(curve).join('')} />}
          {placed.map(({ node }) => (
            <NodeBox node={node} box={box} at={at.get(node.id) ?? { x: 0, y: 0 }} compact={compact === true} />
          ))}
        </svg>
      </section>
      {compact ? null : <LineageList nodes={nodes} edges={edges} />}
    </figure>
  )
}

interface NodeBoxProps {
  readonly node: LineageNode
  readonly box: { readonly width: number; readonly height: number }
  readonly at: { readonly x: number; readonly y: number }
  readonly compact: boolean
}

function NodeBox({ node, box, at, compact }: NodeBoxProps) {
  const middle = at.x + box.width / 2
  const note = compact ? undefined : node.note
  const lines = compact ? [excerpt(node.label, 13)] : inTwoLines(node.label, 22)
  const top = at.y + box.height / 2 + 4 - (lines.length - 1) * 7 - (note ? 8 : 0)
  const shape = (
    <>
      <rect
        class={`node ${node.kind}${node.self ? ' self' : ''}${node.stale ? ' stale' : ''}`}
        x={place(at.x)}
        y={place(at.y)}
        width={box.width}
        height={box.height}
        rx={node.kind === 'run' ? box.height / 2 : 5}
      >
        {lines.join(' ') === node.label ? null : <title>{node.label}</title>}
      </rect>
      {lines.map((line, index) => (
        <text x={place(middle)} y={place(top + index * 14)} class="middle label">
          {line}
        </text>
      ))}
      {note ? (
        <text x={place(middle)} y={place(top + lines.length * 14 + 2)} class="middle">
          {excerpt(note, 26)}
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

/** A name on two lines of at most `length` characters, broken between words where there is a place. */
function inTwoLines(text: string, length: number): readonly string[] {
  if (text.length <= length) return [text]
  const space = text.lastIndexOf(' ', length)
  return space <= 0 ? [excerpt(text, length)] : [text.slice(0, space), excerpt(text.slice(space + 1), length)]
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
