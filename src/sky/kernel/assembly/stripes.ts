import { putRow } from './rows'

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
 * Finds the stripes of n rows: those that hold a declination within `reach` of theirs, two at most, neighbours.
 * @param bins the stripe (u16) of each bin, with `ALSO_NEXT` where one of its rows may have two
 * @param dec n declinations (f64)
 * @param found gets a stripe (u16) for each row; the one behind the last for rows that take no part
 * @param counts rows of each stripe (u32), to be added to
 */
export function findStripes(bins: usize, dec: usize, n: i32, reach: f64, found: usize, counts: usize): void {
  const lowest = low - reach
  const highest = high + reach
  const start = low
  const perDegree = binsPerDegree
  const last = lastBin
  const end = dec + ((<usize>n) << 3)
  for (; dec < end; dec += 8, found += 2) {
    const d = load<f64>(dec)
    let stripe: u32 = stripes
    if (d >= lowest && d <= highest) {
      const bin = min(max(i32((d - start) * perDegree), 0), last)
      stripe = load<u16>(bins + ((<usize>bin) << 1))
      if (stripe & ALSO_NEXT) {
        stripe = stripeOf(d - reach)
        const other: u32 = stripeOf(d + reach)
        if (other !== stripe) {
          countOne(counts, other)
          countOne(counts, stripe)
          store<u16>(found, <u16>(stripe | ALSO_NEXT))
          continue
        }
      }
    }
    countOne(counts, stripe)
    store<u16>(found, <u16>stripe)
  }
}

function countOne(counts: usize, stripe: u32): void {
  const at = counts + ((<usize>stripe) << 2)
  store<u32>(at, load<u32>(at) + 1)
}

/**
 * Puts n rows to their stripes.
 * @param numbers their numbers (u32), or 0: they follow on `first`
 * @param found what `findStripes` found
 * @param places for each stripe where its next row goes (u32), and how far the one after that lies behind it (u32): 0 for
 *   stripes whose rows are not wanted
 */
export function dealRows(ra: usize, dec: usize, numbers: usize, first: u32, n: i32, found: usize, places: usize): void {
  for (let i: u32 = 0; i < <u32>n; i++) {
    const stripe: u32 = load<u16>(found + ((<usize>i) << 1))
    const a = load<f64>(ra + ((<usize>i) << 3))
    const d = load<f64>(dec + ((<usize>i) << 3))
    const number: f64 = numbers ? <f64>load<u32>(numbers + ((<usize>i) << 2)) : <f64>(first + i)
    dealRow(places, stripe & ~ALSO_NEXT, a, d, number)
    if (stripe & ALSO_NEXT) dealRow(places, (stripe & ~ALSO_NEXT) + 1, a, d, number)
  }
}

function dealRow(places: usize, stripe: u32, ra: f64, dec: f64, number: f64): void {
  const place = places + ((<usize>stripe) << 3)
  const at = <usize>load<u32>(place)
  store<u32>(place, <u32>at + load<u32>(place, 4))
  putRow(at, ra, dec, number)
}
