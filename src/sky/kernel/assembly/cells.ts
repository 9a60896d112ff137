import { copyRow, decOf, numberOf, putRow, ROW_BYTES, raOf } from './rows'

/**
 * The right rows of one stripe in cells of right ascension, one row a cell on average: those of cell c lie from
 * `starts[c]` up to `starts[c + 1]`. Cells with many rows are sorted by right ascension.
 */
export let rows: usize = 0
export let starts: usize = 0
export let last: i32 = 0
export let low: f64 = 0
export let cellsPerDegree: f64 = 0

/** A cell with more rows than this is kept sorted. */
const CROWDED: usize = 16
export const CROWDED_BYTES: usize = CROWDED * ROW_BYTES

/**
 * Lays the rows in `[from, to)` into cells.
 * @param into room for the rows
 * @param begins room for a number (u32) for each row and 2 more
 */
export function layCells(from: usize, to: usize, into: usize, begins: usize): void {
  let lowest: f64 = 360
  let highest: f64 = 0
  for (let row = from; row < to; row += ROW_BYTES) {
    const ra = raOf(row)
    if (ra < lowest) lowest = ra
    if (ra > highest) highest = ra
  }
  const length = <i32>((to - from) / ROW_BYTES)
  rows = into
  starts = begins
  last = length - 1
  low = lowest
  cellsPerDegree = highest > lowest ? <f64>length / (highest - lowest) : 0
  const most = sortIntoCells(from, to, into, begins, last, low, cellsPerDegree)
  if (<usize>most <= CROWDED) return
  for (let cell = 0; cell < length; cell++) {
    const begin = beginOf(cell)
    const end = beginOf(cell + 1)
    if (end - begin > CROWDED_BYTES) sortByRa(begin, end)
  }
}

/**
 * Counting sort; `begins[c + 1]` first counts cell c - 1, then is where the next row of cell c goes, and ends as where it ends.
 * @returns the number of rows in the fullest cell
 */
function sortIntoCells(from: usize, to: usize, into: usize, begins: usize, last: i32, low: f64, perDegree: f64): u32 {
  memory.fill(begins, 0, (<usize>(last + 3)) << 2)
  for (let row = from; row < to; row += ROW_BYTES) {
    const start = startOf(raOf(row), begins, last, low, perDegree)
    store<u32>(start, load<u32>(start, 8) + 1, 8)
  }
  let most: u32 = 0
  let sum: u32 = 0
  const end = begins + ((<usize>(last + 3)) << 2)
  for (let start = begins; start < end; start += 4) {
    const count = load<u32>(start)
    most = max(most, count)
    sum += count
    store<u32>(start, sum)
  }
  for (let row = from; row < to; row += ROW_BYTES) {
    const start = startOf(raOf(row), begins, last, low, perDegree)
    const place = load<u32>(start, 4)
    store<u32>(start, place + 1, 4)
    copyRow(row, into + <usize>place * ROW_BYTES)
  }
  return most
}

/**
 * The address of the number of the row (u32) at which the cell of this right ascension begins; behind it is that at which it ends. What
 * it needs comes as parameters: the compiler reads a variable of a module again at every turn of a loop.
 */
export function startOf(ra: f64, starts: usize, last: i32, low: f64, perDegree: f64): usize {
  return starts + ((<usize>min(max(i32((ra - low) * perDegree), 0), last)) << 2)
}

/** The first place where a row at or beyond this right ascension can be. */
export function firstFrom(ra: f64): usize {
  const start = startOf(ra, starts, last, low, cellsPerDegree)
  const begin = addressOf(load<u32>(start))
  const end = addressOf(load<u32>(start, 4))
  return end - begin > CROWDED_BYTES ? search(ra, begin, end, false) : begin
}

/** The place behind the last row at or before this right ascension. */
export function endOf(ra: f64): usize {
  const start = startOf(ra, starts, last, low, cellsPerDegree)
  const begin = addressOf(load<u32>(start))
  const end = addressOf(load<u32>(start, 4))
  return end - begin > CROWDED_BYTES ? search(ra, begin, end, true) : end
}

function addressOf(row: u32): usize {
  return rows + <usize>row * ROW_BYTES
}

function beginOf(cell: i32): usize {
  return addressOf(load<u32>(starts + ((<usize>cell) << 2)))
}

function search(ra: f64, from: usize, to: usize, behindEqual: bool): usize {
  let a: usize = 0
  let b = (to - from) / ROW_BYTES
  while (a < b) {
    const middle = (a + b) >>> 1
    const value = raOf(from + middle * ROW_BYTES)
    if (value < ra || (behindEqual && value === ra)) a = middle + 1
    else b = middle
  }
  return from + a * ROW_BYTES
}

/** Heap sort: never worse than n log n, and in place. */
function sortByRa(from: usize, to: usize): void {
  const n = (to - from) / ROW_BYTES
  for (let i = n >>> 1; i > 0; i--) siftDown(from, i - 1, n)
  for (let end = n - 1; end > 0; end--) {
    exchange(from, from + end * ROW_BYTES)
    siftDown(from, 0, end)
  }
}

function siftDown(from: usize, start: usize, n: usize): void {
  let i = start
  while (true) {
    let child: usize = 2 * i + 1
    if (child >= n) return
    if (child + 1 < n && raOf(from + child * ROW_BYTES) < raOf(from + (child + 1) * ROW_BYTES)) child++
    if (raOf(from + i * ROW_BYTES) >= raOf(from + child * ROW_BYTES)) return
    exchange(from + i * ROW_BYTES, from + child * ROW_BYTES)
    i = child
  }
}

function exchange(a: usize, b: usize): void {
  const ra = raOf(a)
  const dec = decOf(a)
  const number = numberOf(a)
  copyRow(b, a)
  putRow(b, ra, dec, <f64>number)
}
