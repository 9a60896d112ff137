import type { Random } from './random.ts'

/** A galaxy of the demonstration: where it is, how far, how bright. */
export interface Galaxy {
  /** Like an objectId of Rubin: beyond 2^53. */
  readonly id: bigint
  /** Degrees, ICRS. */
  readonly ra: number
  readonly dec: number
  readonly z: number
  /** AB magnitudes. */
  readonly mags: Readonly<Record<Band, number>>
}

export const BANDS = ['u', 'g', 'r', 'i', 'z', 'y'] as const
export type Band = (typeof BANDS)[number]

/** A part of the sky: degrees. */
export interface Field {
  readonly name: string
  readonly ra: number
  readonly dec: number
  /** Half widths on the sky, so that a field near the pole is no wider than one at the equator. */
  readonly halfWidth: number
  readonly halfHeight: number
}

/** Fields of Rubin's Data Preview 1, where surveys overlap. */
export const FIELDS = {
  ecdfs: { name: 'ECDFS', ra: 53.13, dec: -28.1, halfWidth: 0.75, halfHeight: 0.75 },
  edfs: { name: 'EDFS', ra: 59.1, dec: -48.73, halfWidth: 0.7, halfHeight: 0.7 },
  ldf: { name: 'Low Ecliptic Latitude Field', ra: 37.86, dec: 6.98, halfWidth: 0.7, halfHeight: 0.7 },
} as const satisfies Record<string, Field>

const FIRST_ID = 2_305_843_019_946_942_123n

/**
 * Galaxies of a deep field down to i = 25.5. Redshifts follow n(z) ∝ z² exp(−(z/z0)^1.5) (Smail et al. 1994), and a third
 * of the galaxies lie in groups, so that maps show clumps and n(z) shows spikes, as real fields do.
 */
export function deepField(random: Random, field: Field, count: number, z0 = 0.52): Galaxy[] {
  const groups = Array.from({ length: Math.max(4, Math.round(count / 220)) }, () => ({
    ...positionIn(random, field),
    z: smail(random, z0 * 0.8),
    radius: random.between(0.008, 0.03),
  }))
  const [first, ...others] = groups
  return Array.from({ length: count }, (_, index) => {
    const group = first !== undefined && random.chance(0.33) ? random.pick([first, ...others]) : null
    const place =
      group === null
        ? positionIn(random, field)
        : {
            ra: wrapped(group.ra + random.normal(group.radius) / Math.cos(radians(group.dec))),
            dec: group.dec + random.normal(group.radius),
          }
    const z = group === null ? smail(random, z0) : Math.max(0.004, group.z + random.normal(0.0022 * (1 + group.z)))
    return galaxy(random, FIRST_ID + BigInt(Math.round(field.ra * 1e5)) * 1_000_003n + BigInt(index), place, z)
  })
}

/** Bright galaxies of a wide and shallow survey: two strips, one at each galactic cap, and random fields between. */
export function wideSurvey(random: Random, count: number): Galaxy[] {
  return Array.from({ length: count }, (_, index) => {
    const strip = random.next()
    const place =
      strip < 0.48
        ? { ra: random.between(147.5, 222.5), dec: random.between(-6.25, 2.25) }
        : strip < 0.94
          ? { ra: wrapped(random.between(-38.5, 56)), dec: random.between(-37.5, -22.5) }
          : {
              ra: wrapped(20 * Math.round(random.between(0, 18)) + random.normal(0.6)),
              dec: -30 + 12 * Math.round(random.between(-1, 3)) + random.normal(0.6),
            }
    return galaxy(random, FIRST_ID + 9_000_000_000_000n + BigInt(index), place, smail(random, 0.085))
  })
}

/** A redshift drawn from z² exp(−(z/z0)^1.5), by rejection. */
function smail(random: Random, z0: number): number {
  const peak = z0 * (4 / 3) ** (2 / 3)
  const density = (z: number) => z * z * Math.exp(-((z / z0) ** 1.5))
  const highest = density(peak)
  for (;;) {
    const z = random.between(0.002, 7 * z0)
    if (random.next() * highest < density(z)) return z
  }
}

function positionIn(random: Random, field: Field): { readonly ra: number; readonly dec: number } {
  const dec = field.dec + random.between(-field.halfHeight, field.halfHeight)
  const ra = wrapped(field.ra + random.between(-field.halfWidth, field.halfWidth) / Math.cos(radians(field.dec)))
  return { ra, dec }
}

function galaxy(random: Random, id: bigint, place: { readonly ra: number; readonly dec: number }, z: number): Galaxy {
  const red = random.chance(0.3)
  // Distance dims; the scatter is that of the luminosity function around its knee.
  const r = Math.min(27.5, 23.4 + 5.2 * Math.log10(z / 0.6 + 0.01) + random.normal(red ? 0.8 : 1.1))
  // The 4000 Å break wanders through the bands with redshift.
  const step = (at: number) => 1 / (1 + Math.exp(-(z - at) / 0.12))
  const slope = red ? 1 : 0.45
  const jitter = () => random.normal(0.06)
  const gr = slope * (0.55 + 0.75 * step(0.3) - 0.35 * step(0.75)) + jitter()
  const ri = slope * (0.28 + 0.65 * step(0.6) - 0.3 * step(1.0)) + jitter()
  const iz = slope * (0.2 + 0.45 * step(0.9) - 0.2 * step(1.4)) + jitter()
  const zy = slope * (0.1 + 0.35 * step(1.2)) + jitter()
  const ug = 0.6 + slope * (0.5 - 0.4 * step(0.6)) + 1.4 * step(2.4) + jitter()
  const i = r - ri
  return { id, ...place, z, mags: { u: r + gr + ug, g: r + gr, r, i, z: i - iz, y: i - iz - zy } }
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180
const wrapped = (ra: number): number => ((ra % 360) + 360) % 360
