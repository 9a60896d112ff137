/** What a batch adds to a sample: positions in the sample to keep (null: all), then rows of the batch to append. */
export interface SampleStep {
  readonly keep: Int32Array | null
  readonly chosen: Int32Array
}

/** Chooses rows of a table, batch by batch. */
export interface Sampler {
  readonly size: number
  /** @param first number of the batch's first row. */
  next(first: number, count: number): SampleStep
}

/**
 * Chooses rows for the statistics that need sorted values: all rows of a table of up to `capacity`, else every row whose
 * hashed number ends in enough zero bits. Which rows these are depends on their numbers alone: the same file gives the
 * same sample, in whatever batches it is read.
 */
export class RowSample implements Sampler {
  size = 0
  private mask = 0
  private rows: Float64Array<ArrayBuffer>

  constructor(private readonly capacity: number) {
    this.rows = new Float64Array(Math.min(capacity, 1024))
  }

  next(first: number, count: number): SampleStep {
    let keep: Int32Array | null = null
    let chosen = this.choose(first, count)
    while (this.size + chosen.length > this.capacity) {
      this.mask = this.mask * 2 + 1
      const kept = this.thin()
      keep = keep ? kept.map((position) => keep![position]!) : kept
      chosen = chosen.filter((row) => (hashOfRow(first + row) & this.mask) === 0)
    }
    this.append(first, chosen)
    return { keep, chosen }
  }

  private choose(first: number, count: number): Int32Array {
    const { mask } = this
    if (mask === 0 && this.size + count <= this.capacity) return everyRow(count)
    const chosen = new Int32Array(count)
    return chosen.subarray(0, chooseInto(chosen, first, count, mask))
  }

  private thin(): Int32Array {
    const kept = new Int32Array(this.size)
    let size = 0
    for (let position = 0; position < this.size; position++) {
      const row = this.rows[position]!
      if ((hashOfRow(row) & this.mask) !== 0) continue
      this.rows[size] = row
      kept[size++] = position
    }
    this.size = size
    return kept.subarray(0, size)
  }

  private append(first: number, chosen: Int32Array): void {
    const needed = this.size + chosen.length
    if (needed > this.rows.length) this.rows = enlarged(this.rows, needed)
    for (const row of chosen) this.rows[this.size++] = first + row
  }
}

/** The same choice for a table whose length is known: made at once, so that its rows may be gone through again and again. */
export class KnownSample implements Sampler {
  private readonly rows: Float64Array

  constructor(rows: number, capacity: number) {
    // Twice to four times as many as there is room for, but for chance: then as `RowSample` thins them out.
    let mask = rows > capacity ? 2 ** Math.max(0, Math.floor(Math.log2(rows / capacity)) - 1) - 1 : 0
    let chosen = new Float64Array(Math.min(rows, 5 * capacity))
    chosen = chosen.subarray(0, chooseInto(chosen, 0, rows, mask))
    while (chosen.length > capacity) {
      mask = 2 * mask + 1
      chosen = chosen.filter((row) => (hashOfRow(row) & mask) === 0)
    }
    this.rows = chosen
  }

  get size(): number {
    return this.rows.length
  }

  next(first: number, count: number): SampleStep {
    const { rows } = this
    const from = this.firstAt(first)
    const to = this.firstAt(first + count)
    const chosen = new Int32Array(to - from)
    for (let i = from; i < to; i++) chosen[i - from] = rows[i]! - first
    return { keep: null, chosen }
  }

  /** Place in the sample of the first chosen row from `row` on. */
  private firstAt(row: number): number {
    let [from, to] = [0, this.rows.length]
    while (from < to) {
      const middle = (from + to) >> 1
      if (this.rows[middle]! < row) from = middle + 1
      else to = middle
    }
    return from
  }
}

/** The sampled values of one column, in step with the `RowSample`; NaN where a row has no value. */
export class SampledValues {
  size = 0
  private values = new Float64Array(1024)

  add(step: SampleStep, batch: Float64Array): void {
    const { keep, chosen } = step
    if (keep) {
      const { values } = this
      for (let i = 0; i < keep.length; i++) values[i] = values[keep[i]!]!
      this.size = keep.length
    }
    const needed = this.size + chosen.length
    if (needed > this.values.length) this.values = enlarged(this.values, needed)
    const { values } = this
    let { size } = this
    for (let i = 0; i < chosen.length; i++) values[size++] = batch[chosen[i]!]!
    this.size = size
  }

  /** The finite values. */
  finite(): Float64Array {
    const finite = new Float64Array(this.size)
    return finite.subarray(0, copyFinite(this.values, finite))
  }
}

// Loops over many rows are functions of their own: the compiler keeps these, whatever happens around them.

/** Writes which of the rows from `first` on are chosen. @returns how many */
function chooseInto(chosen: Int32Array | Float64Array, first: number, count: number, mask: number): number {
  let size = 0
  for (let row = 0; row < count; row++) if ((hashOfRow(first + row) & mask) === 0) chosen[size++] = row
  return size
}

function copyFinite(values: Float64Array, finite: Float64Array): number {
  let count = 0
  for (let i = 0; i < finite.length; i++) {
    const value = values[i]!
    if (value - value === 0) finite[count++] = value
  }
  return count
}

function enlarged(values: Float64Array, needed: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(Math.max(needed, 2 * values.length))
  larger.set(values)
  return larger
}

function everyRow(count: number): Int32Array {
  const rows = new Int32Array(count)
  for (let row = 0; row < count; row++) rows[row] = row
  return rows
}

/** 32 well-mixed bits (the finalizer of MurmurHash3). */
function hashOfRow(row: number): number {
  // Most tables have fewer than 2^32 rows, and a division for each of them shows.
  let h = Math.imul(row < 4294967296 ? row : row ^ Math.floor(row / 4294967296), 0x9e3779b1)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
