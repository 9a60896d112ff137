import { isUtf8 } from 'node:buffer'
import { type Data, DataType, type RecordBatch, type Vector } from 'apache-arrow'
import { isValid, textAt } from '../../tables/cell.ts'
import type { TableReader } from '../../tables/table.ts'
import { TextsBuilder } from '../../tables/texts.ts'
import { FOOTPRINT_COLUMNS } from './column-names.ts'
import { type Column, floatColumn, type IntegerArray, textColumn } from './columns.ts'
import type { CombineParameters } from './parameters.ts'
import { columnsReadBy, type Rules } from './rules/rules.ts'
import { type TextUses, withTypes } from './text-types.ts'

/** What a column of an input can stand for. */
export const ROLES = ['id', 'ra', 'dec', 'z', 'z_flag', 'z_err', 'survey', 'instrument_type'] as const
export type Role = (typeof ROLES)[number]

/** Which column stands for what; null or absent: none does. When two roles name one column, the later role has it. */
export type ColumnMapping = { readonly [role in Role]?: string | null }

/** A redshift catalog to combine, in columns. */
export interface CatalogInput {
  /** The product's internal name, `<product id>_<name>`; its digits become part of each row's CRD_ID. */
  readonly name: string
  readonly mapping: ColumnMapping
  readonly rows: number
  /** The names of all columns of the file, also of those that were not read. */
  readonly columnNames: readonly string[]
  /** The columns that were read, by their names in the file. */
  readonly columns: ReadonlyMap<string, Column>
  /** What a person should know of how it was read. */
  readonly warnings?: readonly string[]
}

/** The roles whose columns are texts, even if they look like numbers. */
export const TEXT_ROLES: ReadonlySet<Role> = new Set(['id', 'instrument_type', 'survey'])

/** Further columns that the pipeline reads when a catalog has them, whatever the mapping says: texts and numbers. */
const STANDARD_WORDS = ['type', 'CRD_ID', 'source', 'original_source', 'instrument_type_homogenized']
const STANDARD_NUMBERS = ['tie_result', 'z_flag_homogenized', ...FOOTPRINT_COLUMNS]

/** Columns of which only the name counts: they tell that a catalog is an earlier result. */
export const PRESENCE_COLUMNS = ['compared_to', 'group_id']

/** The columns that the pipeline reads besides extra columns, by how it reads them. */
function usesOf(mapping: ColumnMapping, parameters: CombineParameters, rules: Rules): TextUses {
  const rulesRead = [...columnsReadBy(rules)]
  const sources = (areTexts: boolean) =>
    ROLES.filter((role) => TEXT_ROLES.has(role) === areTexts).map((role) => mapping[role] ?? role)
  return {
    words: new Set([...sources(true), ...STANDARD_WORDS]),
    values: new Set([
      ...sources(false),
      ...STANDARD_NUMBERS,
      ...rulesRead,
      // A condition may read a column under the name that it has when it was in the way of a mapped one.
      ...rulesRead.map((name) => name.replace(/__orig\d*$/, '')),
      ...(parameters.tiebreakingPriority ?? rules.tiebreakingPriority).map(({ column }) => column),
    ]),
  }
}

/** Which of a catalog's columns the pipeline will read; all others can stay in the file. */
function neededColumns(columnNames: readonly string[], uses: TextUses, parameters: CombineParameters): string[] {
  const needed = new Set<string>([
    ...ROLES,
    ...uses.words,
    ...uses.values,
    ...parameters.extraColumns.flatMap(({ name, source }) => [name, source]),
  ])
  return columnNames.filter((name) => needed.has(name))
}

/**
 * Reads the needed columns of an open table.
 * @throws TableError when the file cannot be read
 */
export async function fromBatches(
  reader: TableReader,
  catalog: { readonly name: string; readonly mapping: ColumnMapping },
  parameters: CombineParameters,
  rules: Rules,
): Promise<CatalogInput> {
  const columnNames = reader.columns.map(({ name }) => name)
  const uses = usesOf(catalog.mapping, parameters, rules)
  const wanted = neededColumns(columnNames, uses, parameters)
  // A table that lacks every needed column still has rows, which its problems count.
  const read = wanted.length > 0 ? wanted : columnNames.slice(0, 1)
  const { rows, columns } = await readColumns(reader, read)
  return { ...catalog, rows, columnNames, ...withTypes(columns, reader.format, uses) }
}

/** Reads columns of an open table whole. @throws TableError when the file cannot be read */
export async function readColumns(
  reader: TableReader,
  names: readonly string[],
): Promise<{ readonly rows: number; readonly columns: ReadonlyMap<string, Column> }> {
  const parts: Vector[][] = names.map(() => [])
  let rows = 0
  for await (const batch of reader.batches({ columns: names })) {
    rows += batch.numRows
    for (const [i, vectors] of parts.entries()) vectors.push(childAt(batch, i))
  }
  return { rows, columns: new Map(names.map((name, i) => [name, columnOf(parts[i]!, rows)])) }
}

function childAt(batch: RecordBatch, index: number): Vector {
  const child = batch.getChildAt(index)
  if (child === null) throw new RangeError(`The batch has no column ${index}`)
  return child
}

/** One column from its pieces. Texts that repeat are kept once. */
function columnOf(parts: readonly Vector[], rows: number): Column {
  const type = parts[0]?.type
  if (type === undefined || DataType.isNull(type)) return floatColumn(new Float64Array(rows).fill(Number.NaN))
  if (DataType.isFloat(type))
    return floatsOf(parts, type.precision === 1 ? new Float32Array(rows) : new Float64Array(rows))
  if (DataType.isInt(type)) {
    const values = new (arrayOf(type))(rows)
    return { kind: 'integer', values, nulls: fillIntegers(parts, values) }
  }
  if (DataType.isBool(type)) {
    const values = new Uint8Array(rows)
    return { kind: 'boolean', values, nulls: fillIntegers(parts, values) }
  }
  return textsOf(parts, rows)
}

function floatsOf(parts: readonly Vector[], values: Float64Array | Float32Array): Column {
  let row = 0
  for (const data of dataOf(parts)) {
    values.set(data.values.subarray(0, data.length), row)
    if (data.nullCount > 0) {
      for (let i = 0; i < data.length; i++) if (!isValid(data, i)) values[row + i] = Number.NaN
    }
    row += data.length
  }
  return floatColumn(values)
}

/** Fills `values`; @returns the mask of nulls, null when there is none. */
function fillIntegers(parts: readonly Vector[], values: IntegerArray): Uint8Array | null {
  let nulls: Uint8Array | null = null
  let row = 0
  for (const data of dataOf(parts)) {
    if (DataType.isBool(data.type)) fillBits(data, values, row)
    else values.set(data.values.subarray(0, data.length), row)
    if (data.nullCount > 0) {
      nulls ??= new Uint8Array(values.length)
      for (let i = 0; i < data.length; i++) {
        if (isValid(data, i)) continue
        nulls[row + i] = 1
        values[row + i] = values instanceof BigInt64Array || values instanceof BigUint64Array ? 0n : 0
      }
    }
    row += data.length
  }
  return nulls?.includes(1) ? nulls : null
}

function fillBits(data: Data, values: IntegerArray, row: number): void {
  for (let i = 0; i < data.length; i++) {
    const bit = data.offset + i
    values[row + i] = (data.values[bit >> 3] >> (bit & 7)) & 1
  }
}

/** The pieces as Arrow keeps them: a look at each cell through a vector costs ten times as much. */
const dataOf = (parts: readonly Vector[]): Data[] => parts.flatMap((part) => part.data)

function arrayOf(type: {
  readonly bitWidth: number
  readonly isSigned: boolean
}): new (
  length: number,
) => IntegerArray {
  switch (type.bitWidth) {
    case 8:
      return type.isSigned ? Int8Array : Uint8Array
    case 16:
      return type.isSigned ? Int16Array : Uint16Array
    case 32:
      return type.isSigned ? Int32Array : Uint32Array
    default:
      return type.isSigned ? BigInt64Array : BigUint64Array
  }
}

function textsOf(parts: readonly Vector[], rows: number): Column {
  const texts = new TextsBuilder(rows)
  for (const data of dataOf(parts)) {
    const isTime = DataType.isTimestamp(data.type)
    const { values, valueOffsets: offsets } = data
    // What is no UTF-8 becomes so by way of a string.
    const isText = !isTime && isUtf8(values)
    for (let i = 0; i < data.length; i++) {
      if (!isValid(data, i)) texts.addNull()
      else if (isText) texts.add(values, offsets[i]!, offsets[i + 1]!)
      else texts.addText(isTime ? new Date(Number(values[i])).toISOString() : textAt(data, i))
    }
  }
  return textColumn(texts.finish())
}
