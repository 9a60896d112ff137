import { type Column, floatColumn, takeRows, textColumn } from '../combine/columns.ts'
import type { Matches } from './candidates.ts'
import { gatherColumns } from './gather.ts'
import { matchObjects } from './match-objects.ts'
import { type ColumnNames, type ColumnWords, columnNames, DISTANCE, IS_TRAINING_SET, SUBSET } from './naming.ts'
import { chooseObjectColumns, type ObjectColumns, valuesOf } from './object-columns.ts'
import type { ObjectSource } from './object-source.ts'
import type { TrainingSetParameters } from './parameters.ts'
import { type Problem, TrainingSetError } from './problems.ts'
import { RAIL_GROUP, type RailColumns, railReady } from './rail.ts'
import { type RedshiftCatalog, type RedshiftReport, selectRedshifts } from './redshifts.ts'
import type { TrainingSetColumn, TrainingSetReport, TrainingSetResult } from './result.ts'
import { splitRows, splitWarnings } from './split.ts'

export const STAGES = ['selection', 'matching', 'photometry', 'split'] as const
export type Stage = (typeof STAGES)[number]

/** How far a run is: `done` of `total` in the stage. */
export interface Progress {
  readonly stage: Stage
  readonly done: number
  readonly total: number
}

export interface TrainingSetOptions {
  readonly onProgress?: (progress: Progress) => void
  readonly signal?: AbortSignal
  readonly log?: (level: 'info' | 'warn', message: string) => void
}

/**
 * Makes a training set: the redshifts that have an object within the radius, each with the columns of its object. A
 * function of its arguments alone, with the same bits at each run. Of the object catalog no more is in memory than half a
 * million positions, and the wanted columns of the matched objects.
 *
 * The radius is strict, distances are great-circle distances, equal ones go to the smaller object id.
 * @throws TrainingSetError with all problems of both inputs; SkyError `too_many_pairs`; TableError; the signal's reason
 */
export async function makeTrainingSet(
  redshifts: RedshiftCatalog,
  objects: ObjectSource,
  parameters: TrainingSetParameters,
  options: TrainingSetOptions = {},
): Promise<TrainingSetResult> {
  const { signal, onProgress, log } = options
  const warnings: string[] = []
  const warn = (message: string) => {
    warnings.push(message)
    log?.('warn', message)
  }
  for (const message of parameters.warnings) warn(message)
  signal?.throwIfAborted()
  onProgress?.({ stage: 'selection', done: 0, total: 1 })
  const problems: Problem[] = []
  const selection = selectRedshifts(redshifts, parameters, problems)
  const chosen = chooseObjectColumns(objects, parameters, problems)
  if (selection === null || problems.length > 0) throw TrainingSetError.ofProblems(problems)
  const { positions, report } = selection
  if (positions.report.valid === 0) throw nothingSelected(report, parameters)
  log?.('info', `[${report.name}] ${positions.report.valid} of ${report.rowsRead} redshifts take part`)
  for (const message of chosen.notes) log?.('info', message)
  for (const message of chosen.warnings) warn(message)
  if (report.rowsWithInvalidCoordinates > 0) {
    warn(`${report.rowsWithInvalidCoordinates} redshifts without valid coordinates were left out`)
  }
  if (report.rowsWithOtherRa > 0) {
    warn(`${report.rowsWithOtherRa} redshifts with RA in [-180, 0) or of 360 were matched at RA in [0, 360)`)
  }
  if (report.rowsWithoutRedshift > 0) warn(`${report.rowsWithoutRedshift} rows have no redshift`)

  const parts = await objects.partsNear(positions, parameters.radiusArcsec)
  const rowsToRead = parts.reduce((sum, part) => sum + (part.rows ?? 0), 0)
  log?.('info', `${objects.name}: ${parts.length} parts lie near redshifts`)
  const abort = signal ? { signal } : {}
  const { matches, counts } = await matchObjects(positions, objects, parts, parameters, {
    ...abort,
    onProgress: (done) => onProgress?.({ stage: 'matching', done, total: Math.max(rowsToRead, done) }),
  })
  log?.(
    'info',
    `${matches.left.length} matches within ${parameters.radiusArcsec} arcsec among ${counts.objectsRead} objects`,
  )
  if (matches.left.length === 0) throw nothingMatched(objects, parameters)
  onProgress?.({ stage: 'photometry', done: 0, total: parts.length })
  const stored = await gatherColumns(matches, parts, chosen.read, {
    ...abort,
    onProgress: (done) => onProgress?.({ stage: 'photometry', done, total: parts.length }),
  })
  onProgress?.({ stage: 'split', done: 0, total: 1 })
  const split = splitColumns(matches, parameters)
  for (const message of split.warnings) warn(message)
  const columns = assembled(redshifts, chosen, stored, matches, split.columns)
  const names = namesOf(redshifts, chosen, split.columns)
  const named = withRailNames(columns, redshifts, objects, names, chosen, parameters)
  for (const name of named.gaveWay) {
    log?.(
      'info',
      `The column '${name}' is '${named.renamed.get(name)}' in the result, so that RAIL does not mistake it`,
    )
  }
  onProgress?.({ stage: 'split', done: 1, total: 1 })
  const rename = (name: string) => named.renamed.get(name) ?? name
  return {
    table: { rows: matches.left.length, columns: named.columns },
    words: wordsOf(redshifts, chosen, names, rename),
    columnsAssoc: associations(redshifts, names, rename),
    hdf5Group: parameters.railReady ? RAIL_GROUP : null,
    report: {
      redshifts: report,
      objects: { name: objects.name, rows: objects.rows, ...counts },
      ...matchReport(matches),
      fluxType: chosen.fluxType,
      computedColumns: chosen.columns
        .filter(({ computed }) => computed !== null)
        .map(({ description }) => rename(names.object.get(description.name)!)),
      subsets: split.counts,
      warnings,
    },
  }
}

function nothingSelected(
  { name, rowsRead, rowsNotSelected: left, rowsWithInvalidCoordinates: invalid }: RedshiftReport,
  { speczSelection }: TrainingSetParameters,
): TrainingSetError {
  const why = [
    left > 0 ? `specz_selection: ${speczSelection} leaves out ${left}` : '',
    invalid > 0 ? `${invalid} ${invalid === 1 ? 'has' : 'have'} no valid coordinates` : '',
  ].filter(Boolean)
  const advice = [
    left > 0 ? 'use specz_selection: all or another catalog' : '',
    invalid > 0 ? 'check its columns ra and dec' : '',
  ].filter(Boolean)
  return new TrainingSetError(
    'nothing_selected',
    rowsRead === 0
      ? `[${name}] The redshift catalog has no rows: choose another one.`
      : `[${name}] No redshift takes part. Of its ${rowsRead} rows, ${why.join(', and ')}: ${advice.join(', and ')}.`,
  )
}

function nothingMatched(objects: ObjectSource, { radiusArcsec }: TrainingSetParameters): TrainingSetError {
  return new TrainingSetError(
    'empty_result',
    `No redshift lies within ${radiusArcsec} arcsec of an object of ${objects.name}. Check that both catalogs cover the same sky and that their RA and Dec columns are in degrees, or use a larger radius.`,
  )
}

interface Split {
  readonly columns: readonly TrainingSetColumn[]
  /** Rows by subset. */
  readonly counts: Readonly<Record<string, number>>
  readonly warnings: readonly string[]
}

/** The columns that tell of the split: is_training_set, and the name of the subset when there are several. */
function splitColumns(matches: Matches, { split }: TrainingSetParameters): Split {
  if (split === null) return { columns: [], counts: {}, warnings: [] }
  const { shares, seed, named } = split
  const rows = splitRows(matches.left, matches.object, matches.idOf, shares, seed)
  const { subset } = rows
  const counts = Object.fromEntries(shares.map(({ name }) => [name, 0]))
  for (const place of subset) counts[shares[place]!.name]!++
  const isTraining = Int8Array.from(subset, (place) => (shares[place]!.name === 'train' ? 1 : 0))
  const columns: TrainingSetColumn[] = [
    { name: IS_TRAINING_SET, column: { kind: 'integer', values: isTraining, nulls: null } },
  ]
  if (named) {
    columns.push({ name: SUBSET, column: textColumn(Array.from(subset, (place) => shares[place]!.name)) })
  }
  return { columns, counts, warnings: splitWarnings(rows, shares) }
}

function namesOf(redshifts: RedshiftCatalog, chosen: ObjectColumns, split: readonly TrainingSetColumn[]): ColumnNames {
  return columnNames(
    redshifts.columnNames,
    chosen.columns.map(({ description }) => description.name),
    [DISTANCE, ...split.map(({ name }) => name)],
  )
}

/** All columns in their order: of the redshifts, of the objects, the distance, the split. */
function assembled(
  redshifts: RedshiftCatalog,
  chosen: ObjectColumns,
  stored: ReadonlyMap<string, Column>,
  matches: Matches,
  split: readonly TrainingSetColumn[],
): TrainingSetColumn[] {
  const names = namesOf(redshifts, chosen, split)
  return [
    ...redshifts.columnNames.map((name) => ({
      name: names.redshift.get(name)!,
      column: takeRows(redshifts.columns.get(name)!, matches.left),
    })),
    ...chosen.columns.map((column) => ({
      name: names.object.get(column.description.name)!,
      column: valuesOf(column, stored),
    })),
    { name: DISTANCE, column: floatColumn(matches.separation) },
    ...split,
  ]
}

function withRailNames(
  columns: readonly TrainingSetColumn[],
  redshifts: RedshiftCatalog,
  objects: ObjectSource,
  names: ColumnNames,
  { fluxType }: ObjectColumns,
  { railReady: isRailReady }: TrainingSetParameters,
): Pick<RailColumns, 'renamed' | 'gaveWay'> & { readonly columns: readonly TrainingSetColumn[] } {
  if (!isRailReady) return { columns, renamed: new Map(), gaveWay: [] }
  return railReady(columns, fluxType, {
    z: names.redshift.get(redshifts.mapping.z ?? '')!,
    objectId: objects.roles.id === null ? null : (names.object.get(objects.roles.id) ?? null),
    objects: new Set(names.object.values()),
  })
}

function wordsOf(
  redshifts: RedshiftCatalog,
  chosen: ObjectColumns,
  names: ColumnNames,
  rename: (name: string) => string,
): Record<string, ColumnWords> {
  const words: Record<string, ColumnWords> = {}
  for (const [name, said] of redshifts.words) {
    const column = names.redshift.get(name)
    if (column !== undefined) words[rename(column)] = said
  }
  for (const { description } of chosen.columns) {
    const { name, unit, ucd, description: said } = description
    words[rename(names.object.get(name)!)] = { unit, ucd, description: said }
  }
  words[DISTANCE] = { unit: 'arcsec', ucd: 'pos.angDistance', description: 'From the redshift to its object.' }
  words[IS_TRAINING_SET] = { unit: null, ucd: 'meta.code.class', description: '1: for training, 0: not.' }
  words[SUBSET] = { unit: null, ucd: 'meta.code.class', description: 'The subset of the object.' }
  return words
}

/** Which column of the result stands for what: all roles that the redshift catalog has. */
function associations(
  { mapping }: RedshiftCatalog,
  names: ColumnNames,
  rename: (name: string) => string,
): Record<string, string> {
  const result: Record<string, string> = {}
  for (const [role, column] of Object.entries(mapping)) {
    const name = column === null || column === undefined ? undefined : names.redshift.get(column)
    if (name !== undefined) result[role] = rename(name)
  }
  return result
}

function matchReport(
  matches: Matches,
): Omit<TrainingSetReport, 'redshifts' | 'objects' | 'fluxType' | 'computedColumns' | 'subsets' | 'warnings'> {
  const { left, separation, objects } = matches
  const sorted = separation.slice().sort()
  return {
    rows: left.length,
    redshiftsMatched: new Set(left).size,
    objectsMatched: objects,
    medianSeparation: sorted[sorted.length >> 1] ?? null,
  }
}
