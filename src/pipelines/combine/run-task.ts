import { join } from 'node:path'
import { SkyError } from '../../sky/errors.ts'
import type { TaskFunction } from '../../tables/child/task.ts'
import { openTable } from '../../tables/open.ts'
import { TableError } from '../../tables/table.ts'
import type { PipelineNews, PipelineOutcome, PipelineWork } from '../pipeline.ts'
import { type CatalogInput, type ColumnMapping, fromBatches } from './catalog.ts'
import { combine, type Stage } from './combine.ts'
import { type CombineParameters, readParameters } from './parameters.ts'
import { CombineError } from './problems.ts'
import { type Rules, readDefaultRules, readRules } from './rules/rules-file.ts'
import { writeResult } from './write-result.ts'

/** Where each stage begins and ends in the whole run. */
const SHARES: Readonly<Record<Stage | 'writing', readonly [number, number]>> = {
  preparation: [0, 0.5],
  neighbours: [0.5, 0.7],
  ties: [0.7, 0.75],
  consolidation: [0.75, 0.8],
  writing: [0.8, 1],
}

/** *Combine Redshift Catalogs*, in a child process: from the record of a run to the files that it makes. */
export const run: TaskFunction<PipelineWork, PipelineOutcome> = async (work, { tell }) => {
  const news = (message: PipelineNews): void => tell(message)
  const stages = new Stages(news, work.inputs.length)
  const parameters = readParameters({ ...work.parameters, output_format: work.outputFormat })
  const rules = work.rules === null ? readDefaultRules() : readRules(work.rules)
  try {
    const { table, columnsAssoc, report } = await combine(readInputs(work, parameters, rules), parameters, rules, {
      onProgress: ({ stage, done, total }) => stages.reached(stage, done, total),
      log: (level, text) => news({ kind: 'line', level, text }),
    })
    stages.reached('writing', 0, 1)
    const extension = parameters.outputFormat
    const path = join(work.folder, `crd.${extension}`)
    await writeResult(parameters.outputFormat, table, path)
    stages.reached('writing', 1, 1)
    news({ kind: 'line', level: 'info', text: `${table.rows} rows and ${table.columns.length} columns written` })
    return {
      kind: 'done',
      files: [{ role: 'main', name: `crd.${extension}`, path, rows: table.rows }],
      associations: columnsAssoc,
      metrics: {
        ...report,
        rows: table.rows,
        secondsByStage: stages.seconds(),
        peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
      },
    }
  } catch (error) {
    if (error instanceof CombineError) {
      const problems = error.problems.map(({ message }) => message)
      const [reason = ''] = error.message.split('\n', 1)
      return { kind: 'refused', code: error.code, reason: problems.length > 0 ? reason : error.message, problems }
    }
    if (error instanceof SkyError) return { kind: 'refused', code: error.code, reason: error.message, problems: [] }
    throw error
  }
}

/** The inputs, read one at a time as they are needed. */
async function* readInputs(
  work: PipelineWork,
  parameters: CombineParameters,
  rules: Rules,
): AsyncIterable<CatalogInput> {
  for (const { input, path } of work.inputs) {
    const mapping: ColumnMapping = input.columns
    const reader = await openTable({ path, fileName: input.fileName })
    try {
      yield await fromBatches(reader, { name: input.internalName, mapping }, parameters, rules)
    } catch (error) {
      if (!(error instanceof TableError)) throw error
      throw new TableError(error.code, `[${input.internalName}] ${error.message}`, error.line)
    } finally {
      await reader.close()
    }
  }
}

/** How far the whole run is, and how long each stage took. */
class Stages {
  readonly #seconds: Record<string, number> = {}
  #current: string | null = null
  #since = performance.now()

  constructor(
    private readonly news: (message: PipelineNews) => void,
    private readonly inputs: number,
  ) {}

  reached(stage: Stage | 'writing', done: number, total: number): void {
    if (stage !== this.#current) {
      this.#close()
      this.#current = stage
    }
    const [from, to] = SHARES[stage]
    const all = stage === 'preparation' ? this.inputs : total
    const part = all > 0 ? Math.min(1, done / all) : 0
    this.news({ kind: 'progress', stage, fraction: from + (to - from) * part })
  }

  seconds(): Readonly<Record<string, number>> {
    this.#close()
    return this.#seconds
  }

  #close(): void {
    const now = performance.now()
    if (this.#current !== null) this.#seconds[this.#current] = Math.round(now - this.#since) / 1000
    this.#since = now
  }
}
