import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ColumnType } from '../../tables/table.ts'
import type { CatalogInput } from './catalog.ts'
import { type Column, isAllNull, takeRows, textColumn, toNumbers, toTexts } from './columns.ts'
import type { CastType } from './extra-columns.ts'
import { duplicateGroups, groupIds } from './groups.ts'
import { comparedTo, type Neighbours, neighboursOf, type PairFinder, skyPairs } from './neighbours.ts'
import type { CombineParameters } from './parameters.ts'
import { type PreparationReport, type PreparedCatalog, prepare, STAR } from './prepare.ts'
import { CombineError, type Problem, quoted } from './problems.ts'
import type { Rules } from './rules/rules-file.ts'
import { type Settings, settingsOf } from './settings.ts'
import { drawTies, resolveTies, scoresOf, TIE } from './ties.ts'
import { concatenate } from './union.ts'

/** A column of the result. */
export interface OutputColumn {
  readonly name: string
  readonly type: ColumnType
  readonly column: Column
}

/** The combined catalog: rows in the order of the inputs, then of each input's rows. */
export interface CombinedTable {
  readonly rows: number
  readonly columns: readonly OutputColumn[]
}

/** What became of one input. */
export interface CatalogReport extends PreparationReport {
  /** Kept rows by `tie_result`, before duplicates are removed; empty when ties were not resolved. */
  readonly ties: Readonly<Record<string, number>>
  readonly rowsInResult: number
}

/** What a run did, for its log and metrics. Plain JSON. */
export interface CombineReport {
  readonly settings: Settings
  readonly catalogs: readonly CatalogReport[]
  readonly warnings: readonly string[]
  /** Rows of all inputs after preparation, and of the result. */
  readonly rowsPrepared: number
  readonly rowsInResult: number
  /** Null in concatenate mode, where no neighbours are looked for. */
  readonly duplicates: {
    readonly pairs: number
    /** Groups of two or more rows, without stars. */
    readonly groups: number
    readonly largestGroup: number
    readonly hardTies: number
    readonly drawnTies: number
  } | null
  /** Columns without any value, which the result does not have. */
  readonly emptyColumns: readonly string[]
}

export interface CombineResult {
  readonly table: CombinedTable
  /** Which column stands for what, for the product that the result becomes. */
  readonly columnsAssoc: Readonly<Record<string, string>>
  readonly report: CombineReport
}

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

/** The columns of all catalogs put together, in the order of the output. */
type Union = Map<string, Column>

interface Duplicates {
  readonly tieResult: Int8Array
  readonly groupId: BigInt64Array
  readonly comparedTo: readonly (string | null)[]
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
    const total = Array.isArray(inputs) ? inputs.length : 0
    for await (const input of inputs) {
      await this.reached('preparation', this.reports.length, total)
      const { catalog, report, problems: found } = prepare(input, this.parameters, this.settings, this.rules)
      this.reports.push(report)
      for (const warning of report.warnings) this.warn(warning)
      this.info(
        `[${report.name}] ${report.rowsRead} rows read, ${report.rowsKept} kept; flags ${JSON.stringify(report.flags)}, types ${JSON.stringify(report.types)}`,
      )
      problems.push(...found, ...samePrefix(input.name, prefixes))
      if (catalog) catalogs.push(catalog)
    }
    if (this.reports.length === 0)
      throw new CombineError('no_inputs', 'There are no catalogs to combine: choose at least one product.')
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
    const ids = toTexts(union.get('CRD_ID')!) as readonly string[]
    const neighbours: Neighbours = neighboursOf(ids.length, pairs)
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
    for (const [name, whole] of inOutputOrder(union, duplicates)) {
      const column = rows && rows.length < prepared ? takeRows(whole, rows) : whole
      if (!extras.has(name) && isAllNull(column)) emptyColumns.push(name)
      else columns.push({ name, type: typeOf(column), column })
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

const HOMOGENIZED = ['z_flag_homogenized', 'instrument_type_homogenized']

/** Priorities that no catalog has, or that are text where numbers are needed. */
function priorityProblems(catalogs: readonly PreparedCatalog[], settings: Settings): Problem[] {
  if (catalogs.length === 0) return []
  const names = settings.tiebreakingPriority.map(({ column }) => column).filter((name) => !HOMOGENIZED.includes(name))
  const missing = names.filter((name) => catalogs.every(({ priorities }) => !priorities.has(name)))
  const problems: Problem[] = []
  if (missing.length > 0)
    problems.push({
      code: 'missing_priority_columns',
      input: null,
      columns: missing,
      message: `Missing priority columns in main: ${quoted(missing)}. No catalog has these columns of tiebreaking_priority; name columns as the catalogs do (or ra, dec, z, z_err, z_flag).`,
      rows: [],
      examples: missing,
    })
  for (const { name: input, priorities } of catalogs)
    for (const name of names) {
      const column = priorities.get(name)
      if (column?.kind !== 'text' || isAllNull(column)) continue
      problems.push({
        code: 'not_numeric',
        input,
        columns: [name],
        message: `[${input}] '${name}' is text, but tiebreaking_priority needs numbers: name another column.`,
        rows: [],
        examples: column.values.filter((text) => text !== null).slice(0, 5),
      })
    }
  return problems
}

const TYPES: ReadonlyMap<string, CastType> = new Map<string, CastType>([
  ...['id', 'instrument_type', 'survey', 'source', 'original_source', 'instrument_type_homogenized'].map(
    (name) => [name, 'str'] as const,
  ),
  ...['ra', 'dec', 'z', 'z_flag', 'z_err', 'z_flag_homogenized'].map((name) => [name, 'float'] as const),
  ...['is_in_DP1_fields', 'is_in_rubin_footprint'].map((name) => [name, 'int'] as const),
])

/** The fixed columns of the output, in order. `tie_result` and `compared_to` have their places among them. */
const COLUMN_ORDER = [
  'CRD_ID',
  'id',
  'ra',
  'dec',
  'z',
  'z_flag',
  'z_err',
  'instrument_type',
  'survey',
  'source',
  'original_source',
  'tie_result',
  'is_in_DP1_fields',
  'is_in_rubin_footprint',
  'compared_to',
  'z_flag_homogenized',
  'instrument_type_homogenized',
]

function uniteColumns(
  catalogs: readonly PreparedCatalog[],
  parameters: CombineParameters,
  settings: Settings,
  rules: Rules,
): Union {
  const types = new Map<string, CastType>(TYPES)
  const rows = catalogs.map(({ rows: count }) => count)
  for (const [name, type] of rules.expressionColumnTypes) if (!types.has(name)) types.set(name, type)
  for (const { column } of settings.tiebreakingPriority) if (!types.has(column)) types.set(column, 'float')
  for (const { name, type } of parameters.extraColumns) types.set(name, type)
  const union: Union = new Map([['CRD_ID', textColumn(catalogs.flatMap(({ crdIds }) => crdIds))]])
  for (const name of new Set([...COLUMN_ORDER, ...catalogs.flatMap(({ columns }) => [...columns.keys()])])) {
    const parts = catalogs.map(({ columns }) => columns.get(name) ?? null)
    if (parts.some((part) => part !== null)) union.set(name, concatenate(parts, rows, types.get(name) ?? null))
  }
  return union
}

function starsOf(union: Union): Uint8Array {
  const flags = union.get('z_flag_homogenized')
  const rows = union.get('CRD_ID')!.values.length
  const isStar = new Uint8Array(rows)
  if (flags) for (const [row, flag] of toNumbers(flags).entries()) if (flag === STAR) isStar[row] = 1
  return isStar
}

function scoresOfPriorities(
  catalogs: readonly PreparedCatalog[],
  union: Union,
  settings: Settings,
): readonly Float64Array[] {
  const rows = catalogs.map(({ rows: count }) => count)
  return settings.tiebreakingPriority.map(({ column: name, better }) => {
    if (name === 'instrument_type_homogenized') {
      const score = new Map(Object.entries(settings.instrumentTypePriority))
      const types = toTexts(union.get(name)!)
      return scoresOf(
        Float64Array.from(types, (type) => score.get(type ?? '') ?? 0),
        better,
      )
    }
    const column = HOMOGENIZED.includes(name)
      ? union.get(name)!
      : concatenate(
          catalogs.map(({ priorities }) => priorities.get(name) ?? null),
          rows,
          'float',
        )
    return scoresOf(toNumbers(column), better)
  })
}

function joined(catalogs: readonly PreparedCatalog[]): Int8Array {
  const ends = endsOf(catalogs)
  const all = new Int8Array(ends.at(-1)!)
  for (const [i, { priorTieResult, rows }] of catalogs.entries()) all.set(priorTieResult, ends[i]! - rows)
  return all
}

/** The row after the last one of each catalog. */
function endsOf(catalogs: readonly PreparedCatalog[]): number[] {
  let end = 0
  return catalogs.map(({ rows }) => (end += rows))
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
  const rows: number[] = []
  for (let row = 0; row < tieResult.length; row++) {
    const result = tieResult[row]
    if (result === TIE.winner || (result === TIE.tied && tieTreatment === 'keep_all')) rows.push(row)
  }
  return Uint32Array.from(rows)
}

function emptyResult({ tieResult }: Duplicates, { tieTreatment }: CombineParameters): CombineError {
  const count = (wanted: number) => tieResult.reduce((sum, result) => sum + (result === wanted ? 1 : 0), 0)
  const advice =
    tieTreatment === 'remove_all' ? ' With tie_treatment_option keep_all or draw_one tied rows are kept.' : ''
  return new CombineError(
    'empty_result',
    `Final catalog is empty before export (${count(TIE.star)} stars, ${count(TIE.tied)} tied rows, ${count(TIE.loser)} losers were removed).${advice}`,
  )
}

function* inOutputOrder(union: Union, duplicates: Duplicates | null): Generator<[string, Column]> {
  const results = new Map<string, Column>()
  if (duplicates) {
    results.set('tie_result', { kind: 'integer', values: duplicates.tieResult, nulls: null })
    results.set('compared_to', textColumn(duplicates.comparedTo))
  }
  for (const name of COLUMN_ORDER) {
    const column = results.get(name) ?? union.get(name)
    if (column) yield [name, column]
  }
  for (const [name, column] of union) if (!COLUMN_ORDER.includes(name)) yield [name, column]
  if (duplicates) yield ['group_id', { kind: 'integer', values: duplicates.groupId, nulls: null }]
}

function typeOf(column: Column): ColumnType {
  if (column.kind === 'float') return 'float64'
  if (column.kind === 'text') return 'string'
  if (column.kind === 'boolean') return 'bool'
  return column.values instanceof Int8Array ? 'int8' : 'int64'
}

/** Which column stands for what: the homogenized flag for z_flag, CRD_ID for id, the others for themselves. */
function associations(columns: readonly OutputColumn[]): Record<string, string> {
  const has = (name: string) => columns.some((column) => column.name === name)
  const result: Record<string, string> = {}
  for (const [role, names] of [
    ['id', ['CRD_ID', 'id']],
    ['ra', ['ra']],
    ['dec', ['dec']],
    ['z', ['z']],
    ['z_flag', ['z_flag_homogenized', 'z_flag']],
    ['z_err', ['z_err']],
    ['survey', ['survey']],
  ] as const) {
    const name = names.find(has)
    if (name) result[role] = name
  }
  return result
}
