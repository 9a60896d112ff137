import type { ObjectPart } from '../../../src/pipelines/training-set/object-source.ts'
import { objectTable } from '../../../src/pipelines/training-set/object-source.ts'
import { readTrainingSetParameters } from '../../../src/pipelines/training-set/parameters.ts'
import { makeTrainingSet } from '../../../src/pipelines/training-set/training-set.ts'
import { openTable } from '../../../src/tables/open.ts'
import { redshiftCatalog } from './catalogs.ts'

/**
 * Makes a training set against a catalog that is the same file many times over, and tells its rows and the most resident
 * memory of this process (bytes).
 */
const [path = '', parts = '1'] = process.argv.slice(2)
const reader = await openTable({ path, fileName: 'strip.parquet' })
const file = objectTable('strip', reader, { id: 'objectId', ra: 'coord_ra', dec: 'coord_dec' })
const redshifts = redshiftCatalog({
  ra: Array.from({ length: 1000 }, (_, row) => 40 + row * 1e-3),
  dec: new Array<number>(1000).fill(0.5),
})
const objects = {
  ...file,
  async partsNear(...near: Parameters<typeof file.partsNear>): Promise<ObjectPart[]> {
    const [part] = await file.partsNear(...near)
    return new Array<ObjectPart>(Number(parts)).fill(part!)
  },
}
const { table } = await makeTrainingSet(redshifts, objects, readTrainingSetParameters({}))
await objects.close()
process.stdout.write(JSON.stringify({ peak: process.resourceUsage().maxRSS * 1024, rows: table.rows }))
