import { describe, expect, it } from 'vitest'
import { FieldCounter, SkyCounter } from '../../src/application/plots/sky-counts.ts'
import { separation } from '../../src/sky/coordinates.ts'
import { pixelCentre } from '../../src/sky/healpix.ts'

/** Rows around places, in a fixed pattern. */
function rowsAround(places: readonly { ra: number; dec: number; radius: number; rows: number }[]) {
  const ra: number[] = []
  const dec: number[] = []
  for (const place of places) {
    for (let row = 0; row < place.rows; row++) {
      const r = place.radius * Math.sqrt((row + 0.5) / place.rows)
      const angle = row * 2.399963
      const height = place.dec + r * Math.sin(angle)
      dec.push(height)
      ra.push((place.ra + (r * Math.cos(angle)) / Math.cos((height * Math.PI) / 180) + 360) % 360)
    }
  }
  return { ra: Float64Array.from(ra), dec: Float64Array.from(dec) }
}

function counted(ra: Float64Array, dec: Float64Array) {
  const sky = new SkyCounter()
  sky.add(ra, dec)
  const { fullest, count } = sky.fields()
  const fields = new FieldCounter(fullest)
  fields.add(ra, dec)
  return { sky, cells: sky.cells(), fields: fields.counted(), count }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

describe('counting on the sky', () => {
  it('finds each field once, the fullest first, also across 0/360 and at a pole', () => {
    const places = [
      { ra: 0.1, dec: 2, radius: 1.5, rows: 3000 },
      { ra: 53.13, dec: -28.1, radius: 0.3, rows: 2000 },
      { ra: 200, dec: 89, radius: 0.5, rows: 1000 },
      { ra: 150.1, dec: 2.2, radius: 0.02, rows: 500 },
    ]
    const { ra, dec } = rowsAround(places)
    const { fields, cells, sky } = counted(ra, dec)
    expect(fields.map((field) => field.rows)).toEqual([3000, 2000, 1000, 500])
    for (const [index, place] of places.entries()) {
      const field = fields[index]
      expect(separation(field?.ra ?? 0, field?.dec ?? 0, place.ra, place.dec) / 3600).toBeLessThan(0.3)
      expect(field?.radius).toBeGreaterThanOrEqual(place.radius * 0.9)
      expect(field?.radius).toBeLessThan(place.radius + 0.3)
      expect(sum(field?.cells.counts ?? [])).toBe(place.rows)
      expect(field?.cells.pixels.length).toBeLessThan(4000)
    }
    expect(sum(cells.counts)).toBe(6500)
    expect(sky.rows).toBe(6500)
  })

  it('puts each row into the pixel that it is in', () => {
    const { cells } = counted(Float64Array.of(40, 40.001, 220), Float64Array.of(7, 7, -60))
    const centres = cells.pixels.map((pixel) => pixelCentre(pixel, cells.order))
    const near = (ra: number, dec: number) =>
      cells.counts[centres.findIndex((centre) => separation(centre.ra, centre.dec, ra, dec) < 3600)]
    expect(near(40, 7)).toBe(2)
    expect(near(220, -60)).toBe(1)
  })

  it('leaves out what is no position, and takes negative right ascensions', () => {
    const { sky } = counted(Float64Array.of(Number.NaN, 400, 10, -10, 360), Float64Array.of(0, 0, 90.0001, 0, -90))
    expect(sky.without).toBe(3)
    expect(sky.rows).toBe(2)
  })

  it('shows the fullest spots of a survey that covers the whole sky, in few cells', () => {
    const rows = 60_000
    const dec = Float64Array.from(
      { length: rows },
      (_, row) => (Math.asin(2 * ((row + 0.5) / rows) - 1) * 180) / Math.PI,
    )
    const ra = Float64Array.from({ length: rows }, (_, row) => (row * 137.50776405) % 360)
    const { cells, fields, count } = counted(ra, dec)
    expect(cells.pixels.length).toBe(3072)
    expect(sum(cells.counts)).toBe(rows)
    expect(fields.length).toBe(12)
    expect(count).toBeGreaterThan(100)
    expect(fields.every((field) => field.radius < 5 && field.rows > 0)).toBe(true)
  })
})
