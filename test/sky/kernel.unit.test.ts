import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { nearArcsecOfHalfChord, nearHalfChordSquared } from '../../src/sky/coordinates.ts'
import { SkyError } from '../../src/sky/errors.ts'
import { Kernel, PAIR_BYTES, ROW_BYTES } from '../../src/sky/kernel/kernel.ts'
import { numbers } from './skies.ts'

test('kernel.wasm is what its source makes (npm run kernel writes it)', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kernel-'))
  try {
    const made = join(folder, 'kernel.wasm')
    await promisify(execFile)(process.execPath, ['--import', 'tsx', 'src/cli/kernel.ts', made])
    expect((await readFile('src/sky/kernel/kernel.wasm')).equals(await readFile(made))).toBe(true)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('gives separations with the bits of coordinates.ts', () => {
  using kernel = Kernel.lease()
  const next = numbers(9)
  const put = (address: number, row: readonly [number, number, number]) => kernel.float64.set(row, address / 8)
  const [left, right, cells, starts, room] = [ROW_BYTES, ROW_BYTES, ROW_BYTES, 16, PAIR_BYTES].map((bytes) =>
    kernel.reserve(bytes + ROW_BYTES),
  ) as [number, number, number, number, number]
  kernel.code.aim(7_200, 2, 1, 1e9) // so wide that every pair passes
  kernel.code.enterStripe(1, 0)
  for (let k = 0; k < 3_000; k++) {
    const [ra, dec] = [2 + 350 * next(), 178 * next() - 89]
    const scale = 10 ** (-9 * next())
    const [otherRa, otherDec] = [ra + (next() - 0.5) * scale, dec + (next() - 0.5) * scale]
    put(left, [ra, dec, 4_294_967_294])
    put(right, [otherRa, otherDec, 7])
    kernel.code.layCells(right, right + ROW_BYTES, cells, starts)
    kernel.code.giveRoom(room, room + PAIR_BYTES + ROW_BYTES)
    expect(kernel.code.searchNear(left, left + ROW_BYTES)).toBe(left + ROW_BYTES)
    expect(kernel.code.pairsEnd()).toBe(room + PAIR_BYTES)
    expect([kernel.uint32[room / 4], kernel.uint32[room / 4 + 1]]).toEqual([4_294_967_294, 7])
    const h = nearHalfChordSquared(otherRa - ra, otherDec - dec, dec + otherDec)
    expect(kernel.float64[room / 8 + 1]).toBe(nearArcsecOfHalfChord(h))
  }
})

test('serves one at a time, and the next when it is free', () => {
  const first = Kernel.lease()
  const second = Kernel.lease()
  expect(second).not.toBe(first)
  first[Symbol.dispose]()
  const third = Kernel.lease()
  expect(third).toBe(first)
  second[Symbol.dispose]()
  third[Symbol.dispose]()
})

test('a match that needs more than all memory is refused in words', () => {
  using kernel = Kernel.lease()
  const refused = () => kernel.reserve(5 * 2 ** 30)
  expect(refused).toThrow(SkyError)
  expect(refused).toThrow(/needs [\d,]+ MB at once/)
  expect(kernel.reserve(1_000_000)).toBeLessThan(2 ** 20)
})
