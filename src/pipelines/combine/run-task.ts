import { SkyError } from '../../sky/errors.ts'
import type { TaskFunction } from '../../tables/child/task.ts'
import { openTable } from '../../tables/open.ts'
import { TableError } from '../../tables/table.ts'
import { TableWriteError } from '../../tables/writers/output-table.ts'
import { dataOriginOf } from '../data-origin.ts'
import type { PipelineNews, PipelineOutcome, PipelineWork } from '../pipeline.ts'
import { refused } from '../refusal.ts'
import { StageClock } from '../stage-clock.ts'
import { type CatalogInput, type ColumnMapping, fromBatches } from './catalog.ts'
import { combine, type Stage } from './combine.ts'
import { type CombineParameters, readParameters } from './parameters.ts'
import { CombineError } from './problems.ts'
import type { Rules } from './rules/rules.ts'
import { readDefaultRules, readRules } from './rules/rules-file.ts'
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
  const stages = new StageClock(SHARES, news)
  const parameters = readParameters({ ...work.parameters, output_format: work.outputFormat })
  const rules = work.rules === null ? readDefaultRules() : readRules(work.rules)
  try {
    const { table, columnsAssoc, report } = await combine(readInputs(work, parameters, rules), parameters, rules, {
      // Of the inputs, only we know how many there are.
      onProgress: ({ stage, done, total }) =>
        stages.reached(stage, done, stage === 'preparation' ? work.inputs.length : total),
      log: (level, text) => news({ kind: 'line', level, text }),
    })
    stages.reached('writing', 0, 1)
    const origin = dataOriginOf(work)
    const { notes, ...file } = await writeResult(parameters.outputFormat, table, work.folder, origin)
    stages.reached('writing', 1, 1)
    for (const text of notes) news({ kind: 'line', level: 'info', text })
    news({ kind: 'line', level: 'info', text: `${table.rows} rows and ${table.columns.length} columns written` })
    return {
      kind: 'done',
      files: [{ role: 'main', ...file, rows: table.rows }],
      associations: columnsAssoc,
      metrics: {
        ...report,
        rows: table.rows,
        secondsByStage: stages.seconds(),
        peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
      },
    }
  } catch (error) {
    if (error instanceof CombineError || error instanceof SkyError || error instanceof TableWriteError) {
      return refused(error)
    }
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
