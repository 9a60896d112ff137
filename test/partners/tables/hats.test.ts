import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { separation } from '../../../src/sky/coordinates.ts'
import { openHats } from '../../../src/tables/hats/hats-catalog.ts'
import { writeHats } from '../../../src/tables/hats/write-hats.ts'
import { smallSky } from '../../tables/hats/small-sky.ts'
import { rowsOf } from '../../tables/read-table.ts'

/** HATS collections of ours in lsdb, and of lsdb in our reader. */

type Rows = Readonly<Record<string, readonly (string | null)[]>>

interface Said {
  readonly ours: {
    readonly valid: boolean
    readonly rows: Rows
    readonly margin: number
    readonly marginThreshold: number
    readonly matched: number
    readonly near: readonly string[]
  }
  readonly theirs: Rows
}

const TABLE = smallSky(500)
let folder: string
let said: Said

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pz-hats-'))
  const [ours, theirs] = [join(folder, 'ours'), join(folder, 'theirs')]
  const options = { raColumn: 'ra', decColumn: 'dec', name: 'ours', maxRowsPerPartition: 41, marginArcsec: 3600 }
  await writeHats(ours, TABLE, options)
  const script = join(import.meta.dirname, 'hats_partner.py')
  const answer = execFileSync(process.env.PARTNER_PYTHON ?? 'python3', [script, ours, theirs], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'], // progress bars
  })
  said = JSON.parse(answer.trimEnd().split('\n').at(-1)!)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Rows as texts by id. */
function byId(rows: Rows, names: readonly string[]): Map<string, (string | null)[]> {
  return new Map(rows.id!.map((id, i) => [id!, names.map((name) => numberText(rows[name]![i]!))]))
}

const numberText = (text: string | null) =>
  text === null || Number.isNaN(Number(text)) || /^\d+$/.test(text) ? text : String(Number(text))

describe('a HATS collection', () => {
  it('of ours is valid to hats, and the same to lsdb', () => {
    const { ours } = said
    expect(ours).toMatchObject({ valid: true, marginThreshold: 3600, matched: 500 })
    expect(ours.margin).toBeGreaterThan(20)
    const [id, ra, dec, name] = TABLE.columns.map(({ values }) => [...(values as Iterable<unknown>)])
    expect(byId(ours.rows, ['ra', 'dec', 'name'])).toEqual(
      new Map(id!.map((value, i) => [String(value), [String(ra![i]), String(dec![i]), name![i] as string | null]])),
    )
    const isNear = (i: number) => separation(10, 20, ra![i] as number, dec![i] as number) < 36_000
    expect(ours.near).toEqual(id!.flatMap((value, i) => (isNear(i) ? [String(value)] : [])).sort())
  })

  it('of lsdb is the same to us', async () => {
    const catalog = await openHats(join(folder, 'theirs'))
    expect(catalog.properties).toMatchObject({ name: 'test', type: 'object', rows: 400, healpixColumn: '_healpix_29' })
    const found = new Map<string, (string | null)[]>()
    for (const partition of catalog.partitions) {
      expect(await catalog.box(partition)).not.toBeNull()
      for (const [id, ...cells] of await rowsOf(await catalog.read(partition, ['id', 'ra', 'dec', 'name']))) {
        found.set(
          String(id),
          cells.map((cell) => (cell === null ? null : String(cell))),
        )
      }
    }
    expect(found).toEqual(byId(said.theirs, ['ra', 'dec', 'name']))
  })
})
