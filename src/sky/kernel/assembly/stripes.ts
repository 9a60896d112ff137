import { putRow, ROW_BYTES } from './rows'

// See `Stripes` in ../../stripes.ts.
let stripeOfBin: usize = 0
let lastBin: i32 = 0
let stripes: i32 = 0
let low: f64 = 0
let high: f64 = 0
let binsPerDegree: f64 = 0

/** @param bins address of the stripe (u16) of each thin bin of declination */
export function planStripes(bins: usize, binCount: i32, count: i32, from: f64, to: f64, perDegree: f64): void {
  stripeOfBin = bins
  lastBin = binCount - 1
  stripes = count
  low = from
  high = to
  binsPerDegree = perDegree
}

export function stripeOf(dec: f64): i32 {
  const bin = min(max(i32((dec - low) * binsPerDegree), 0), lastBin)
  return load<u16>(stripeOfBin + ((<usize>bin) << 1))
}

/** Set in the stripe of a row that belongs to the next one too, and of a bin that may hold such rows. */
const ALSO_NEXT: u32 = 0x8000

/**
 * Finds the stripes of n rows: those that hold a declination within `reach` of theirs, two at most, neighbours. Rows whose stripes are
 * not wanted are left out.
 * @param bins the stripe (u16) of each bin, or the one behind the last when it is not wanted; with `ALSO_NEXT` where a row may have two
 * @param dec n declinations (f64), 65,536 at most
 * @param found gets (u32) the stripe and the place of each row that takes part, in the upper and the lower half
 * @param counts rows of each stripe (u32), to be added to, and of the one behind the last
 * @returns how many rows take part
 */
export function findStripes(bins: usize, dec: usize, n: i32, reach: f64, found: usize, counts: usize): i32 {
  const lowest = low - reach
  const highest = high + reach
  const none = <u32>stripes
  const start = low
  const perDegree = binsPerDegree
  const last = lastBin
  const first = found
  for (let i: u32 = 0; i < <u32>n; i++) {
    const d = load<f64>(dec + ((<usize>i) << 3))
    if (!(d >= lowest && d <= highest)) continue // or NaN
    let stripe: u32 = load<u16>(binOf(bins, d, start, perDegree, last))
    if (stripe & ALSO_NEXT) {
      const before: u32 = load<u16>(binOf(bins, d - reach, start, perDegree, last)) & ~ALSO_NEXT
      const behind: u32 = load<u16>(binOf(bins, d + reach, start, perDegree, last)) & ~ALSO_NEXT
      stripe = min(before, behind)
      if (before !== behind && before !== none && behind !== none) {
        countOne(counts, behind)
        stripe = before | ALSO_NEXT
      }
    }
    countOne(counts, stripe & ~ALSO_NEXT)
    // Written in any case, and kept or not: that is faster than to ask.
    store<u32>(found, (stripe << 16) | i)
    found += stripe === none ? 0 : 4
  }
  return <i32>((found - first) >>> 2)
}

function binOf(bins: usize, dec: f64, start: f64, perDegree: f64, last: i32): usize {
  return bins + ((<usize>min(max(i32((dec - start) * perDegree), 0), last)) << 1)
}

function countOne(counts: usize, stripe: u32): void {
  const at = counts + ((<usize>stripe) << 2)
  store<u32>(at, load<u32>(at) + 1)
}

/**
 * Puts n rows to their stripes.
 * @param numbers their numbers (u32) by place, or 0: they follow on `first`
 * @param found what `findStripes` found
 * @param places for each stripe where its next row goes (u32)
 */
export function dealRows(ra: usize, dec: usize, numbers: usize, first: u32, n: i32, found: usize, places: usize): void {
  const end = found + ((<usize>n) << 2)
  for (; found < end; found += 4) {
    const entry = load<u32>(found)
    const at = <usize>(entry & 0xffff)
    const stripe = entry >>> 16
    const a = load<f64>(ra + (at << 3))
    const d = load<f64>(dec + (at << 3))
    const number: f64 = numbers ? <f64>load<u32>(numbers + (at << 2)) : <f64>(first + <u32>at)
    dealRow(places, stripe & ~ALSO_NEXT, a, d, number)
    if (stripe & ALSO_NEXT) dealRow(places, (stripe & ~ALSO_NEXT) + 1, a, d, number)
  }
}

function dealRow(places: usize, stripe: u32, ra: f64, dec: f64, number: f64): void {
  const place = places + ((<usize>stripe) << 2)
  const at = <usize>load<u32>(place)
  store<u32>(place, <u32>(at + ROW_BYTES))
  putRow(at, ra, dec, number)
}
