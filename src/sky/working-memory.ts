/**
 * Large arrays that a match needs for a moment, kept for the next one: touching fresh pages costs about as much as the
 * search itself, and threads that do so wait for one another. Arrays hold whatever was left in them. Never more than
 * `mostKept` bytes stay behind.
 */
export class WorkingMemory {
  private readonly free: ArrayBuffer[] = []
  private kept = 0

  constructor(private readonly mostKept: number) {}

  float64(length: number): Float64Array {
    return new Float64Array(this.take(length * 8), 0, length)
  }

  uint32(length: number): Uint32Array {
    return new Uint32Array(this.take(length * 4), 0, length)
  }

  uint16(length: number): Uint16Array {
    return new Uint16Array(this.take(length * 2), 0, length)
  }

  /** Takes arrays back. Who gives an array must not use it any more. */
  give(...arrays: readonly (Float64Array | Uint32Array | Uint16Array)[]): void {
    for (const { buffer } of arrays) {
      if (!(buffer instanceof ArrayBuffer) || this.kept + buffer.byteLength > this.mostKept) continue
      this.free.push(buffer)
      this.kept += buffer.byteLength
    }
  }

  /** The smallest free buffer that is large enough, but not far too large; or a new one with some room to spare. */
  private take(bytes: number): ArrayBuffer {
    let best = -1
    for (let i = 0; i < this.free.length; i++) {
      const size = this.free[i]!.byteLength
      if (size < bytes || size > 4 * bytes + 65_536) continue
      if (best < 0 || size < this.free[best]!.byteLength) best = i
    }
    if (best < 0) return new ArrayBuffer(Math.ceil((bytes * 1.125) / 4096) * 4096)
    const [buffer] = this.free.splice(best, 1)
    this.kept -= buffer!.byteLength
    return buffer!
  }
}

/** The memory of this thread: 128 MB serve two catalogs of 2e6 rows. */
export const workingMemory = new WorkingMemory(128 * 1024 * 1024)
