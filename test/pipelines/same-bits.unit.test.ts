import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { defaultTrainingSetParameters, readTrainingSetParameters } from '../../src/pipelines/training-set/parameters.ts'
import { magnitudeOf, photometryOf } from '../../src/pipelines/training-set/photometry.ts'
import { separation } from '../../src/sky/coordinates.ts'
import { pixelCentre, pixelOf } from '../../src/sky/healpix.ts'

/**
 * ECMAScript leaves the last digit of sines and logarithms to the engine. A run that is replayed by another version of Node must
 * give the same bytes all the same: these digests were the same on Node 20, 22, 24 and 26. One that changes means that an engine
 * rounds otherwise, or that a formula changed, which needs a new version of the pipelines that use it.
 */
describe('what a run computes has the same bits on every engine:', () => {
  const parameters = readTrainingSetParameters({ ...defaultTrainingSetParameters(), convert_flux_to_mag: false })
  const { computed } = photometryOf(['i_cModelFlux', 'ebv'], parameters)
  const dereddened = computed.find(({ description }) => description.name === 'i_cModelFlux_dered')

  it.each([
    [
      'separations of near positions',
      '9419db9b658b49c5',
      (a: number, b: number) => separation(360 * a, 180 * b - 90, 360 * a + b / 999, 179.9 * b - 90),
    ],
    [
      'separations of any positions',
      '4658b447f53c8fd2',
      (a: number, b: number) => separation(360 * a, 180 * b - 90, 360 * b, 180 * a - 90),
    ],
    ['HEALPix numbers', 'ac5a149377680232', (a: number, b: number) => pixelOf(360 * a, 180 * b - 90, 20)],
    [
      'HEALPix positions',
      '51bc67aa1ba5d9e1',
      (a: number, b: number) => pixelCentre(Math.floor(a * 12 * 4 ** 20), 20)[b < 0.5 ? 'ra' : 'dec'],
    ],
    ['magnitudes', 'd4957f4fc4833a2c', (a: number, b: number) => magnitudeOf((a * 1000) / (b + 1e-9))],
    [
      'fluxes without extinction',
      'a4c1b7520d12df5f',
      (a: number, b: number) => dereddened?.value([a * 1000, b * 3]) ?? Number.NaN,
    ],
  ])('%s', (_, expected, of) => {
    const next = numbers(7)
    const values = Float64Array.from({ length: 50_000 }, () => of(next(), next()))
    expect(values.some(Number.isNaN)).toBe(false)
    expect(createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex').slice(0, 16)).toBe(expected)
  })

  it('no power of a number that is not whole: `**` was rounded otherwise before Node 24', async () => {
    const root = fileURLToPath(new URL('../../src/', import.meta.url))
    for (const folder of ['pipelines', 'sky', 'tables']) {
      const names = (await readdir(join(root, folder), { recursive: true })).filter((name) => name.endsWith('.ts'))
      expect(names.length).toBeGreaterThan(5)
      for (const name of names) {
        const code = (await readFile(join(root, folder, name), 'utf8')).replaceAll(/\/\*.*?\*\/|\/\/.*/gs, '')
        // Whole powers of two, squares and bigints are exact, or rounded once.
        const powers = code.match(/Math\.pow|(?<!\b(?:[24]|\d+n)) \*\* (?!2\b)/g) ?? []
        expect({ name, powers }).toEqual({ name, powers: [] })
      }
    }
  })
})

/** Repeatable numbers in [0, 1), made by arithmetic of whole numbers alone. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
