import type { OutputFile } from './output-file.ts'
import { binary, readThrift, STRUCT, type ThriftStruct, type ThriftValue, withField, writeThrift } from './thrift.ts'

/** Number of the field of FileMetaData in parquet.thrift. */
const KEY_VALUES = 5
const MAGIC = Buffer.from('PAR1')
/** A footer, its length in four bytes, `PAR1`. */
const TAIL_BYTES = 8

/** The footer of a whole Parquet file. @throws Error when the bytes do not end as one does */
export function footerOf(end: Uint8Array): ThriftStruct {
  const bytes = Buffer.from(end.buffer, end.byteOffset, end.byteLength)
  const length = bytes.readUInt32LE(bytes.length - TAIL_BYTES)
  return readThrift(bytes.subarray(bytes.length - TAIL_BYTES - length, bytes.length - TAIL_BYTES))
}

/** A footer with what follows it. */
export function footerBytes(footer: ThriftStruct): Uint8Array {
  const bytes = writeThrift(footer)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(bytes.length)
  return Buffer.concat([bytes, length, MAGIC])
}

/**
 * Passes the bytes of a Parquet file on, but keeps its last part back until the footer in it has got its key-value metadata:
 * parquet-wasm writes those of its own in an order that changes from one writing to the next.
 */
export class FooterTail {
  private last: Uint8Array = new Uint8Array(0)

  constructor(private readonly file: OutputFile) {}

  async append(bytes: Uint8Array): Promise<void> {
    // parquet-wasm gives the footer in one piece with the last row group, or alone.
    if (this.last.length > 0) await this.file.append(this.last)
    this.last = bytes
  }

  async finish(keyValues: readonly (readonly [key: string, value: string])[]): Promise<void> {
    const end = Buffer.from(this.last)
    const length = end.readUInt32LE(end.length - TAIL_BYTES)
    const before = end.length - TAIL_BYTES - length
    if (before < 0) throw new Error('parquet-wasm gave the footer in pieces.')
    const footer = footerOf(end)
    const kept = footer.fields.get(KEY_VALUES)
    const items = [...keyValues.map(keyValue), ...(kept?.kind === 'list' ? kept.items : [])]
    await this.file.append(end.subarray(0, before))
    await this.file.append(footerBytes(withField(footer, KEY_VALUES, { kind: 'list', type: STRUCT, items })))
  }
}

function keyValue([key, value]: readonly [string, string]): ThriftValue {
  return {
    kind: 'struct',
    fields: new Map([
      [1, binary(key)],
      [2, binary(value)],
    ]),
  }
}
