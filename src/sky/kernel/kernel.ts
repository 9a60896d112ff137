import { readFileSync } from 'node:fs'
import { SkyError } from '../errors.ts'

/**
 * What the kernel can do: the exports of `assembly/kernel.ts`, described there. Addresses are in bytes; those that come back may
 * be negative, and are turned with `>>> 0`.
 */
export interface KernelCode {
  planStripes(bins: number, binCount: number, count: number, low: number, high: number, binsPerDegree: number): void
  findStripes(bins: number, dec: number, n: number, reach: number, found: number, counts: number): number
  dealRows(ra: number, dec: number, numbers: number, first: number, n: number, found: number, places: number): void
  layCells(from: number, to: number, into: number, begins: number): void
  firstFrom(ra: number): number
  endOf(ra: number): number
  aim(radius: number, decWindow: number, halfChordLimit: number, flatLimit: number): void
  enterStripe(raWindow: number, smallestSquaredCosine: number): void
  searchNear(row: number, to: number): number
  searchWithin(row: number, stripe: number): number
  giveRoom(from: number, to: number): void
  pairsEnd(): number
  pairsNeeded(): number
  bucketPairs(from: number, to: number, into: number, places: number, buckets: number, shift: number): void
}

const CODE: { readonly [name in keyof KernelCode]: true } = {
  planStripes: true,
  findStripes: true,
  dealRows: true,
  layCells: true,
  firstFrom: true,
  endOf: true,
  aim: true,
  enterStripe: true,
  searchNear: true,
  searchWithin: true,
  giveRoom: true,
  pairsEnd: true,
  pairsNeeded: true,
  bucketPairs: true,
}

/** Bytes of a row and of a pair, as `assembly/rows.ts` and `assembly/pairs.ts` lay them. */
export const ROW_BYTES = 24
export const PAIR_BYTES = 16
/** As in `assembly/stripes.ts`. */
export const ALSO_NEXT = 0x8000

/**
 * The loops in which a bulk match spends its time, in WebAssembly, with memory of their own: a third to a half faster than the
 * same in TypeScript, and the same bits everywhere, since WebAssembly defines them. Written in AssemblyScript (`assembly`), made by `npm run kernel`.
 *
 * A kernel serves one match at a time; disposed of, it serves the next, since touching fresh memory costs about as much as
 * a search. Memory holds whatever was left there, and lies at other places after every `reserve`.
 */
export class Kernel implements Disposable {
  private static readonly free: Kernel[] = []
  private static module: WebAssembly.Module | undefined

  readonly code: KernelCode
  private readonly memory = new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES })
  private used = 0
  // The memory as numbers: those at address a are at index a / 8, a / 4, a / 2.
  float64 = new Float64Array(this.memory.buffer)
  uint32 = new Uint32Array(this.memory.buffer)
  uint16 = new Uint16Array(this.memory.buffer)

  private constructor() {
    Kernel.module ??= new WebAssembly.Module(readFileSync(new URL('./kernel.wasm', import.meta.url)))
    const { exports } = new WebAssembly.Instance(Kernel.module, { env: { memory: this.memory } })
    if (!isKernelCode(exports)) throw new Error('kernel.wasm is not of this program: npm run kernel')
    this.code = exports
  }

  /** A kernel of this thread that nobody uses. */
  static lease(): Kernel {
    const kernel = Kernel.free.pop() ?? new Kernel()
    kernel.used = RESERVED
    return kernel
  }

  /** Room for so many bytes. @returns its address, a multiple of 64. @throws SkyError `no_memory` */
  reserve(bytes: number): number {
    const address = this.used
    this.extend(address, bytes)
    return address
  }

  /** Makes the room that was reserved last as large as this. @throws SkyError `no_memory` */
  extend(address: number, bytes: number): void {
    const end = Math.ceil((address + bytes) / 64) * 64
    if (end > this.memory.buffer.byteLength) this.grow(end)
    this.used = end
  }

  private grow(end: number): void {
    const more = Math.ceil((end - this.memory.buffer.byteLength) / PAGE)
    try {
      this.memory.grow(more)
    } catch (error) {
      throw new SkyError(
        'no_memory',
        `The match needs ${Math.round(end / 2 ** 20).toLocaleString('en')} MB at once, more than there is. Use a smaller radius, or fewer rows.`,
        { cause: error },
      )
    }
    this.float64 = new Float64Array(this.memory.buffer)
    this.uint32 = new Uint32Array(this.memory.buffer)
    this.uint16 = new Uint16Array(this.memory.buffer)
  }

  /** Who disposes of a kernel must not use it any more. */
  [Symbol.dispose](): void {
    const kept = Kernel.free.reduce((sum, { memory }) => sum + memory.buffer.byteLength, this.memory.buffer.byteLength)
    if (kept <= MOST_KEPT) Kernel.free.push(this)
  }
}

function isKernelCode(exports: WebAssembly.Exports): exports is WebAssembly.Exports & KernelCode {
  return Object.keys(CODE).every((name) => typeof exports[name] === 'function')
}

const PAGE = 65_536
/** 4 GB, all that addresses of 32 bits reach. */
const MOST_PAGES = 65_536
/** What the compiler keeps for constants. */
const RESERVED = 1_024
/** Bytes that stay behind in this thread: they serve two catalogs of 2e6 rows. */
const MOST_KEPT = 160 * 2 ** 20
