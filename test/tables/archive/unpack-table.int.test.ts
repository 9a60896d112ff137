import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, deflateRawSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { unpackTable } from '../../../src/tables/archive/unpack-table.ts'
import { DEFAULT_LIMITS } from '../../../src/tables/table.ts'
import { tableError, temporaryDirectory, temporaryFile } from '../read-table.ts'

interface TestMember {
  readonly name: string
  readonly data?: Uint8Array
  readonly mode?: number
  readonly flags?: number
}

/** A zip by hand, as its format says; nothing is checked, so that it can be wrong. */
function zip(members: readonly TestMember[]): Buffer {
  const local: Buffer[] = []
  const central: Buffer[] = []
  let offset = 0
  for (const { name, data = Buffer.from('ra\n1\n'), mode = 0o100644, flags = 0 } of members) {
    const packed = deflateRawSync(data)
    const nameBytes = Buffer.from(name, 'utf8')
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(flags | 0x800, 2)
    common.writeUInt16LE(8, 4)
    common.writeUInt32LE(crc32(data), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(data.length, 18)
    common.writeUInt16LE(nameBytes.length, 22)
    const header = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, nameBytes, packed])
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(mode * 0x10000, 6)
    rest.writeUInt32LE(offset, 10)
    central.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, rest, nameBytes]))
    local.push(header)
    offset += header.length
  }
  const directory = Buffer.concat(central)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(members.length, 8)
  end.writeUInt16LE(members.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...local, directory, end])
}

function unpack(fileName: string, bytes: Uint8Array, limits = DEFAULT_LIMITS) {
  const writeTo = join(temporaryDirectory(), 'unpacked')
  return { writeTo, result: unpackTable(temporaryFile(fileName, bytes), limits, writeTo) }
}

async function refused(fileName: string, bytes: Uint8Array, limits = DEFAULT_LIMITS) {
  const { writeTo, result } = unpack(fileName, bytes, limits)
  const error = await tableError(result)
  expect(existsSync(writeTo), 'nothing is left behind').toBe(false)
  return error
}

describe('the one table of an archive', () => {
  it('is unpacked from a gzip file', async () => {
    const { writeTo, result } = unpack('a.csv.gz', gzipSync('ra,dec\n1,2\n'))
    expect(await result).toEqual({ fileName: 'a.csv', path: writeTo, size: 11, members: ['a.csv'] })
    expect(readFileSync(writeTo, 'utf8')).toBe('ra,dec\n1,2\n')
  })

  it.each(['README.txt', 'docs/readme_first.txt', 'LICENSE.txt', 'Citation.txt', 'CHANGES.txt'])(
    'is unpacked from a zip with a %s',
    async (name) => {
      const { result } = unpack('a.zip', zip([{ name }, { name: 'a.csv' }]))
      expect((await result)?.fileName).toBe('a.csv')
      expect((await unpack('a.zip', zip([{ name }])).result)?.fileName).toBe(name.replace(/.*\//, ''))
    },
  )

  it('is unpacked from a gzip file in a zip, within the same bounds', async () => {
    const table = Buffer.from(`ra\n${'1.5\n'.repeat(1000)}`)
    const packed = zip([{ name: 'sub/a.csv.gz', data: gzipSync(table) }, { name: 'README.txt' }])
    const { writeTo, result } = unpack('a.zip', packed)
    expect(await result).toMatchObject({ fileName: 'a.csv', size: table.length })
    expect(readFileSync(writeTo).equals(table)).toBe(true)
    const tight = { ...DEFAULT_LIMITS, unpackedBytes: 3000 }
    expect((await refused('a.zip', packed, tight)).code).toBe('unsafe_archive')
    expect((await refused('a.zip', zip([{ name: 'a.csv.gz' }]))).code).toBe('malformed')
  })

  it('is unpacked from a zip, under its base name', async () => {
    const members = [
      { name: 'sub/' },
      { name: 'sub/a.csv' },
      { name: 'README.md' },
      { name: '__MACOSX/sub/._a.csv' },
      { name: '.DS_Store' },
    ]
    const { writeTo, result } = unpack('a.zip', zip(members))
    expect(await result).toEqual({ fileName: 'a.csv', path: writeTo, size: 5, members: ['sub/a.csv', 'README.md'] })
    expect(readFileSync(writeTo, 'utf8')).toBe('ra\n1\n')
  })

  it('may be highly compressed while it is small', async () => {
    expect(await unpack('zeros.csv.gz', gzipSync(Buffer.alloc(9_000_000))).result).toMatchObject({ size: 9_000_000 })
  })

  it('is not looked for in other files', async () => {
    expect(await unpack('a.csv', Buffer.from('ra,dec\n1,2\n')).result).toBeNull()
    expect(await unpack('b.csv', Buffer.from('BZhouse,dec\n1,2\n')).result).toBeNull()
    expect(await unpack('empty', new Uint8Array(0)).result).toBeNull()
  })
})

describe('an archive is refused', () => {
  it.each([
    ['../../etc/x.csv', /"\.\." in its path/],
    ['a/../../x.csv', /"\.\." in its path/],
    ['..\\x.csv', /"\.\." in its path/],
    ['/abs.csv', /absolute path/],
    ['C:\\x.csv', /absolute path/],
    ['a\0.csv', /NUL/],
  ])('with a member %j', async (name, message) => {
    const error = await refused('a.zip', zip([{ name: 'good.csv' }, { name }]))
    expect(error.code).toBe('unsafe_archive')
    expect(error.message).toMatch(message)
  })

  it.each([
    ['a symbolic link', [{ name: 'a.csv', mode: 0o120777, data: Buffer.from('/etc/passwd') }], /symbolic link/],
    ['an encrypted member', [{ name: 'a.csv', flags: 1 }], /encrypted/],
    ['two members of one name', [{ name: 'a.csv' }, { name: 'A.csv' }], /there twice/],
    ['too many members', Array.from({ length: 10_001 }, (_, i) => ({ name: `${i}` })), /at most 10000/],
    ['a bomb', [{ name: 'a.csv', data: Buffer.alloc(30_000_000) }], /200 times/],
  ])('with %s', async (_what, members, message) => {
    const error = await refused('a.zip', zip(members))
    expect(error.code).toBe('unsafe_archive')
    expect(error.message).toMatch(message)
  })

  it('as a gzip bomb, or when it is larger than allowed', async () => {
    expect((await refused('a.csv.gz', gzipSync(Buffer.alloc(30_000_000)))).message).toMatch(/200 times/)
    const limits = { ...DEFAULT_LIMITS, unpackedBytes: 1000 }
    expect((await refused('a.csv.gz', gzipSync(Buffer.alloc(1001)), limits)).code).toBe('unsafe_archive')
    expect((await refused('a.zip', zip([{ name: 'a.csv', data: Buffer.alloc(1001) }]), limits)).code).toBe(
      'unsafe_archive',
    )
  })

  it('with several tables, naming them, or with none', async () => {
    const several = await refused('a.zip', zip([{ name: 'a.csv' }, { name: 'b.fits' }]))
    expect(several.code).toBe('not_a_table')
    expect(several.message).toMatch(
      /Please provide your data as a single table in one of the supported formats; .*2 tables: a.csv, b.fits/,
    )
    const none = await refused('a.zip', zip([{ name: 'a.png' }, { name: 'b.png' }]))
    expect([none.code, none.message]).toEqual(['not_a_table', expect.stringContaining('no table, but a.png, b.png')])
    expect((await refused('a.zip', zip([]))).message).toContain('no file')
  })

  it('when it is cut off', async () => {
    expect((await refused('a.zip', zip([{ name: 'a.csv' }]).subarray(0, 60))).code).toBe('malformed')
    expect((await refused('a.csv.gz', gzipSync('ra,dec\n'.repeat(100)).subarray(0, 20))).code).toBe('malformed')
  })

  it('when it is of another kind, or holds an archive again', async () => {
    const tar = Buffer.alloc(1024)
    tar.write('ustar', 257)
    expect((await refused('a.tar', tar)).message).toMatch(/packed with tar/)
    expect((await refused('a.tar.gz', gzipSync(tar))).message).toMatch(/holds a tar archive again/)
    expect((await refused('a.zip', zip([{ name: 'b.csv', data: zip([{ name: 'a.csv' }]) }]))).message).toMatch(
      /zip archive again/,
    )
    expect((await refused('a.csv.xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0]))).code).toBe('unsupported')
  })
})
