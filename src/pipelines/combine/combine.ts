import { setImmediate as nextTurn } from 'node:timers/promises'
import type { CatalogInput } from './catalog.ts'
import { isAllNull, takeRows, textsOf, toNumbers } from './columns.ts'
import { missingExtras } from './extra-columns.ts'
import { duplicateGroups, groupIds } from './groups.ts'
import { comparedTo, neighboursOf, type PairFinder, skyPairs } from './neighbours.ts'
import type { CombineParameters } from './parameters.ts'
import { type PreparationReport, type PreparedCatalog, prepare, STAR } from './prepare.ts'
import { CombineError, type Problem } from './problems.ts'
import {
  associations,
  type CatalogReport,
  type CombineReport,
  type CombineResult,
  columnType,
  type OutputColumn,
} from './result.ts'
import type { Rules } from './rules/rules.ts'
import { priorityProblems, scoresOfPriorities } from './scores.ts'
import { type Settings, settingsOf } from './settings.ts'
import { drawTies, resolveTies, TIE } from './ties.ts'
import { type DuplicateColumns, inOutputOrder, type Union, uniteColumns } from './union.ts'

export const STAGES = ['preparation', 'neighbours', 'ties', 'consolidation'] as const
export type Stage = (typeof STAGES)[number]

/** How far a run is: `done` of `total` in the stage. */
export interface Progress {
  readonly stage: Stage
  readonly done: number
  readonly total: number
}

export interface CombineOptions {
  /** How neighbours are found; the sky's own match when left out. */
  readonly pairs?: PairFinder
  readonly onProgress?: (progress: Progress) => void
  /** Stops the run between (and during) stages. */
  readonly signal?: AbortSignal
  readonly log?: (level: 'info' | 'warn', message: string) => void
}

/**
 * Combines redshift catalogs: homogenizes flags and types, finds duplicates, marks or removes them. A pure function of its
 * arguments: the same inputs, parameters and rules give the same result.
 *
 * Inputs are taken one at a time, so they can be read as they are needed. All are checked before any duplicates are
 * looked for.
 * @throws CombineError with all problems of all inputs; SkyError `too_many_pairs`; the signal's reason when aborted
 */
export async function combine(
  inputs: Iterable<CatalogInput> | AsyncIterable<CatalogInput>,
  parameters: CombineParameters,
  rules: Rules,
  options: CombineOptions = {},
): Promise<CombineResult> {
  const settings = settingsOf(parameters, rules)
  const run = new Run(parameters, settings, rules, options)
  const catalogs = await run.prepareAll(inputs)
  const union = uniteColumns(catalogs, parameters, settings, rules)
  const duplicates = parameters.combineType === 'concatenate' ? null : await run.markDuplicates(catalogs, union)
  return run.consolidate(catalogs, union, duplicates)
}

interface Duplicates extends DuplicateColumns {
  readonly counts: NonNullable<CombineReport['duplicates']>
  /** Per catalog, before any draw. */
  readonly ties: readonly Readonly<Record<string, number>>[]
}

class Run {
  private readonly reports: PreparationReport[] = []
  private readonly warnings: string[] = []

  constructor(
    private readonly parameters: CombineParameters,
    private readonly settings: Settings,
    private readonly rules: Rules,
    private readonly options: CombineOptions,
  ) {
    for (const warning of [...parameters.warnings, ...rules.notes]) this.warn(warning)
  }

  private warn(message: string): void {
    this.warnings.push(message)
    this.options.log?.('warn', message)
  }

  private info(message: string): void {
    this.options.log?.('info', message)
  }

  /** Lets the signal be heard, then tells how far the run is. */
  private async reached(stage: Stage, done: number, total: number): Promise<void> {
    await nextTurn()
    this.options.signal?.throwIfAborted()
    this.options.onProgress?.({ stage, done, total })
  }

  async prepareAll(inputs: Iterable<CatalogInput> | AsyncIterable<CatalogInput>): Promise<PreparedCatalog[]> {
    const catalogs: PreparedCatalog[] = []
    const problems: Problem[] = []
    const prefixes = new Map<string, string>()
    const columnNames = new Set<string>()
    const total = Array.isArray(inputs) ? inputs.length : 0
    for await (const input of inputs) {
      await this.reached('preparation', this.reports.length, total)
      const { catalog, report, problems: found } = prepare(input, this.parameters, this.settings, this.rules)
      this.reports.push(report)
      for (const name of input.columnNames) columnNames.add(name)
      for (const warning of report.warnings) this.warn(warning)
      this.info(
        `[${report.name}] ${report.rowsRead} rows read, ${report.rowsKept} kept; flags ${JSON.stringify(report.flags)}, types ${JSON.stringify(report.types)}`,
      )
      problems.push(...found, ...samePrefix(input.name, prefixes))
      if (catalog) catalogs.push(catalog)
    }
    if (this.reports.length === 0)
      throw new CombineError('no_inputs', 'There are no catalogs to combine: choose at least one product.')
    for (const warning of missingExtras(this.parameters.extraColumns, columnNames)) this.warn(warning)
    if (this.parameters.combineType !== 'concatenate' && problems.length === 0)
      problems.push(...priorityProblems(catalogs, this.settings))
    if (problems.length > 0) throw CombineError.ofProblems(problems)
    if (catalogs.length === 0) throw this.everythingCut()
    return catalogs
  }

  private everythingCut(): CombineError {
    const each = this.reports.map(
      (report) =>
        `${report.name}: of ${report.rowsRead} rows ${report.rowsBelowCut} below the cut, ${report.starsRemoved} stars removed, ${report.rowsWithInvalidCoordinates} without valid coordinates`,
    )
    return new CombineError(
      'everything_cut',
      `All input catalogs became empty after applying the z_flag_homogenized cut (${this.parameters.flagCut ?? 'no cut'}). ` +
        `${each.join('; ')}. Lower z_flag_homogenized_value_to_cut, or set it to 0.`,
    )
  }

  async markDuplicates(catalogs: readonly PreparedCatalog[], union: Union): Promise<Duplicates> {
    const { pairs: findPairs = skyPairs, signal, onProgress } = this.options
    await this.reached('neighbours', 0, 1)
    // Not the whole answer, which may carry separations: there can be millions of pairs.
    const { left, right } = await findPairs(
      toNumbers(union.get('ra')!),
      toNumbers(union.get('dec')!),
      this.settings.crossmatchRadiusArcsec,
      {
        ...(signal ? { signal } : {}),
        ...(onProgress ? { onProgress: (done) => onProgress({ stage: 'neighbours', done, total: 1 }) } : {}),
      },
    )
    const pairs = { left, right }
    await this.reached('ties', 0, 1)
    const ids = textsOf(union.get('CRD_ID')!)
    const neighbours = neighboursOf(ids.length, pairs)
    const isStar = starsOf(union)
    const groups = duplicateGroups(ids.length, pairs, isStar)
    const scores = scoresOfPriorities(catalogs, union, this.settings)
    const priorTieResult = joined(catalogs)
    const z = toNumbers(union.get('z')!)
    const tieResult = resolveTies({ ids, z, isStar, priorTieResult, scores, groups }, this.settings.deltaZThreshold)
    const groupId = groupIds(groups, neighbours, isStar)
    const ties = tiesPerCatalog(catalogs, tieResult)
    const hardTies = new Set<bigint>()
    for (let row = 0; row < tieResult.length; row++) if (tieResult[row] === TIE.tied) hardTies.add(groupId[row]!)
    const { combineType, tieTreatment, seed } = this.parameters
    const draws = combineType === 'concatenate_and_remove_duplicates' && tieTreatment === 'draw_one'
    const counts = {
      pairs: pairs.left.length,
      groups: groups.size.reduce((count, size) => count + (size > 1 ? 1 : 0), 0),
      largestGroup: groups.size.reduce((most, size) => Math.max(most, size), 0),
      hardTies: hardTies.size,
      drawnTies: draws ? drawTies(tieResult, groupId, ids, seed) : 0,
    }
    this.info(
      `${counts.pairs} pairs within ${this.settings.crossmatchRadiusArcsec} arcsec make ${counts.groups} groups of duplicates; ${counts.hardTies} hard ties`,
    )
    return { tieResult, groupId, comparedTo: comparedTo(neighbours, ids), counts, ties }
  }

  async consolidate(
    catalogs: readonly PreparedCatalog[],
    union: Union,
    duplicates: Duplicates | null,
  ): Promise<CombineResult> {
    await this.reached('consolidation', 0, 1)
    const prepared = union.get('CRD_ID')!.values.length
    const rows = duplicates ? rowsToKeep(duplicates.tieResult, this.parameters) : null
    if (rows?.length === 0) throw emptyResult(duplicates!, this.parameters)
    const columns: OutputColumn[] = []
    const emptyColumns: string[] = []
    const extras = new Set(this.parameters.extraColumns.map(({ name }) => name))
    // As in the reference, a HATS catalog has all columns, whatever is in them.
    const keepsEmpty = this.parameters.outputFormat === 'hats'
    for (const [name, whole] of inOutputOrder(union, duplicates)) {
      const column = rows && rows.length < prepared ? takeRows(whole, rows) : whole
      if (!keepsEmpty && !extras.has(name) && isAllNull(column)) emptyColumns.push(name)
      else columns.push({ name, type: columnType(column), column })
    }
    if (emptyColumns.length > 0) this.info(`Columns without any value are left out: ${emptyColumns.join(', ')}`)
    const rowsInResult = rows?.length ?? prepared
    await this.reached('consolidation', 1, 1)
    return {
      table: { rows: rowsInResult, columns },
      columnsAssoc: associations(columns),
      report: {
        settings: this.settings,
        catalogs: this.catalogReports(catalogs, duplicates, rows),
        warnings: this.warnings,
        rowsPrepared: prepared,
        rowsInResult,
        duplicates: duplicates?.counts ?? null,
        emptyColumns,
      },
    }
  }

  private catalogReports(
    catalogs: readonly PreparedCatalog[],
    duplicates: Duplicates | null,
    rows: Uint32Array | null,
  ): CatalogReport[] {
    const ends = endsOf(catalogs)
    const inResult = catalogs.map(({ rows: count }) => (rows ? 0 : count))
    if (rows) {
      let at = 0
      for (const row of rows) {
        while (row >= ends[at]!) at++
        inResult[at]!++
      }
    }
    return this.reports.map((report) => {
      const at = catalogs.findIndex(({ name }) => name === report.name)
      return { ...report, ties: duplicates?.ties[at] ?? {}, rowsInResult: inResult[at] ?? 0 }
    })
  }
}

function samePrefix(name: string, prefixes: Map<string, string>): Problem[] {
  const prefix = /^(\d+)_/.exec(name)?.[1]
  if (prefix === undefined) return []
  const other = prefixes.get(prefix)
  prefixes.set(prefix, other ?? name)
  if (other === undefined) return []
  const message =
    other === name
      ? `The catalog ${name} is given twice: leave one out.`
      : `The catalogs ${other} and ${name} begin with the same number, ${prefix}, so their rows would get the same CRD_IDs: rename one.`
  return [{ code: 'same_prefix', input: null, columns: [], message, rows: [], examples: [other, name] }]
}

function starsOf(union: Union): Uint8Array {
  const flags = union.get('z_flag_homogenized')
  const rows = union.get('CRD_ID')!.values.length
  const isStar = new Uint8Array(rows)
  if (!flags) return isStar
  const values = toNumbers(flags)
  for (let row = 0; row < rows; row++) if (values[row] === STAR) isStar[row] = 1
  return isStar
}

function joined(catalogs: readonly PreparedCatalog[]): Int8Array {
  const ends = endsOf(catalogs)
  const all = new Int8Array(ends.at(-1)!)
  for (const [i, { priorTieResult, rows }] of catalogs.entries()) all.set(priorTieResult, ends[i]! - rows)
  return all
}

/** The row after the last one of each catalog. */
function endsOf(catalogs: readonly PreparedCatalog[]): number[] {
  const ends: number[] = []
  for (const { rows } of catalogs) ends.push((ends.at(-1) ?? 0) + rows)
  return ends
}

function tiesPerCatalog(catalogs: readonly PreparedCatalog[], tieResult: Int8Array): Record<string, number>[] {
  const ends = endsOf(catalogs)
  return catalogs.map(({ rows }, i) => {
    const counts = [0, 0, 0, 0]
    for (const result of tieResult.subarray(ends[i]! - rows, ends[i]!)) counts[result]!++
    return Object.fromEntries([...counts.entries()].filter(([, count]) => count > 0))
  })
}

/** The rows that the mode leaves; null: all. */
function rowsToKeep(tieResult: Int8Array, { combineType, tieTreatment }: CombineParameters): Uint32Array | null {
  if (combineType !== 'concatenate_and_remove_duplicates') return null
  const rows = new Uint32Array(tieResult.length)
  let count = 0
  for (let row = 0; row < tieResult.length; row++) {
    const result = tieResult[row]
    if (result === TIE.winner || (result === TIE.tied && tieTreatment === 'keep_all')) rows[count++] = row
  }
  return rows.subarray(0, count)
}

function emptyResult({ tieResult }: Duplicates, { tieTreatment }: CombineParameters): CombineError {
  const count = (wanted: number) => tieResult.reduce((sum, result) => sum + (result === wanted ? 1 : 0), 0)
  const advice =
    tieTreatment === 'remove_all' && count(TIE.tied) > 0
      ? ' With tie_treatment_option keep_all or draw_one tied rows are kept.'
      : ''
  return new CombineError(
    'empty_result',
    `Final catalog is empty before export (${count(TIE.star)} stars, ${count(TIE.tied)} tied rows, ${count(TIE.loser)} losers were removed).${advice}`,
  )
}
