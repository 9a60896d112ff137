import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isNotFound } from '../blobs/directory.ts'
import { sweepTemporaryFiles, temporaryName } from '../blobs/temporary-files.ts'
import {
  type Column,
  floatColumn,
  type TextColumn,
  textColumn,
  toNumbers,
  toTexts,
} from '../pipelines/combine/columns.ts'
import { gatherColumns } from '../pipelines/training-set/gather.ts'
import { SkyError } from '../sky/errors.ts'
import { positionsOf } from '../sky/positions.ts'
import { type ConeResult, SkyIndex } from '../sky/sky-index.ts'
import type { TaskFunction } from '../tables/child/task.ts'
import { openTable } from '../tables/open.ts'
import type { ColumnDescription, TableLimits, TableReader, TableSource } from '../tables/table.ts'
import { outputTableOf } from '../tables/writers/output-table.ts'
import { writeTable } from '../tables/writers/write-table.ts'
import { numbersOf } from './plots/column-values.ts'

/** A column with positions, and how many degrees one of its units is. */
export interface AngleColumn {
  readonly column: string
  readonly degrees: number
}

export interface ConeArguments {
  readonly source: TableSource
  readonly limits: TableLimits
  readonly ra: AngleColumn
  readonly dec: AngleColumn
  /** Columns to give, in order; null: all. */
  readonly columns: readonly string[] | null
  /** Degrees; RA in [0, 360). */
  readonly centre: { readonly ra: number; readonly dec: number }
  /** Arcsec, above 0; null: the columns alone. */
  readonly radius: number | null
  readonly mostRows: number
  readonly mostCells: number
  /** The file of the sky index, in a folder of such files that may hold `mostIndexBytes`. */
  readonly indexPath: string
  readonly mostIndexBytes: number
  /** Null: give the columns; else write a VOTable. */
  readonly votable: ConeVotable | null
}

export interface ConeVotable {
  readonly path: string
  readonly title: string
  readonly infos: Readonly<Record<string, string>>
  /** The product's ids; null: rows are numbered instead, from 1. */
  readonly id: string | null
}

/** A column as it leaves the child process: texts as strings, since classes do not survive the journey. */
export type FoundColumn =
  | Exclude<Column, TextColumn>
  | { readonly kind: 'text'; readonly values: readonly (string | null)[] }

interface Found<C> {
  readonly rows: number
  /** Whether more rows lie in the cone than were given: the others are further from the centre. */
  readonly truncated: boolean
  readonly columns: readonly (ColumnDescription & { readonly column: C })[]
  /** Arcsec from the centre. */
  readonly separation: Float64Array
}

export type ConeFound = Found<FoundColumn>

/**
 * Searches a cone in a table. The sky index is read from its file, or built and kept there; rows are read from the table
 * itself, for the hits alone. A VOTable has the three columns that the Simple Cone Search asks for, under its own UCDs.
 */
export const run: TaskFunction<ConeArguments, ConeFound> = async (args) => {
  const reader = await openTable(args.source, args.limits)
  try {
    const columns = reader.columns.filter(({ name }) => args.columns === null || args.columns.includes(name))
    const mostRows = Math.min(args.mostRows, Math.max(1, Math.floor(args.mostCells / columns.length)))
    const { rows, separation } = await search(reader, args, mostRows + 1)
    const kept = Math.min(rows.length, mostRows)
    const hits = rows.slice(0, kept)
    const part = {
      name: args.source.fileName,
      rows: null,
      batches: (names: readonly string[]) => reader.batches({ columns: names }),
    }
    const places = { part: new Uint32Array(kept), row: hits }
    const gathered = await gatherColumns(places, [part], columns, {})
    const found: Found<Column> = {
      rows: kept,
      truncated: rows.length > mostRows,
      columns: columns.map((column) => ({ ...column, column: gathered.get(column.name)! })),
      separation: separation.slice(0, kept),
    }
    if (args.votable === null) {
      return { ...found, columns: found.columns.map((each) => ({ ...each, column: foundColumn(each.column) })) }
    }
    await writeVotable(found, hits, args, args.votable)
    return { ...found, columns: [], separation: new Float64Array(0) }
  } finally {
    await reader.close()
  }
}

const foundColumn = (column: Column): FoundColumn =>
  column.kind === 'text' ? { kind: 'text', values: column.values.strings() } : column

async function search(reader: TableReader, args: ConeArguments, limit: number): Promise<ConeResult> {
  const { centre, radius } = args
  if (radius === null || args.mostRows === 0) return { rows: new Uint32Array(0), separation: new Float64Array(0) }
  const index = (await keptIndex(args.indexPath)) ?? (await buildIndex(reader, args))
  return index.cone(centre.ra, centre.dec, radius, limit)
}

async function keptIndex(path: string): Promise<SkyIndex | null> {
  try {
    const index = SkyIndex.load(await readFile(path))
    const now = new Date()
    await utimes(path, now, now) // the least recently used ones go first
    return index
  } catch (error) {
    // A damaged index is built again, in its place.
    if (isNotFound(error) || (error instanceof SkyError && error.code === 'bad_index')) return null
    throw error
  }
}

async function buildIndex(reader: TableReader, args: ConeArguments): Promise<SkyIndex> {
  const ra: Float64Array[] = []
  const dec: Float64Array[] = []
  for await (const batch of reader.batches({ columns: [args.ra.column, args.dec.column] })) {
    const [ras, decs] = batch.data.children
    if (ras === undefined || decs === undefined) throw new Error('The reader left out a column')
    ra.push(scaled(numbersOf(ras), args.ra.degrees))
    dec.push(scaled(numbersOf(decs), args.dec.degrees))
  }
  const index = SkyIndex.build(positionsOf(joined(ra), joined(dec)))
  const folder = dirname(args.indexPath)
  await mkdir(folder, { recursive: true })
  await sweepTemporaryFiles(folder)
  const partial = join(folder, temporaryName())
  await writeFile(partial, new Uint8Array(index.buffer))
  await rename(partial, args.indexPath)
  await dropOldest(folder, args.mostIndexBytes, args.indexPath)
  return index
}

const scaled = (values: Float64Array, factor: number): Float64Array =>
  factor === 1 ? values : values.map((value) => value * factor)

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** Drops the least recently used indexes until the folder is small enough. Another process may do so too. */
async function dropOldest(folder: string, mostBytes: number, keep: string): Promise<void> {
  const files = await Promise.all(
    (await readdir(folder))
      .filter((name) => name.endsWith('.sky'))
      .map(async (name) => {
        const path = join(folder, name)
        const facts = await stat(path).catch(() => null)
        return { path, size: facts?.size ?? 0, usedAt: facts?.mtimeMs ?? 0 }
      }),
  )
  let total = files.reduce((sum, { size }) => sum + size, 0)
  for (const { path, size } of files.sort((a, b) => a.usedAt - b.usedAt)) {
    if (total <= mostBytes || path === keep) continue
    await rm(path, { force: true })
    total -= size
  }
}

/** UCDs that the Simple Cone Search 1.03 (section 2.2) wants on exactly one column each. */
const SCS = { id: 'ID_MAIN', ra: 'POS_EQ_RA_MAIN', dec: 'POS_EQ_DEC_MAIN' } as const

/** What such a column says and holds instead. */
interface Special {
  readonly ucd: string
  readonly unit: string | null
  readonly column: (column: Column) => Column
}

async function writeVotable(
  { rows, columns, separation, truncated }: Found<Column>,
  hits: Uint32Array,
  { ra, dec }: ConeArguments,
  { path, title, infos, id }: ConeVotable,
): Promise<void> {
  const special = new Map<string, Special>()
  special.set(ra.column, { ucd: SCS.ra, unit: 'deg', column: inDegrees(ra) })
  special.set(dec.column, { ucd: SCS.dec, unit: 'deg', column: inDegrees(dec) })
  if (id !== null) special.set(id, { ucd: SCS.id, unit: null, column: (column) => textColumn(toTexts(column)) })
  const numbered =
    id === null
      ? [{ name: freeName('row', columns), column: textColumn(Array.from(hits, (row) => String(row + 1))) }]
      : []
  const distance = { name: freeName('_dist_arcsec', columns), column: floatColumn(separation) }
  const table = {
    rows,
    columns: [
      ...numbered,
      ...columns.map(({ name, column }) => ({ name, column: special.get(name)?.column(column) ?? column })),
      distance,
    ],
  }
  const words = Object.fromEntries([
    ...numbered.map(({ name }) => [name, { ucd: SCS.id, description: 'Row of the product, from 1.' }]),
    ...columns.map(({ name, unit, ucd, description }) => {
      const { ucd: main = ucd, unit: given = unit } = special.get(name) ?? {}
      return [name, { unit: given, ucd: main, description }]
    }),
    [distance.name, { unit: 'arcsec', ucd: 'pos.angDistance', description: 'From the centre of the cone.' }],
  ])
  const metadata = { title, dataOrigin: { QUERY_STATUS: truncated ? 'OVERFLOW' : 'OK', ...infos } }
  await writeTable('votable', outputTableOf(table, metadata, words), path, { votable: 'tabledata' })
}

const inDegrees =
  ({ degrees }: AngleColumn) =>
  (column: Column): Column =>
    floatColumn(scaled(toNumbers(column), degrees))

function freeName(name: string, columns: readonly { readonly name: string }[]): string {
  return columns.some((column) => column.name === name) ? freeName(`${name}_`, columns) : name
}
