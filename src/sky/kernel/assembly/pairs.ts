/** A pair in memory: left row, right row (u32), separation (f64, arcsec). */
export const PAIR_BYTES: usize = 16

/** Where the next pair goes. */
let next: usize = 0
/** The end of the room for pairs. */
let end: usize = 0
/** How many pairs there must be room for before the search can go on. */
let needed: i32 = 0

/** Gives the search room for pairs in `[from, to)`. */
export function giveRoom(from: usize, to: usize): void {
  next = from
  end = to
  needed = 0
}

export function pairsEnd(): usize {
  return next
}

/** How many more pairs there must be room for before the search can go on; 0 when it has other reasons to stop. */
export function pairsNeeded(): i32 {
  return needed
}

/** Whether all these rows can become pairs; if not, room is asked for. */
export function hasRoom(rowBytes: usize): bool {
  if (next + rowBytes <= end) return true // a pair takes less than a row
  needed = <i32>(rowBytes / PAIR_BYTES) + 1
  return false
}

export function pushPair(left: u32, right: u32, separation: f64): void {
  store<u32>(next, left)
  store<u32>(next, right, 4)
  store<f64>(next, separation, 8)
  next += PAIR_BYTES
}

/**
 * Puts the pairs in `[from, to)` into buckets of 2^shift left rows, one bucket behind the other. Then what is done for each left
 * row stays in the processor's cache.
 * @param places room for a number (u32) for each bucket and 1 more
 */
export function bucketPairs(from: usize, to: usize, into: usize, places: usize, buckets: i32, shift: u32): void {
  memory.fill(places, 0, (<usize>(buckets + 1)) << 2)
  for (let pair = from; pair < to; pair += PAIR_BYTES) {
    const place = places + ((<usize>(load<u32>(pair) >>> shift)) << 2)
    store<u32>(place, load<u32>(place, 4) + 1, 4)
  }
  let at = <u32>into
  for (let bucket = 0; bucket < buckets; bucket++) {
    const place = places + ((<usize>bucket) << 2)
    at += load<u32>(place) * <u32>PAIR_BYTES
    store<u32>(place, at)
  }
  for (let pair = from; pair < to; pair += PAIR_BYTES) {
    const place = places + ((<usize>(load<u32>(pair) >>> shift)) << 2)
    const to = <usize>load<u32>(place)
    store<u32>(place, <u32>(to + PAIR_BYTES))
    store<u64>(to, load<u64>(pair))
    store<u64>(to, load<u64>(pair, 8), 8)
  }
}
