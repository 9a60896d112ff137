import { describe, expect, it } from 'vitest'
import { Differences } from '../../views/pages/compare/differences.tsx'
import { Lineage } from '../../views/plots/lineage.tsx'

describe('the drawing of lineage', () => {
  const nodes = [
    { id: 'a', kind: 'product', label: 'Extended Chandra Deep Field South slits', href: '/product/1' },
    { id: 'run', kind: 'run', label: 'Combine' },
    { id: 'b', kind: 'product', label: 'All', stale: true, self: true, note: 'out of date' },
  ] as const
  const edges = [
    { from: 'a', to: 'run', outdated: 'version 1, slits.csv' },
    { from: 'run', to: 'b' },
  ]
  const html = String(<Lineage id="lineage" title="Provenance" nodes={nodes} edges={edges} />)

  it('writes a long name on two lines, and whole where it is pointed at', () => {
    expect(html).toMatch(/>Extended Chandra Deep<\/text><text[^>]*>Field South slits<\/text>/)
  })

  it('marks what is out of date, and the step that read an older version', () => {
    expect(html).toMatch(/class="node product self stale"/)
    expect(html.match(/class="edge stale"/g)).toHaveLength(1)
    expect(html).toContain('from Extended Chandra Deep Field South slits (version 1, slits.csv)')
  })
})

describe('a comparison', () => {
  const sides = {
    left: { href: '/runs/1', label: 'First run', short: 'First run', within: 'in the first run' },
    right: { href: '/runs/2', label: 'Second run', short: 'Second run', within: 'in the second run' },
  }
  const of = (left: string | null, count: number) =>
    String(
      <Differences
        title="What was counted"
        id="counts"
        one="number"
        sides={sides}
        differences={Array.from({ length: count }, (_, i) => ({ field: `n${i}`, left, right: '7', same: false }))}
      />,
    )

  it('folds many numbers that one side alone has, and shows what can be compared', () => {
    expect(of(null, 40)).toContain('Only Second run has any: show 40 numbers')
    expect(of(null, 2)).not.toContain('<details')
    expect(of('6', 40)).not.toContain('<details')
  })
})
