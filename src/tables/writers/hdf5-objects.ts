import { metadataChecksum } from './hdf5-checksum.ts'
import { TableWriteError } from './output-table.ts'

/**
 * Objects of an HDF5 file, as the HDF5 File Format Specification 3.0 lays them out: superblock version 2, object headers of
 * version 2, links and attributes kept in the headers, contiguous datasets. There are no times in them, so the same table
 * gives the same bytes; they can be read with HDF5 1.8 (2008) and later.
 */

export const UNDEFINED_ADDRESS = 0xffff_ffff_ffff_ffffn

/** What the elements of a dataset or an attribute are. */
export type Hdf5Type =
  | { readonly kind: 'integer'; readonly bytes: 1 | 2 | 4 | 8; readonly signed: boolean }
  | { readonly kind: 'float'; readonly bytes: 4 | 8 }
  /** UTF-8 of fixed width, filled up with zeros. */
  | { readonly kind: 'text'; readonly bytes: number }
  /** 0 and 1 as h5py has them: an enumeration of FALSE and TRUE. */
  | { readonly kind: 'truth'; readonly bytes: 1 }

/** A message of an object header. */
interface Message {
  readonly type: number
  readonly body: Uint8Array
}

export const SUPERBLOCK_BYTES = 48

/**
 * The first bytes of a file: superblock version 2. Addresses are in bytes from the beginning of the file; that of the root is
 * where the header of the root group lies.
 */
export function superblock(endOfFile: number, rootAddress: number): Uint8Array {
  const bytes = Buffer.alloc(SUPERBLOCK_BYTES)
  bytes.set([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 2, 8, 8, 0])
  bytes.writeBigUInt64LE(0n, 12)
  bytes.writeBigUInt64LE(UNDEFINED_ADDRESS, 20)
  bytes.writeBigUInt64LE(BigInt(endOfFile), 28)
  bytes.writeBigUInt64LE(BigInt(rootAddress), 36)
  bytes.writeUInt32LE(metadataChecksum(bytes.subarray(0, 44)), 44)
  return bytes
}

/** The header of a group; its members keep their order. */
export function groupHeader(
  members: readonly { readonly name: string; readonly address: number }[],
  attributes: Readonly<Record<string, string>>,
): Uint8Array {
  return objectHeader([
    linkInfo(members.length),
    { type: GROUP_INFO, body: Buffer.alloc(2) },
    ...members.map(({ name, address }, order) => link(name, address, order)),
    ...textAttributes(attributes),
  ])
}

/** The header of a one-dimensional contiguous dataset. @param address of its values; null when it has none */
export function datasetHeader(
  type: Hdf5Type,
  rows: number,
  address: number | null,
  attributes: Readonly<Record<string, string>>,
): Uint8Array {
  const layout = Buffer.alloc(18)
  layout.set([3, 1]) // version 3, contiguous
  layout.writeBigUInt64LE(address === null ? UNDEFINED_ADDRESS : BigInt(address), 2)
  layout.writeBigUInt64LE(address === null ? 0n : BigInt(rows * type.bytes), 10)
  return objectHeader([
    { type: DATASPACE, body: dataspace(rows) },
    { type: DATATYPE, body: datatype(type) },
    { type: FILL_VALUE, body: Buffer.from([3, 0x0a]) }, // version 3: allocated late, none defined
    { type: LAYOUT, body: layout },
    ...textAttributes(attributes),
  ])
}

const DATASPACE = 0x01
const LINK_INFO = 0x02
const DATATYPE = 0x03
const FILL_VALUE = 0x05
const LINK = 0x06
const LAYOUT = 0x08
const GROUP_INFO = 0x0a
const ATTRIBUTE = 0x0c
/** The size of a message is kept in 16 bits. */
const MAX_MESSAGE_BYTES = 0xffff

function objectHeader(messages: readonly Message[]): Uint8Array {
  const parts = messages.flatMap(({ type, body }) => {
    if (body.length > MAX_MESSAGE_BYTES) {
      throw new TableWriteError('bad_table', `A name or description of ${body.length} bytes is too long for HDF5.`)
    }
    const head = Buffer.alloc(4)
    head.writeUInt8(type, 0)
    head.writeUInt16LE(body.length, 1)
    return [head, body]
  })
  const chunk = Buffer.concat(parts)
  const prefix = Buffer.alloc(10)
  prefix.write('OHDR', 'latin1')
  prefix.writeUInt8(2, 4) // version
  prefix.writeUInt8(2, 5) // flags: the size of the chunk has four bytes; no times
  prefix.writeUInt32LE(chunk.length, 6)
  const header = Buffer.concat([prefix, chunk, Buffer.alloc(4)])
  header.writeUInt32LE(metadataChecksum(header.subarray(0, -4)), header.length - 4)
  return header
}

/** The order of creation is kept and indexed, so that h5py lists the columns in the order of the table. */
function linkInfo(members: number): Message {
  const body = Buffer.alloc(34)
  body.set([0, 3])
  body.writeBigUInt64LE(BigInt(members), 2) // the next creation order
  body.writeBigUInt64LE(UNDEFINED_ADDRESS, 10)
  body.writeBigUInt64LE(UNDEFINED_ADDRESS, 18)
  body.writeBigUInt64LE(UNDEFINED_ADDRESS, 26)
  return { type: LINK_INFO, body }
}

function link(name: string, address: number, order: number): Message {
  const text = Buffer.from(name)
  const body = Buffer.alloc(13 + text.length + 8)
  body.set([1, 0x15]) // version 1; creation order and character set are told, the name's length has two bytes
  body.writeBigUInt64LE(BigInt(order), 2)
  body.writeUInt8(1, 10) // UTF-8
  body.writeUInt16LE(text.length, 11)
  body.set(text, 13)
  body.writeBigUInt64LE(BigInt(address), 13 + text.length)
  return { type: LINK, body }
}

function dataspace(rows: number | null): Uint8Array {
  if (rows === null) return Buffer.from([2, 0, 0, 0]) // scalar
  const body = Buffer.alloc(12)
  body.set([2, 1, 0, 1]) // version 2, one dimension, simple
  body.writeBigUInt64LE(BigInt(rows), 4)
  return body
}

function datatype(type: Hdf5Type): Uint8Array {
  const head = Buffer.alloc(8)
  head.writeUInt32LE(type.bytes, 4)
  if (type.kind === 'text') {
    head.set([0x13, 0x11]) // string; filled with zeros, UTF-8
    return head
  }
  if (type.kind === 'truth') {
    head.set([0x38, 2]) // version 3, where names are not filled up; an enumeration of two
    const values = datatype({ kind: 'integer', bytes: 1, signed: true })
    return Buffer.concat([head, values, Buffer.from('FALSE\0TRUE\0\0\x01')])
  }
  const bits = type.bytes * 8
  if (type.kind === 'integer') {
    head.set([0x10, type.signed ? 0x08 : 0])
    const properties = Buffer.alloc(4)
    properties.writeUInt16LE(bits, 2)
    return Buffer.concat([head, properties])
  }
  head.set([0x11, 0x20, bits - 1]) // IEEE 754: the leading bit of the mantissa is implied; where the sign is
  const [exponentBits, mantissaBits, bias] = type.bytes === 8 ? [11, 52, 1023] : [8, 23, 127]
  const properties = Buffer.alloc(12)
  properties.writeUInt16LE(bits, 2)
  properties.set([mantissaBits, exponentBits, 0, mantissaBits], 4)
  properties.writeUInt32LE(bias, 8)
  return Buffer.concat([head, properties])
}

function textAttributes(attributes: Readonly<Record<string, string>>): Message[] {
  return Object.entries(attributes).map(([name, value]) => {
    const data = Buffer.from(value)
    const nameBytes = Buffer.from(`${name}\0`)
    const type = datatype({ kind: 'text', bytes: Math.max(1, data.length) })
    const space = dataspace(null)
    const head = Buffer.alloc(9)
    head.set([3, 0]) // version 3
    head.writeUInt16LE(nameBytes.length, 2)
    head.writeUInt16LE(type.length, 4)
    head.writeUInt16LE(space.length, 6)
    head.writeUInt8(1, 8) // UTF-8
    return {
      type: ATTRIBUTE,
      body: Buffer.concat([head, nameBytes, type, space, data.length > 0 ? data : Buffer.alloc(1)]),
    }
  })
}
