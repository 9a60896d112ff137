import { describe, expect, it } from 'vitest'
import { throughZero } from '../../src/http/pages/right-ascension.ts'

const histogram = (low: number, high: number, counts: readonly number[], outside = 0) => ({
  ...{ low, high, counts },
  ...{ below: outside, above: 0 },
})

describe('right ascensions across 0', () => {
  it('are told from the western edge to the eastern one', () => {
    expect(throughZero(histogram(0, 360, [5, 0, 0, 0, 0, 0, 0, 0, 2, 3]))).toBe('about 288 through 0 to 36')
  })

  it.each([
    ['all around', histogram(0, 360, [1, 2, 3, 4])],
    ['one field', histogram(150, 152, [1, 0, 0, 0, 0, 1])],
    ['two fields that lie closer the other way', histogram(20, 180, [1, 0, 0, 0, 0, 0, 1])],
    ['from -180 to 180', histogram(-20, 20, [1, 2, 2, 1])],
    ['with values beyond the bins', histogram(0, 360, [5, 0, 0, 0, 0, 3], 1)],
    ['hours', histogram(0, 24, [5, 0, 0, 0, 0, 0, 3])],
    ['unknown', null],
  ])('are not seen in what is %s', (_what, given) => {
    expect(throughZero(given)).toBeNull()
  })
})
