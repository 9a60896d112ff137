import { join } from 'node:path'
import { writeHats } from '../../src/tables/hats/write-hats.ts'

const ROWS = 40
const at = (value: (row: number) => number) => Float64Array.from({ length: ROWS }, (_, row) => value(row))

/** The object catalog of the release `tsm_dr`, below a folder; `test_training_sets.py` makes redshifts of the same places. */
export async function writeObjectCatalog(folder: string): Promise<void> {
  const id = BigInt64Array.from({ length: ROWS }, (_, row) => 2n ** 60n + BigInt(row))
  const table = {
    rows: ROWS,
    metadata: {},
    columns: [
      { name: 'objectId', type: 'int64', values: id },
      { name: 'coord_ra', type: 'float64', values: at((row) => 150 + row / 100) },
      { name: 'coord_dec', type: 'float64', values: at(() => 2.25) },
      { name: 'i_cModelFlux', type: 'float64', values: at((row) => 100 * (row + 1)) },
    ],
  } as const
  const position = { raColumn: 'coord_ra', decColumn: 'coord_dec' }
  await writeHats(join(folder, 'tsm_dr'), table, { ...position, name: 'tsm_dr' })
}
