/** Rows that travel together while they are sorted by `key`. */
export interface KeyedRows {
  readonly key: Float64Array
  readonly row: Uint32Array
}

const SMALL = 16

/**
 * Sorts `[from, to)` in place by key, equal keys by the row's place in `rank` (by the row itself without one). Insertion
 * for the usual handful, heap sort for a clump: never worse than n log n.
 */
export function sortByKey(rows: KeyedRows, from: number, to: number, rank: Uint32Array | null = null): void {
  if (to - from <= SMALL) insertionSort(rows, from, to, rank)
  else heapSort(rows, from, to, rank)
}

function insertionSort({ key, row }: KeyedRows, from: number, to: number, rank: Uint32Array | null): void {
  for (let i = from + 1; i < to; i++) {
    const k = key[i]!
    const r = row[i]!
    let j = i - 1
    while (j >= from && precedes(k, r, key[j]!, row[j]!, rank)) {
      key[j + 1] = key[j]!
      row[j + 1] = row[j]!
      j--
    }
    key[j + 1] = k
    row[j + 1] = r
  }
}

function heapSort(rows: KeyedRows, from: number, to: number, rank: Uint32Array | null): void {
  const n = to - from
  for (let i = (n >> 1) - 1; i >= 0; i--) siftDown(rows, from, i, n, rank)
  for (let last = n - 1; last > 0; last--) {
    exchange(rows, from, from + last)
    siftDown(rows, from, 0, last, rank)
  }
}

function siftDown(rows: KeyedRows, from: number, start: number, n: number, rank: Uint32Array | null): void {
  const { key, row } = rows
  let i = start
  for (;;) {
    let child = 2 * i + 1
    if (child >= n) return
    const right = child + 1
    if (right < n && precedes(key[from + child]!, row[from + child]!, key[from + right]!, row[from + right]!, rank)) {
      child = right
    }
    if (!precedes(key[from + i]!, row[from + i]!, key[from + child]!, row[from + child]!, rank)) return
    exchange(rows, from + i, from + child)
    i = child
  }
}

function exchange({ key, row }: KeyedRows, i: number, j: number): void {
  const k = key[i]!
  key[i] = key[j]!
  key[j] = k
  const r = row[i]!
  row[i] = row[j]!
  row[j] = r
}

/** Whether (key a, row a) comes before (key b, row b). */
function precedes(keyA: number, rowA: number, keyB: number, rowB: number, rank: Uint32Array | null): boolean {
  if (keyA !== keyB) return keyA < keyB
  return rank === null ? rowA < rowB : rank[rowA]! < rank[rowB]!
}
