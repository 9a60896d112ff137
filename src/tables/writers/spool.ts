import { type FileHandle, open, rm } from 'node:fs/promises'
import type { NumericValues } from '../arrow-columns.ts'
import { type EncodedChunk, type EncodedColumn, isTexts, zeros } from './encoded.ts'
import type { ColumnSpec } from './output-table.ts'

/** Where the arrays of a column of a chunk lie in the file. */
interface Slot {
  readonly position: number
  readonly valueBytes: number
  readonly offsetBytes: number
  readonly maskBytes: number
}

/** Chunks kept on disk, so that a table which comes once can be read twice. Native byte order: it is read where it is written. */
export class Spool {
  private readonly index: { readonly rows: number; readonly slots: readonly Slot[] }[] = []
  private position = 0

  private constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
  ) {}

  static async create(path: string): Promise<Spool> {
    return new Spool(path, await open(path, 'wx+', 0o600))
  }

  async add(chunk: EncodedChunk): Promise<void> {
    const slots: Slot[] = []
    for (const column of chunk.columns) {
      const values = isTexts(column)
        ? column.bytes.subarray(column.offsets[0], column.offsets[chunk.rows])
        : column.values
      const arrays = [values, isTexts(column) ? column.offsets : null, column.nulls].map(bytesOf)
      const [valueBytes, offsetBytes, maskBytes] = arrays.map((bytes) => bytes.length)
      slots.push({ position: this.position, valueBytes: valueBytes!, offsetBytes: offsetBytes!, maskBytes: maskBytes! })
      for (const bytes of arrays) await this.write(bytes)
    }
    this.index.push({ rows: chunk.rows, slots })
  }

  async *chunks(columns: readonly ColumnSpec[]): AsyncGenerator<EncodedChunk> {
    for (const { rows, slots } of this.index) {
      const read: EncodedColumn[] = []
      for (const [i, slot] of slots.entries()) read.push(await this.column(columns[i]!, rows, slot))
      yield { rows, columns: read }
    }
  }

  async remove(): Promise<void> {
    await this.handle.close()
    await rm(this.path, { force: true })
  }

  private async column({ type }: ColumnSpec, rows: number, slot: Slot): Promise<EncodedColumn> {
    const nulls = slot.maskBytes === 0 ? null : new Uint8Array(slot.maskBytes)
    if (nulls) await this.read(nulls, slot.position + slot.valueBytes + slot.offsetBytes)
    if (type === 'string') {
      const bytes = new Uint8Array(slot.valueBytes)
      const offsets = new Int32Array(rows + 1)
      await this.read(bytes, slot.position)
      await this.read(bytesOf(offsets), slot.position + slot.valueBytes)
      const first = offsets[0]!
      if (first !== 0) for (let row = 0; row <= rows; row++) offsets[row]! -= first
      return { bytes, offsets, nulls }
    }
    const values = zeros(type, rows)
    await this.read(bytesOf(values), slot.position)
    return { values, nulls }
  }

  private async write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      done += (await this.handle.write(bytes, done, bytes.length - done, this.position + done)).bytesWritten
    }
    this.position += bytes.length
  }

  private async read(target: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < target.length; ) {
      const { bytesRead } = await this.handle.read(target, done, target.length - done, position + done)
      if (bytesRead === 0) throw new Error(`${this.path} was cut while a table was written.`)
      done += bytesRead
    }
  }
}

function bytesOf(values: NumericValues | null): Uint8Array {
  return values === null ? new Uint8Array(0) : new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}
