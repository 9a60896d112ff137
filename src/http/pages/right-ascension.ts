import { number } from '../../../views/format.ts'
import type { Histogram } from '../../tables/inspection.ts'

const DEGREES_AROUND = 360

/**
 * The right ascensions of a field across RA 0, from its western to its eastern edge, to the width of a bin; null for any other:
 * more than half of the circle between the smallest and the largest must be empty.
 */
export function throughZero(histogram: Histogram | null): string | null {
  if (histogram === null || histogram.below + histogram.above > 0) return null
  const { low, high, counts } = histogram
  let gap = { from: 0, to: 0 }
  for (let from = 0; from < counts.length; from++) {
    let to = from
    while (counts[to] === 0) to++
    if (to - from > gap.to - gap.from) gap = { from, to }
    from = to
  }
  const step = (high - low) / counts.length
  if ((gap.to - gap.from) * step <= DEGREES_AROUND / 2) return null
  return `about ${number(Math.round(low + gap.to * step))} through 0 to ${number(Math.round(low + gap.from * step))}`
}
