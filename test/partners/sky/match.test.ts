import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { separation } from '../../../src/sky/coordinates.ts'
import { healpix29Of, pixelCentre, pixelOf, pixelsOfKeys } from '../../../src/sky/healpix.ts'
import { pixelsInCone } from '../../../src/sky/healpix-cone.ts'
import { crossMatch } from '../../../src/sky/match.ts'
import type { Positions } from '../../../src/sky/positions.ts'
import { numbers, positions } from '../../sky/skies.ts'

/** Against astropy, scipy and cdshealpix (Python packages; `PARTNER_PYTHON` has them). */

function python(script: string, input: unknown): unknown {
  const program = process.env.PARTNER_PYTHON ?? 'python3'
  const out = execFileSync(
    program,
    ['-c', `import sys, json\nimport numpy as np\ngiven = json.load(sys.stdin)\n${script}`],
    {
      input: JSON.stringify(input),
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
    },
  )
  return JSON.parse(out)
}

/** Points all over the sky, at both poles, along RA 0/360, and a crowded field; the second catalog lies close by. */
function twoCatalogs(): [Positions, Positions] {
  const next = numbers(42)
  const points: [number, number][] = []
  for (let i = 0; i < 2000; i++) points.push([next() * 360, (Math.asin(2 * next() - 1) * 180) / Math.PI])
  for (let i = 0; i < 1000; i++) points.push([next() * 360, (i % 2 ? 1 : -1) * (90 - next() * 0.001)])
  for (let i = 0; i < 1000; i++)
    points.push([i % 2 ? next() * 3e-4 : 360 - 1e-9 - next() * 3e-4, (next() - 0.5) * 0.001])
  for (let i = 0; i < 1000; i++) points.push([53 + next() * 0.003, -28 + next() * 0.003])
  const shifted = points.map(([ra, dec]): [number, number] => {
    const beyond = dec + (next() - 0.5) * 4e-4
    const d = Math.abs(beyond) > 90 ? Math.sign(beyond) * 180 - beyond : beyond
    return [(ra + (next() - 0.5) * 4e-4 + 360) % 360, d]
  })
  return [positions(points), positions(shifted)]
}

test('the pairs within a radius are those of astropy search_around_sky', async () => {
  const [left, right] = twoCatalogs()
  for (const radius of [0.5, 2]) {
    const peer = python(
      `
from astropy.coordinates import SkyCoord, search_around_sky
import astropy.units as u
a, b = (SkyCoord(*c, unit='deg') for c in given['catalogs'])
i, j, s, _ = search_around_sky(a, b, given['radius'] * u.arcsec)
print(json.dumps([[int(x), int(y), float(z)] for x, y, z in zip(i, j, s.arcsec)]))`,
      { catalogs: [left, right].map((c) => [[...c.ra], [...c.dec]]), radius },
    ) as [number, number, number][]
    const { pairs } = await crossMatch(left, right, { radius })
    const key = (l: number, r: number) => l * 1e6 + r
    const theirs = new Map(peer.map(([l, r, s]) => [key(l, r), s]))
    expect(pairs.left.length).toBeGreaterThan(2000)
    expect(pairs.left.length).toBe(theirs.size)
    let worst = 0
    for (let k = 0; k < pairs.left.length; k++) {
      const s = theirs.get(key(pairs.left[k]!, pairs.right[k]!))
      expect(s).toBeDefined()
      worst = Math.max(worst, Math.abs(s! - pairs.separation[k]!))
    }
    expect(worst).toBeLessThan(1e-9)
  }
})

test('the nearest rows are those of a scipy k-d tree on unit vectors, as LSDB searches', async () => {
  const [left, right] = twoCatalogs()
  const peer = python(
    `
from scipy.spatial import cKDTree
def vectors(c):
    ra, dec = np.radians(np.array(c))
    return np.column_stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])
chord = 2 * np.sin(np.radians(2 / 3600) / 2)
d, i = cKDTree(vectors(given[1])).query(vectors(given[0]), k=3, distance_upper_bound=chord)
print(json.dumps([[int(r) for r, x in zip(rows, row) if np.isfinite(x)] for rows, row in zip(i, d)]))`,
    [left, right].map((c) => [[...c.ra], [...c.dec]]),
  ) as number[][]
  const { pairs } = await crossMatch(left, right, { radius: 2, find: 'nearest', neighbours: 3 })
  const ours = peer.map((_, row) => [...pairs.right.subarray(pairs.offsets[row], pairs.offsets[row + 1])])
  expect(ours).toEqual(peer)
})

describe('HEALPix equals cdshealpix', () => {
  const [{ ra, dec }] = twoCatalogs()

  test.each([0, 1, 5, 10, 18, 24])('pixels of order %d', (order) => {
    const peer = python(
      `
from cdshealpix.nested import lonlat_to_healpix
from astropy.coordinates import Longitude, Latitude
import astropy.units as u
print(json.dumps([int(p) for p in lonlat_to_healpix(Longitude(given['ra'], u.deg), Latitude(given['dec'], u.deg), given['order'])]))`,
      { ra: [...ra], dec: [...dec], order },
    ) as number[]
    expect(Array.from(ra, (a, row) => pixelOf(a, dec[row]!, order))).toEqual(peer)
    expect([...pixelsOfKeys(healpix29Of(ra, dec), order)]).toEqual(peer)
  })

  test('keys of order 29', () => {
    const peer = python(
      `
from cdshealpix.nested import lonlat_to_healpix
from astropy.coordinates import Longitude, Latitude
import astropy.units as u
print(json.dumps([str(p) for p in lonlat_to_healpix(Longitude(given['ra'], u.deg), Latitude(given['dec'], u.deg), 29)]))`,
      { ra: [...ra], dec: [...dec] },
    ) as string[]
    // A pixel is 0.4 milliarcsec: rounding may put a position on its edge to either side.
    const ours = healpix29Of(ra, dec)
    const others = peer.map(BigInt).filter((pixel, row) => pixel !== ours[row])
    expect(others.length).toBeLessThan(peer.length * 0.005)
    for (const [row, pixel] of peer.map(BigInt).entries()) {
      const a = pixelCentre(pixel, 29)
      const b = pixelCentre(ours[row]!, 29)
      expect(separation(a.ra, a.dec, b.ra, b.dec)).toBeLessThan(1e-3)
    }
  })

  test('centres of all pixels of order 3', () => {
    const peer = python(
      `
from cdshealpix.nested import healpix_to_lonlat
lon, lat = healpix_to_lonlat(np.arange(768), 3)
print(json.dumps([[float(x), float(y)] for x, y in zip(lon.deg, lat.deg)]))`,
      null,
    ) as [number, number][]
    for (const [pixel, [lon, lat]] of peer.entries()) {
      const centre = pixelCentre(pixel, 3)
      expect(centre.ra).toBeCloseTo(lon, 11)
      expect(centre.dec).toBeCloseTo(lat, 11)
    }
  })

  test('no pixel that cdshealpix finds deep inside a cone is left out', () => {
    const next = numbers(8)
    const cones = Array.from({ length: 30 }, () => ({
      ra: next() * 360,
      dec: (Math.asin(2 * next() - 1) * 180) / Math.PI,
      radius: 10 ** (next() * 5),
    }))
    const peer = python(
      `
from cdshealpix.nested import cone_search
from astropy.coordinates import Longitude, Latitude
import astropy.units as u
out = []
for c in given:
    p, depth, _ = cone_search(Longitude(c['ra'], u.deg), Latitude(c['dec'], u.deg), c['radius'] * u.arcsec, depth=5, depth_delta=8, flat=True)
    out.append(sorted(int(x) for x in p))
print(json.dumps(out))`,
      cones,
    ) as number[][]
    for (const [i, cone] of cones.entries()) {
      const ours = pixelsInCone(cone.ra, cone.dec, cone.radius, 5)
      // Both may add a pixel that the cone just misses; they differ by less than one in twenty, and a few for tiny cones.
      const theirs = new Set(peer[i])
      const both = ours.filter((p) => theirs.has(p)).length
      expect(both).toBeGreaterThanOrEqual(Math.min(ours.length, theirs.size) * 0.95)
      expect(Math.abs(ours.length - theirs.size)).toBeLessThanOrEqual(2 + ours.length * 0.05)
    }
  })
})
