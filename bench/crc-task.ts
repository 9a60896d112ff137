import type { CatalogInput } from '../src/pipelines/combine/catalog.ts'
import { fromBatches } from '../src/pipelines/combine/catalog.ts'
import { combine } from '../src/pipelines/combine/combine.ts'
import { type CombineParameters, readParameters } from '../src/pipelines/combine/parameters.ts'
import { type Rules, readDefaultRules } from '../src/pipelines/combine/rules/rules-file.ts'
import { writeResult } from '../src/pipelines/combine/write-result.ts'
import type { TaskFunction } from '../src/tables/child/task.ts'
import { openTable } from '../src/tables/open.ts'

/** The columns of the catalogs, which have the names of their roles. */
export const COLUMNS = ['id', 'ra', 'dec', 'z', 'z_flag', 'z_err', 'survey'] as const

export interface CombineWork {
  readonly inputs: readonly { readonly name: string; readonly path: string }[]
  readonly mode: string
  readonly output: string
}

export interface CombinedRun {
  readonly rows: number
  readonly pairs: number
  readonly seconds: number
  /** Seconds of processor time, which say more on a busy machine. */
  readonly cpuSeconds: number
  /** Seconds in each stage. */
  readonly stages: Readonly<Record<string, number>>
  /** Most resident memory that the process ever had, bytes. */
  readonly peakBytes: number
}

/** A whole run of Combine Redshift Catalogs, from files to a file, in a process of its own. */
export const run: TaskFunction<CombineWork, CombinedRun> = async ({ inputs, mode, output }) => {
  const start = performance.now()
  const cpuBefore = process.cpuUsage()
  const parameters = readParameters({ combine_type: mode, z_flag_homogenized_value_to_cut: 0 })
  const rules = readDefaultRules()
  const stages: Record<string, number> = {}
  let stage = 'preparation'
  let since = start
  const enter = (next: string) => {
    const now = performance.now()
    stages[stage] = (stages[stage] ?? 0) + (now - since) / 1000
    stage = next
    since = now
  }
  const { table, report } = await combine(readAll(inputs, parameters, rules), parameters, rules, {
    onProgress: (progress) => enter(progress.stage),
  })
  enter('writing')
  await writeResult('parquet', table, output)
  enter('')
  return {
    rows: table.rows,
    pairs: report.duplicates?.pairs ?? 0,
    seconds: (performance.now() - start) / 1000,
    cpuSeconds: cpuSeconds(cpuBefore),
    stages,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  }
}

function cpuSeconds(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

async function* readAll(
  inputs: CombineWork['inputs'],
  parameters: CombineParameters,
  rules: Rules,
): AsyncGenerator<CatalogInput> {
  const mapping = Object.fromEntries(COLUMNS.map((name) => [name, name]))
  for (const { name, path } of inputs) {
    const reader = await openTable({ path, fileName: `${name}.parquet` })
    try {
      yield await fromBatches(reader, { name, mapping }, parameters, rules)
    } finally {
      await reader.close()
    }
  }
}
