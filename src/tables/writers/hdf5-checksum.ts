/**
 * Checksum of HDF5 metadata: `lookup3.c`, `hashlittle`, of Bob Jenkins (May 2006, public domain), begun with 0 (HDF5 File
 * Format Specification 3.0, appendix of "Jenkins lookup3").
 */
export function metadataChecksum(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let left = bytes.length
  let a = (0xdeadbeef + left) | 0
  let b = a
  let c = a
  let at = 0
  for (; left > 12; left -= 12, at += 12) {
    a = (a + view.getInt32(at, true)) | 0
    b = (b + view.getInt32(at + 4, true)) | 0
    c = (c + view.getInt32(at + 8, true)) | 0
    a = ((a - c) | 0) ^ rotated(c, 4)
    c = (c + b) | 0
    b = ((b - a) | 0) ^ rotated(a, 6)
    a = (a + c) | 0
    c = ((c - b) | 0) ^ rotated(b, 8)
    b = (b + a) | 0
    a = ((a - c) | 0) ^ rotated(c, 16)
    c = (c + b) | 0
    b = ((b - a) | 0) ^ rotated(a, 19)
    a = (a + c) | 0
    c = ((c - b) | 0) ^ rotated(b, 4)
    b = (b + a) | 0
  }
  if (left === 0) return c >>> 0
  const tail = new DataView(new ArrayBuffer(12))
  for (let i = 0; i < left; i++) tail.setUint8(i, view.getUint8(at + i))
  a = (a + tail.getInt32(0, true)) | 0
  b = (b + tail.getInt32(4, true)) | 0
  c = (c + tail.getInt32(8, true)) | 0
  c = ((c ^ b) - rotated(b, 14)) | 0
  a = ((a ^ c) - rotated(c, 11)) | 0
  b = ((b ^ a) - rotated(a, 25)) | 0
  c = ((c ^ b) - rotated(b, 16)) | 0
  a = ((a ^ c) - rotated(c, 4)) | 0
  b = ((b ^ a) - rotated(a, 14)) | 0
  c = ((c ^ b) - rotated(b, 24)) | 0
  return c >>> 0
}

function rotated(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by))
}
