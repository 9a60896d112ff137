import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { combinePipeline } from '../src/pipelines/combine/pipeline.ts'
import type { PipelineOutcome, PipelineWork } from '../src/pipelines/pipeline.ts'
import { ChildPool } from '../src/tables/child/child-pool.ts'
import type { ChildTask } from '../src/tables/child/task.ts'
import type { OutputTable } from '../src/tables/writers/output-table.ts'
import { writeTable } from '../src/tables/writers/write-table.ts'
import type { MeasuredRun } from './crc-task.ts'
import { numbers } from './numbers.ts'

const RUN: ChildTask<PipelineWork, MeasuredRun> = {
  name: 'measured combination',
  module: new URL('./crc-task.ts', import.meta.url),
}
/** The columns of the catalogs, which have the names of their roles. */
const COLUMNS = ['id', 'ra', 'dec', 'z', 'z_flag', 'z_err', 'survey'] as const
const MODES = ['concatenate_and_mark_duplicates', 'concatenate_and_remove_duplicates'] as const
const GOAL_SECONDS = 5
const GOAL_BYTES = 1e9
/** Rows in a hundred that are an object which the next catalog has too. */
const SHARED = 20

/**
 * Whole runs of Combine Redshift Catalogs as the server carries them out, Parquet files to a Parquet file: 20 catalogs of
 * 50,000 synthetic rows, a fifth of which are objects that the next catalog has too. The time is from the start of the
 * child process to the SHA-256 of the file that it made. Checks the rows, and that each of those objects was found to be a
 * duplicate.
 * @param args catalogs, rows of each.
 */
export async function run(args: readonly string[]): Promise<void> {
  const [catalogs = 20, rows = 50_000] = args.map(Number)
  const folder = fileURLToPath(new URL(`./data/crc-${catalogs}-${rows}`, import.meta.url))
  const names = Array.from({ length: catalogs }, (_, i) => `${String(i + 1).padStart(3, '0')}_catalog`)
  if (!existsSync(join(folder, `${names.at(-1)}.parquet`))) {
    console.log(`making ${catalogs} catalogs of ${rows.toLocaleString('en')} rows in ${folder} …`)
    await mkdir(folder, { recursive: true })
    for (const [i, name] of names.entries())
      await writeTable('parquet', catalog(i, rows), join(folder, `${name}.parquet`))
  }
  const inputs: PipelineWork['inputs'] = await Promise.all(names.map((name, i) => inputOf(folder, name, i + 1)))
  for (const mode of MODES) {
    const output = await mkdtemp(join(tmpdir(), 'bench-crc-'))
    const pool = new ChildPool({ size: 1, memoryBytes: 4_000_000_000, timeMs: 300_000 })
    try {
      const start = performance.now()
      const { outcome, cpuSeconds } = await pool.run(RUN, {
        pipeline: { displayName: combinePipeline.displayName, version: combinePipeline.version },
        parameters: { ...combinePipeline.defaults, combine_type: mode, z_flag_homogenized_value_to_cut: 0 },
        outputFormat: 'parquet',
        inputs,
        objects: null,
        rules: null,
        folder: output,
      })
      const { pairs, found, path, peakBytes, stages } = measured(outcome)
      await digestOf(path)
      const seconds = (performance.now() - start) / 1000
      check(found, pairs, mode, catalogs, rows)
      const took = Object.entries(stages).map(([stage, time]) => `${stage} ${time.toFixed(2)}`)
      console.log(
        `${mode}: ${seconds.toFixed(2)} s (${took.join(', ')})${seconds > GOAL_SECONDS ? ' MISSED' : ''}, processor ${cpuSeconds.toFixed(2)} s, ` +
          `peak ${Math.round(peakBytes / 1e6)} MB${peakBytes > GOAL_BYTES ? ' MISSED' : ''}, ` +
          `${found.toLocaleString('en')} rows, ${pairs.toLocaleString('en')} pairs`,
      )
    } finally {
      await pool.close()
      await rm(output, { recursive: true })
    }
  }
}

async function inputOf(folder: string, name: string, id: number): Promise<PipelineWork['inputs'][number]> {
  const fileName = `${name}.parquet`
  const path = join(folder, fileName)
  const [{ size }, sha256] = await Promise.all([stat(path), digestOf(path)])
  const columns = Object.fromEntries(COLUMNS.map((column) => [column, column]))
  const input = { productId: id, internalName: name, displayName: name, fileId: id, fileName, sha256, size, columns }
  return { path, input }
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

function measured(outcome: PipelineOutcome) {
  if (outcome.kind !== 'done') throw new Error(outcome.reason)
  const [file] = outcome.files
  const { duplicates, secondsByStage, peakMemoryBytes } = outcome.metrics as {
    readonly duplicates: { readonly pairs: number }
    readonly secondsByStage: Readonly<Record<string, number>>
    readonly peakMemoryBytes: number
  }
  return {
    path: file!.path,
    found: file!.rows ?? 0,
    pairs: duplicates.pairs,
    stages: secondsByStage,
    peakBytes: peakMemoryBytes,
  }
}

function check(found: number, pairs: number, mode: (typeof MODES)[number], catalogs: number, rows: number): void {
  const all = catalogs * rows
  const duplicates = ((catalogs - 1) * rows * SHARED) / 100
  // Random rows may lie within the radius of each other too; they are few.
  if (pairs < duplicates || pairs > duplicates * 1.05) throw new Error(`${duplicates} pairs expected, ${pairs} found`)
  if (mode === 'concatenate_and_mark_duplicates' && found !== all)
    throw new Error(`${all} rows expected, ${found} found`)
  if (mode === 'concatenate_and_remove_duplicates' && !(found < all - duplicates * 0.5 && found >= all - 2 * pairs)) {
    throw new Error(`${found} rows remain of ${all}, with ${pairs} pairs`)
  }
}

/** Rows on a patch of 20 x 20 degrees. The last ones are those that the next catalog begins with, 0.1 arcsec away. */
function catalog(number: number, rows: number): OutputTable {
  const shared = (rows * SHARED) / 100
  const columns = {
    id: new BigInt64Array(rows),
    ra: new Float64Array(rows),
    dec: new Float64Array(rows),
    z: new Float64Array(rows),
    z_flag: new Float64Array(rows),
    z_err: new Float64Array(rows),
    survey: new Array<string>(rows).fill(number % 2 === 0 ? '2dFGRS' : '2dFLenS'),
  }
  const own = numbers(1000 + number)
  const before = numbers(5000 + number)
  const after = numbers(5001 + number)
  for (let row = 0; row < rows; row++) {
    const isFirst = row < shared
    const next = isFirst ? before : row >= rows - shared ? after : own
    columns.id[row] = 2305843019946942123n + BigInt(number * rows + row)
    columns.ra[row] = 10 + next() * 20
    columns.dec[row] = -30 + next() * 20 + (isFirst ? 0.1 / 3600 : 0)
    columns.z[row] = next() * 3
    columns.z_flag[row] = 1 + Math.floor(own() * 4)
    columns.z_err[row] = own() * 1e-3
  }
  return {
    rows,
    metadata: {},
    columns: COLUMNS.map((name) => ({
      name,
      type: name === 'id' ? 'int64' : name === 'survey' ? 'string' : 'float64',
      values: columns[name],
    })),
  }
}
