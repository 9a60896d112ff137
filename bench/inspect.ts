import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ChildPool } from '../src/tables/child/child-pool.ts'
import type { ChildTask } from '../src/tables/child/task.ts'
import type { Inspection } from '../src/tables/inspection.ts'
import type { TableSource } from '../src/tables/table.ts'
import type { Measured } from './inspect-task.ts'

const call = promisify(execFile)
const PEERS = fileURLToPath(new URL('./inspect_peers.py', import.meta.url))
const INSPECT: ChildTask<{ source: TableSource; times: number }, Measured> = {
  name: 'measured inspection',
  module: new URL('./inspect-task.ts', import.meta.url),
}

/** A format, who reads it in Python, and how many times longer our whole inspection may take than that plain read. */
const CASES = [
  { file: 'table.csv', format: 'csv', peer: 'pandas', goal: 1, times: 3 },
  { file: 'table.fits', format: 'fits', peer: 'astropy', goal: 1, times: 10 },
  { file: 'table.parquet', format: 'parquet', peer: 'pyarrow', goal: 5, times: 10 },
  { file: 'table-zstd.parquet', format: 'parquet', peer: 'pyarrow', goal: 5, times: 10 },
  { file: 'table.hdf5', format: 'hdf5', peer: 'h5py', goal: 5, times: 10 },
  { file: 'table-gzip.hdf5', format: 'hdf5', peer: 'h5py', goal: 5, times: 5 },
  { file: 'table.vot', format: 'votable', peer: 'astropy', goal: 1, times: 1 },
  { file: 'table-binary2.vot', format: 'votable', peer: 'astropy', goal: 1, times: 1 },
] as const
const MOST_BYTES = 300_000_000

interface PeerFacts {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly rows: number
  readonly columns: Record<
    string,
    { readonly min: string | number; readonly max: string | number; readonly mean: number }
  >
}

/**
 * Our whole inspection (types, statistics of every column, preview) against the plain read of the usual Python package,
 * on the same files in the same run; the files are made once. Prints ratios (by the clock, and of processor time, which
 * others on the machine disturb less) and peak memory, and checks that both saw
 * the same rows, means, smallest and largest values.
 * @param args rows (1,000,000), then formats (all).
 */
export async function run(args: readonly string[]): Promise<void> {
  const python = process.env.PARTNER_PYTHON ?? 'python3'
  const rows = Number(args[0] ?? 1_000_000)
  const formats = args.slice(1)
  const folder = fileURLToPath(new URL(`./data/inspect-${rows}`, import.meta.url))
  if (CASES.some(({ file }) => !existsSync(join(folder, file)))) {
    console.log(`making files of ${rows} rows in ${folder} …`)
    await call(python, [PEERS, 'make', folder, String(rows)])
  }
  for (const { file, format, peer, goal, times } of CASES) {
    if (formats.length > 0 && !formats.includes(format)) continue
    const path = join(folder, file)
    const pool = new ChildPool({ size: 1, memoryBytes: 4_000_000_000, timeMs: 300_000 })
    try {
      const runs = Math.max(3, times)
      const ours = await pool.run(INSPECT, { source: { path, fileName: basename(file) }, times: runs })
      const { stdout } = await call(python, [PEERS, 'read', format, path, String(times)])
      const theirs: PeerFacts = JSON.parse(stdout)
      const ratio = ours.seconds / theirs.seconds
      const cpuRatio = ours.cpuSeconds / theirs.cpuSeconds
      const megabytes = Math.round(ours.peakBytes / 1e6)
      console.log(
        `${file.padEnd(18)} inspected in ${ours.seconds.toFixed(3)} s, ${peer} reads in ${theirs.seconds.toFixed(3)} s: ` +
          `ratio ${ratio.toFixed(2)} (goal ${goal})${ratio > goal ? ' MISSED' : ''}, ` +
          `of the processor ${cpuRatio.toFixed(2)} (${ours.cpuSeconds.toFixed(3)} s), ` +
          `peak ${megabytes} MB${ours.peakBytes > MOST_BYTES ? ' MISSED' : ''}`,
      )
      check(ours.inspection, theirs)
    } finally {
      await pool.close()
    }
  }
}

function check(ours: Inspection, theirs: PeerFacts): void {
  if (ours.rows !== theirs.rows) throw new Error(`rows: ${ours.rows}, theirs ${theirs.rows}`)
  for (const [name, { min, max, mean }] of Object.entries(theirs.columns)) {
    const column = ours.columns.find((c) => c.name === name)
    if (!column) throw new Error(`no column ${name}`)
    // Integers as text, exactly. Doubles exactly too, but for the last digits, in which pandas' CSV parser errs.
    const slack = ours.format === 'csv' ? 1e-12 : 0
    const same = (a: unknown, b: string | number) =>
      typeof b === 'string' ? String(a) === b : Math.abs(Number(a) - b) <= slack * Math.abs(b)
    if (!same(column.min, min) || !same(column.max, max)) {
      throw new Error(`${name}: ${column.min} … ${column.max}, theirs ${min} … ${max}`)
    }
    if (Math.abs(column.mean! - mean) > 1e-9 * Math.max(1, Math.abs(mean))) {
      throw new Error(`${name}: mean ${column.mean}, theirs ${mean}`)
    }
  }
}
