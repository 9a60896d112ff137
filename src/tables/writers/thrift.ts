/**
 * Thrift's compact protocol, as the footers of Parquet files are written in: read into a tree that keeps every field, also those
 * that this code knows nothing of, and written back.
 * https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */
export type ThriftValue =
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'byte'; readonly value: number }
  /** i16, i32 and i64. */
  | { readonly kind: 'integer'; readonly type: number; readonly value: bigint }
  | { readonly kind: 'double'; readonly bytes: Uint8Array }
  | { readonly kind: 'binary'; readonly bytes: Uint8Array }
  | { readonly kind: 'list'; readonly type: number; readonly items: readonly ThriftValue[] }
  | ThriftStruct

export interface ThriftStruct {
  readonly kind: 'struct'
  /** By the number of the field, ascending. */
  readonly fields: ReadonlyMap<number, ThriftValue>
}

const TRUE = 1
const FALSE = 2
const BYTE = 3
export const I64 = 6
const DOUBLE = 7
const BINARY = 8
const LIST = 9
const SET = 10
export const STRUCT = 12

/** A struct in the compact protocol, whatever its fields are. @throws Error when the bytes are cut off or of an unknown type */
export function readThrift(bytes: Uint8Array): ThriftStruct {
  return new Reader(bytes).struct()
}

/** In the compact protocol, every field as it was read. */
export function writeThrift(struct: ThriftStruct): Uint8Array {
  const writer = new Writer()
  writer.struct(struct)
  return writer.bytes()
}

/** @param type `I64`, or the narrower type that the field has */
export const integer = (value: number | bigint, type = I64): ThriftValue => ({
  kind: 'integer',
  type,
  value: BigInt(value),
})
/** Text as Thrift keeps it: UTF-8. */
export const binary = (text: string): ThriftValue => ({ kind: 'binary', bytes: Buffer.from(text) })

/** The struct with a field set. */
export function withField(struct: ThriftStruct, id: number, value: ThriftValue): ThriftStruct {
  const fields = [...new Map(struct.fields).set(id, value)].sort(([a], [b]) => a - b)
  return { kind: 'struct', fields: new Map(fields) }
}

class Reader {
  private at = 0

  constructor(private readonly bytes: Uint8Array) {}

  struct(): ThriftStruct {
    const fields = new Map<number, ThriftValue>()
    for (let id = 0; ; ) {
      const head = this.byte()
      if (head === 0) return { kind: 'struct', fields }
      const step = head >> 4
      id = step === 0 ? Number(unzigzag(this.varint())) : id + step
      const type = head & 15
      fields.set(id, type === TRUE || type === FALSE ? { kind: 'bool', value: type === TRUE } : this.value(type))
    }
  }

  private value(type: number): ThriftValue {
    switch (type) {
      case TRUE:
      case FALSE: // in a list
        return { kind: 'bool', value: this.byte() === TRUE }
      case BYTE:
        return { kind: 'byte', value: this.byte() }
      case DOUBLE:
        return { kind: 'double', bytes: this.take(8) }
      case BINARY:
        return { kind: 'binary', bytes: this.take(Number(this.varint())) }
      case LIST:
      case SET:
        return this.list()
      case STRUCT:
        return this.struct()
      default:
        if (type >= 4 && type <= I64) return { kind: 'integer', type, value: unzigzag(this.varint()) }
        throw new Error(`A Parquet footer has a value of the unknown Thrift type ${type}.`)
    }
  }

  private list(): ThriftValue {
    const head = this.byte()
    const size = head >> 4 === 15 ? Number(this.varint()) : head >> 4
    const type = head & 15
    return { kind: 'list', type, items: Array.from({ length: size }, () => this.value(type)) }
  }

  private byte(): number {
    const byte = this.bytes[this.at++]
    if (byte === undefined) throw new Error('A Parquet footer is cut off.')
    return byte
  }

  private take(length: number): Uint8Array {
    if (this.at + length > this.bytes.length) throw new Error('A Parquet footer is cut off.')
    this.at += length
    return this.bytes.subarray(this.at - length, this.at)
  }

  private varint(): bigint {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte()
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
}

const unzigzag = (value: bigint) => (value >> 1n) ^ -(value & 1n)
const zigzag = (value: bigint) => BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))

class Writer {
  private readonly parts: Uint8Array[] = []

  bytes(): Uint8Array {
    return Buffer.concat(this.parts)
  }

  struct({ fields }: ThriftStruct): void {
    let last = 0
    for (const [id, value] of fields) {
      const step = id - last
      const type = typeOf(value)
      if (step > 0 && step < 16) this.byte((step << 4) | type)
      else {
        this.byte(type)
        this.varint(zigzag(BigInt(id)))
      }
      if (value.kind !== 'bool') this.value(value)
      last = id
    }
    this.byte(0)
  }

  private value(value: ThriftValue): void {
    if (value.kind === 'bool') this.byte(value.value ? TRUE : FALSE)
    else if (value.kind === 'byte') this.byte(value.value)
    else if (value.kind === 'integer') this.varint(zigzag(value.value))
    else if (value.kind === 'double') this.raw(value.bytes)
    else if (value.kind === 'struct') this.struct(value)
    else if (value.kind === 'binary') {
      this.varint(BigInt(value.bytes.length))
      this.raw(value.bytes)
    } else {
      const { items, type } = value
      this.byte((Math.min(items.length, 15) << 4) | type)
      if (items.length >= 15) this.varint(BigInt(items.length))
      for (const item of items) this.value(item)
    }
  }

  private byte(value: number): void {
    this.parts.push(Uint8Array.of(value))
  }

  private raw(bytes: Uint8Array): void {
    this.parts.push(bytes)
  }

  private varint(value: bigint): void {
    const bytes: number[] = []
    let rest = value
    for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
    bytes.push(Number(rest))
    this.parts.push(Uint8Array.from(bytes))
  }
}

function typeOf(value: ThriftValue): number {
  switch (value.kind) {
    case 'bool':
      return value.value ? TRUE : FALSE
    case 'byte':
      return BYTE
    case 'integer':
      return value.type
    case 'double':
      return DOUBLE
    case 'binary':
      return BINARY
    case 'list':
      return LIST
    case 'struct':
      return STRUCT
  }
}
