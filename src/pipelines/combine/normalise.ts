import { Texts } from '../../tables/texts.ts'
import {
  type Column,
  cleanTexts,
  floatColumn,
  parseNumber,
  textColumn,
  textsOf,
  toNumbers,
  toTexts,
} from './columns.ts'
import type { Frame } from './mapping.ts'
import { EXAMPLES, type Problem } from './problems.ts'
import { TEXT_FLAGS } from './text-flags.ts'

const TEXT_COLUMNS = ['id', 'instrument_type', 'survey', 'instrument_type_homogenized']
const NUMBER_COLUMNS = ['ra', 'dec', 'z', 'z_err', 'z_flag', 'z_flag_homogenized']

/** The columns in which null is "unknown" in conditions; in all others a null number is NaN. */
export const NORMALISED_NUMBERS: ReadonlySet<string> = new Set(NUMBER_COLUMNS)

/**
 * Gives the pipeline's columns their types (section 1.3.7 of the reference), in place: clean text, surveys in upper case,
 * `type` as lower-case text, numbers as float64 with the letters of JADES and VIMOS translated.
 * @returns the columns that are not numeric, as problems
 */
export function normalise(frame: Frame): Problem[] {
  const { columns, rows, name } = frame
  columns.set('source', textColumn(Texts.constant(name, rows)))
  for (const column of TEXT_COLUMNS) setText(columns, column)
  setText(columns, 'survey', (text) => text.toUpperCase())
  setText(columns, 'type', (text) => text.toLowerCase())
  translateTextFlags(frame)
  return NUMBER_COLUMNS.flatMap((column) => setNumbers(frame, column))
}

function setText(columns: Map<string, Column>, name: string, spell?: (text: string) => string): void {
  const column = columns.get(name)
  if (column) columns.set(name, textColumn(cleanTexts(textsOf(column), spell)))
}

/**
 * Translates the letters of surveys that have them. As in the reference, a catalog with any such survey has flags that are
 * no numbers taken as null in its other surveys too, instead of refused.
 */
function translateTextFlags(frame: Frame): void {
  const flags = frame.columns.get('z_flag')
  if (flags?.kind !== 'text') return
  const surveys = toTexts(frame.columns.get('survey')!)
  if (!surveys.some((survey) => survey !== null && TEXT_FLAGS.has(survey))) return
  const unknown = new Map<string, number>()
  const numbers = Float64Array.from(flags.values.strings(), (text, row) => {
    if (text === null) return Number.NaN
    const number = parseNumber(text)
    if (number !== undefined) return number
    const flag = TEXT_FLAGS.get(surveys[row] ?? '')?.get(text.trim().toUpperCase())
    if (flag === undefined) unknown.set(text, (unknown.get(text) ?? 0) + 1)
    return flag ?? Number.NaN
  })
  if (unknown.size > 0) {
    const words = [...unknown.keys()].slice(0, EXAMPLES).map((text) => `'${text}'`)
    const count = [...unknown.values()].reduce((sum, n) => sum + n, 0)
    frame.warnings.push(
      `[${frame.name}] ${count} flags are neither numbers nor known letters and were taken as null: ${words.join(', ')}`,
    )
  }
  frame.columns.set('z_flag', floatColumn(numbers))
}

function setNumbers(frame: Frame, name: string): Problem[] {
  const column = frame.columns.get(name)
  if (!column) return []
  const problem = column.kind === 'text' ? notNumeric(frame, name, column.values.strings()) : null
  frame.columns.set(name, floatColumn(toNumbers(column)))
  return problem ? [problem] : []
}

function notNumeric(frame: Frame, name: string, texts: readonly (string | null)[]): Problem | null {
  const rows: number[] = []
  const examples = new Set<string>()
  let count = 0
  for (const [row, text] of texts.entries()) {
    if (text === null || parseNumber(text) !== undefined) continue
    count++
    if (rows.length < EXAMPLES) rows.push(row + 1)
    if (examples.size < EXAMPLES) examples.add(text.slice(0, 80))
  }
  if (count === 0) return null
  const role = [...frame.mapping].find(([target]) => target === name)
  const origin = role && role[1] !== name ? ` (the catalog's '${role[1]}')` : ''
  return {
    code: 'not_numeric',
    input: frame.name,
    columns: [name],
    message:
      `[${frame.name}] Failed to convert '${name}'${origin} to numeric: ${count} non-numeric value(s). ` +
      `Examples: [${[...examples].map((text) => JSON.stringify(text)).join(', ')}], first in rows ${rows.join(', ')}. ` +
      'Correct these values, or associate a column of numbers.',
    rows,
    examples: [...examples],
  }
}
