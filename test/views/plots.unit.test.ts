import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { layered } from '../../views/plots/layers.ts'
import { lambert, middle, mollweide, wrapped } from '../../views/plots/projection.ts'
import { LEVELS, level, levelRanges, ticks } from '../../views/plots/scale.ts'
import { cellTable, extent, outlineOf } from '../../views/plots/sky-map.tsx'
import { merged, peak } from '../../views/plots/sparkline.tsx'
import { cutToWidth, inTwoLines, textWidth } from '../../views/plots/text-width.ts'

/** The area of a polygon on the page (the shoelace formula). */
const area = (points: readonly { x: number; y: number }[]): number =>
  Math.abs(
    points.reduce((sum, { x, y }, index) => {
      const next = points[(index + 1) % points.length]!
      return sum + x * next.y - next.x * y
    }, 0) / 2,
  )

/** A small box on the sky, its sides cut fine; its true area on the unit sphere. */
const box = (lon: number, lat: number, size: number) => {
  const steps = Array.from({ length: 10 }, (_, step) => step / 10)
  const [west, south, east, north] = [lon - size / 2, lat - size / 2, lon + size / 2, lat + size / 2]
  const outline = [
    ...steps.map((t) => [west + t * size, south] as const),
    ...steps.map((t) => [east, south + t * size] as const),
    ...steps.map((t) => [east - t * size, north] as const),
    ...steps.map((t) => [west, north - t * size] as const),
  ]
  const radians = Math.PI / 180
  return { outline, solid: size * radians * (Math.sin(north * radians) - Math.sin(south * radians)) }
}

describe('Mollweide projection', () => {
  it('puts centre, poles and edges where they belong, east to the left', () => {
    expect(mollweide(0, 0).x).toBeCloseTo(0)
    expect(mollweide(90, 0)).toEqual({ x: -1, y: 0 })
    expect(mollweide(-180, 0)).toEqual({ x: 2, y: 0 })
    expect(mollweide(120, 90).x).toBeCloseTo(0)
    expect(mollweide(120, 90).y).toBeCloseTo(1)
    expect(mollweide(0, -90).y).toBeCloseTo(-1)
  })

  it.each([-89.99, -60, -1, 0, 30, 45, 75, 89.9])('solves 2θ + sin 2θ = π sin φ at %d°', (latitude) => {
    const { x, y } = mollweide(-90, latitude)
    const theta = Math.asin(y)
    expect(2 * theta + Math.sin(2 * theta)).toBeCloseTo(Math.PI * Math.sin((latitude * Math.PI) / 180), 6)
    expect(x).toBeCloseTo(Math.cos(theta))
  })

  it('keeps areas, everywhere', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -170, max: 170, noNaN: true }),
        fc.double({ min: -87, max: 87, noNaN: true }),
        (lon, lat) => {
          const { outline, solid } = box(lon, lat, 4)
          // The ellipse of half axes 2 and 1 (area 2π) holds the sphere (4π).
          expect(area(outline.map(([a, b]) => mollweide(a, b))) / (solid / 2)).toBeCloseTo(1, 2)
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe("Lambert's projection", () => {
  it('keeps areas around any centre, and shows north up and east left', () => {
    const projected = lambert({ raDeg: 359.9, decDeg: -60 })
    const { outline, solid } = box(1.5, -59, 1)
    const points = outline.map(([raDeg, decDeg]) => projected({ raDeg, decDeg })!)
    expect(area(points) / (solid * (180 / Math.PI) ** 2)).toBeCloseTo(1, 2)
    expect(projected({ raDeg: 0.5, decDeg: -60 })!.x).toBeLessThan(0)
    expect(projected({ raDeg: 359.9, decDeg: -59 })!.y).toBeCloseTo(1, 3)
    expect(projected({ raDeg: 180, decDeg: 60 })).toBeNull()
  })
})

describe('the sky', () => {
  it('finds the middle across the wrap of right ascension, and of nothing', () => {
    const found = middle([
      { raDeg: 359, decDeg: 0 },
      { raDeg: 1, decDeg: 0 },
    ])!
    expect(wrapped(found.raDeg)).toBeCloseTo(0)
    expect(middle([])).toBeNull()
  })

  it('gives cells at the pole an outline on the sphere', () => {
    for (const { decDeg } of outlineOf({ raDeg: 0, decDeg: 89.9, sizeDeg: 1, count: 1 })) {
      expect(Math.abs(decDeg)).toBeLessThanOrEqual(90)
    }
  })

  it('says what it shows', () => {
    expect(extent([])).toBe('There is nothing to show.')
    expect(extent([{ raDeg: 53.1, decDeg: -28, sizeDeg: 1, count: 7 }])).toContain('7 rows in 1 cells')
  })
})

describe('the numbers of a map', () => {
  it('are its fullest cells, and say how many there are', () => {
    const cells = Array.from({ length: 250 }, (_, index) => ({
      ...{ raDeg: index, decDeg: -index / 4, sizeDeg: 1, count: index },
    }))
    const { headers, rows, note } = cellTable(cells)
    expect(headers).toEqual(['right ascension (°)', 'declination (°)', 'rows'])
    expect(rows).toHaveLength(200)
    expect(rows[0]).toEqual(['249', '−62.25', '249'])
    expect(note).toBe('These are the 200 fullest of 249 cells.')
    expect(cellTable(cells.slice(0, 3))).toEqual({
      headers,
      rows: [
        ['2', '−0.5', '2'],
        ['1', '−0.25', '1'],
      ],
    })
  })
})

describe('axes and shades', () => {
  it.each([
    [0, 985, 6, [0, 200, 400, 600, 800]],
    [-1, 1, 4, [-1, -0.5, 0, 0.5, 1]],
    [0, 0.3, 3, [0, 0.1, 0.2, 0.3]],
    [5, 5, 3, [5]],
  ])('puts round ticks from %d to %d', (low, high, wanted, expected) => {
    expect(ticks(low, high, wanted)).toEqual(expected)
  })

  it('covers every count with the shade that its key names', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), (most) => {
        const ranges = levelRanges(most)
        expect(ranges[0]!.from).toBe(1)
        expect(ranges.at(-1)).toMatchObject({ level: LEVELS, to: most })
        for (const { level: own, from, to } of ranges) {
          if (most > 1) expect([level(from, most), level(to, most)]).toEqual([own, own])
        }
      }),
    )
  })

  it('adds bins up without losing a count', () => {
    const counts = Array.from({ length: 50 }, (_, index) => index)
    expect(merged(counts, 16).reduce((a, b) => a + b)).toBe(counts.reduce((a, b) => a + b))
    expect(merged(counts, 16).length).toBeLessThanOrEqual(16)
    expect(peak({ low: 0, high: 4, counts: [1, 9, 2, 0], below: 0, above: 0 })).toBe(1.5)
  })
})

describe('layers of a graph', () => {
  const nodes = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id }))

  it('puts each node right of what it comes from, and a source next to its first result', () => {
    const placed = layered(nodes, [
      { from: 'a', to: 'b' },
      { from: 'b', to: 'd' },
      { from: 'c', to: 'd' },
      { from: 'd', to: 'e' },
    ])
    const layer = Object.fromEntries(placed.map(({ node, layer }) => [node.id, layer]))
    expect(layer).toEqual({ a: 0, b: 1, c: 1, d: 2, e: 3 })
  })

  it('survives cycles, loops, unknown nodes and nothing', () => {
    expect(layered([], [])).toEqual([])
    const placed = layered(nodes, [
      { from: 'a', to: 'b' },
      { from: 'b', to: 'a' },
      { from: 'c', to: 'c' },
      { from: 'x', to: 'd' },
    ])
    expect(placed).toHaveLength(5)
    expect(new Set(placed.map(({ layer, row }) => `${layer}/${row}`)).size).toBe(5)
  })
})

describe('words in a drawing', () => {
  const texts = [
    'DESI DR1',
    'Каталог красных смещений галактик',
    '红移目录的第一个版本，含有全部光谱',
    'x'.repeat(80),
    'i'.repeat(80),
  ]

  it.each(texts)('fit into their box: %s', (text) => {
    expect(textWidth(cutToWidth(text, 10))).toBeLessThanOrEqual(10)
    for (const line of inTwoLines(text, 10)) expect(textWidth(line)).toBeLessThanOrEqual(10)
  })

  it('are left whole where there is room, and broken between words', () => {
    expect(cutToWidth('DESI DR1', 10)).toBe('DESI DR1')
    // 16.43 em in Inter: estimated to 2 %.
    expect(textWidth('2mrs_v240_random_sample.parq…')).toBeGreaterThan(16.43 * 0.98)
    expect(inTwoLines('Combine Redshift Catalogs', 12)).toEqual(['Combine Redshift', 'Catalogs'])
    expect(inTwoLines('红移目录的第一个版本', 6)).toEqual(['红移目录的第', '一个版本'])
  })
})
