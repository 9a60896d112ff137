import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ChildPool } from '../src/tables/child/child-pool.ts'
import type { ChildTask } from '../src/tables/child/task.ts'
import { openTable } from '../src/tables/open.ts'
import { makeCatalogs } from './tsm-catalogs.ts'
import type { TrainingRun } from './tsm-task.ts'

const RADIUS = 1
const RUN: ChildTask<{ root: string; release: string; radius: number; output: string }, TrainingRun> = {
  name: 'measured training set',
  module: new URL('./tsm-task.ts', import.meta.url),
}

/**
 * Whole runs of the Training Set Maker, from files to a Parquet file, in processes of their own: 100,000 redshifts against
 * a HATS catalog of 10 million objects, and of 1 million to show that memory does not grow with the objects. The catalogs
 * are made once. Checks that every redshift that was put near an object found it, or one that is nearer.
 * @param args objects of the large and of the small catalog, redshifts.
 */
export async function run(args: readonly string[]): Promise<void> {
  const [large = 10_000_000, small = large / 10, redshifts = 100_000] = args.map(Number)
  const peaks: number[] = []
  for (const objects of [small, large]) {
    const root = fileURLToPath(new URL(`./data/tsm-${objects}-${redshifts}`, import.meta.url))
    if (!existsSync(join(root, 'redshifts.parquet'))) {
      console.log(`making ${objects.toLocaleString('en')} objects in ${root} …`)
      await makeCatalogs(root, 'release', objects, redshifts)
    }
    const output = join(root, 'training-set.parquet')
    const pool = new ChildPool({ size: 1, memoryBytes: 4_000_000_000, timeMs: 600_000 })
    try {
      const { seconds, stages, peakBytes, report } = await pool.run(RUN, {
        root,
        release: 'release',
        radius: RADIUS,
        output,
      })
      peaks.push(peakBytes)
      const found = await checkPlanted(output, Math.round(redshifts * 0.6))
      const began = Object.entries(stages).map(([stage, at]) => `${stage} from ${at.toFixed(2)}`)
      console.log(
        `${redshifts.toLocaleString('en')} redshifts x ${objects.toLocaleString('en')} objects: ${seconds.toFixed(2)} s ` +
          `(${began.join(', ')}), peak ${Math.round(peakBytes / 1e6)} MB; ${report.rows.toLocaleString('en')} matches, ` +
          `${found.toLocaleString('en')} planted ones all found`,
      )
    } finally {
      await pool.close()
      await rm(output, { force: true })
    }
  }
  const growth = peaks[1]! / peaks[0]!
  console.log(
    `peak memory with ${large / small} times the objects: ${growth.toFixed(2)} x${growth > 1.25 ? ' MISSED' : ''}`,
  )
}

/** @returns the planted redshifts, all of which have their object or a nearer one */
async function checkPlanted(path: string, expected: number): Promise<number> {
  const reader = await openTable({ path, fileName: 'training-set.parquet' })
  let planted = 0
  try {
    for await (const batch of reader.batches({ columns: ['planted_id', 'objectId', '_dist_arcsec'] })) {
      for (const { planted_id: wanted, objectId, _dist_arcsec: distance } of batch) {
        if (wanted === 0n) continue
        planted++
        // Another object may be nearer, or lie at the very place of the one that was meant.
        const isRight = objectId === wanted ? Math.abs(distance - 0.3) < 1e-6 : distance < 0.3 + 1e-6
        if (!isRight)
          throw new Error(`The redshift put near ${wanted} was matched with ${objectId} at ${distance} arcsec`)
      }
    }
  } finally {
    await reader.close()
  }
  if (planted !== expected) throw new Error(`${expected} redshifts were put near objects, ${planted} of them found one`)
  return planted
}
