import type { TableFormat } from '../../tables/table.ts'
import type { Texts } from '../../tables/texts.ts'
import { quoted } from '../names.ts'
import {
  type Column,
  cleanTexts,
  floatColumn,
  NULL_WORDS_OF_FILES,
  parseNumber,
  textColumn,
  toNumbers,
} from './columns.ts'
import { EXAMPLES } from './problems.ts'

/** How the text columns of a catalog are used, which decides what may become of their texts. */
export interface TextUses {
  /** Ids, surveys and the like: texts, whatever they look like. */
  readonly words: ReadonlySet<string>
  /** What conditions, priorities and the numeric roles read: numbers, if the texts of a CSV file are. */
  readonly values: ReadonlySet<string>
}

const BOOLEANS: ReadonlyMap<string, number> = new Map([
  ['false', 0],
  ['true', 1],
])

/**
 * Gives columns the types that the reference gives them (section 1.3.1): CSV, FITS and HDF5 know neither nulls nor
 * (as many programs write them) booleans, so words stand for these; and a CSV column of which at least 99.5 % are numbers
 * is one of numbers, the other cells null. Integers with nulls are often stored as floats there: what becomes text is printed
 * without the `.0`. In the other formats a text is a text, and a float a float.
 * @returns the columns, and what was lost on the way
 */
export function withTypes(
  columns: ReadonlyMap<string, Column>,
  format: TableFormat,
  { words, values }: TextUses,
): { readonly columns: ReadonlyMap<string, Column>; readonly warnings: readonly string[] } {
  if (format !== 'csv' && format !== 'fits' && format !== 'hdf5') return { columns, warnings: [] }
  const typed = new Map(columns)
  const warnings: string[] = []
  for (const [name, column] of columns) {
    if (column.kind === 'float' && !values.has(name)) typed.set(name, asIntegers(toNumbers(column)) ?? column)
    if (column.kind !== 'text') continue
    const texts = cleanTexts(column.values, undefined, NULL_WORDS_OF_FILES)
    const isValue = format === 'csv' && values.has(name)
    const asValues = words.has(name) ? null : (booleansOf(texts) ?? (isValue ? numbersOf(texts) : null))
    typed.set(name, asValues?.column ?? textColumn(texts))
    if (asValues?.lost) warnings.push(`'${name}' is a column of numbers: ${asValues.lost}`)
  }
  return { columns: typed, warnings }
}

interface Values {
  readonly column: Column
  /** Which cells became null, in words. */
  readonly lost: string | null
}

/** Null when some text is neither true nor false, or when there is none. */
function booleansOf(texts: Texts): Values | null {
  const values = new Uint8Array(texts.length)
  const nulls = new Uint8Array(texts.length)
  for (let row = 0; row < values.length; row++) {
    const text = texts.at(row)
    const value = text === null ? null : BOOLEANS.get(text.toLowerCase())
    if (value === undefined) return null
    if (value === null) nulls[row] = 1
    else values[row] = value
  }
  return nulls.includes(0) ? { column: { kind: 'boolean', values, nulls: maskOf(nulls) }, lost: null } : null
}

/** Null when more than 0.5 % of the texts are no numbers, or when there is none. Whole numbers become integers. */
function numbersOf(texts: Texts): Values | null {
  const numbers = texts.numbers((text) => parseNumber(text) ?? Number.NaN)
  const examples = new Set<string>()
  let given = 0
  let lost = 0
  for (let row = 0; row < numbers.length; row++) {
    if (texts.isNull(row)) continue
    given++
    if (!Number.isNaN(numbers[row]!)) continue
    lost++
    if (examples.size < EXAMPLES) examples.add(texts.at(row)!.slice(0, 80))
  }
  if (given === 0 || 1000 * lost > 5 * given) return null
  return {
    column: asIntegers(numbers) ?? floatColumn(numbers),
    lost:
      lost === 0 ? null : `${lost} of its ${given} cells are no numbers and were taken as null: ${quoted(examples)}`,
  }
}

/** Whole numbers as integers, NaN as null; null when there are others. */
function asIntegers(numbers: Float64Array): Column | null {
  if (!numbers.every((number) => Number.isNaN(number) || Number.isSafeInteger(number))) return null
  const nulls = Uint8Array.from(numbers, (number) => (Number.isNaN(number) ? 1 : 0))
  return { kind: 'integer', values: BigInt64Array.from(numbers, (n) => BigInt(n || 0)), nulls: maskOf(nulls) }
}

const maskOf = (nulls: Uint8Array): Uint8Array | null => (nulls.includes(1) ? nulls : null)
