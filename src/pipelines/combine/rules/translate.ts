import { type Column, toNumbers } from '../columns.ts'
import { evaluateCondition, type Rows, type Vector } from './evaluate.ts'
import { ExpressionError } from './expression.ts'
import type { Rule } from './rules.ts'
import { checkCondition, type ValueType } from './types.ts'

/** The columns of a catalog as conditions see them. */
export interface RuleColumns {
  readonly columns: ReadonlyMap<string, Column>
  /** The numeric columns in which null is "unknown"; in all others it is NaN. */
  readonly normalised: ReadonlySet<string>
}

/** A condition that a catalog's columns do not fit. */
export interface ConditionFault {
  /** 1-based place in the rule's list of conditions. */
  readonly condition: number
  readonly source: string
  readonly reason: string
}

/** The conditions of a rule that cannot be evaluated with these columns. */
export function faultsOf<T>(rule: Rule<T>, { columns }: RuleColumns): ConditionFault[] {
  const typeOfName = (name: string): ValueType | undefined => {
    const column = columns.get(name)
    return column && VALUE_TYPES[column.kind]
  }
  const faults: ConditionFault[] = []
  for (const [i, { source, expression }] of rule.conditions.entries()) {
    try {
      checkCondition(expression, typeOfName)
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error
      faults.push({ condition: i + 1, source, reason: error.message })
    }
  }
  return faults
}

const VALUE_TYPES = { float: 'number', integer: 'number', boolean: 'boolean', text: 'text' } as const

/**
 * Applies a rule to rows of one survey: default, then the direct map, then the conditions, of which the last true one wins.
 * @param direct the value of each row that the direct map is looked up with; null: no hit
 * @param rows the rows (0-based) of the survey
 * @returns one result per row of `rows`
 */
export function applyRule<T>(
  rule: Rule<T>,
  direct: (row: number) => T | null,
  rows: Uint32Array,
  ruleColumns: RuleColumns,
): (T | null)[] {
  const results: (T | null)[] = new Array(rows.length)
  for (let i = 0; i < rows.length; i++) {
    const key = rule.direct.size > 0 ? direct(rows[i]!) : null
    results[i] = key !== null && rule.direct.has(key) ? rule.direct.get(key)! : rule.fallback
  }
  const vectors = new Map<string, Vector>()
  const selected: Rows = {
    count: rows.length,
    column(name) {
      const vector = vectors.get(name) ?? vectorOf(name, rows, ruleColumns)
      vectors.set(name, vector)
      return vector
    },
  }
  for (const { expression, result } of rule.conditions) {
    const isTrue = evaluateCondition(expression, selected)
    for (let i = 0; i < rows.length; i++) if (isTrue[i]) results[i] = result
  }
  return results
}

function vectorOf(name: string, rows: Uint32Array, { columns, normalised }: RuleColumns): Vector {
  const column = columns.get(name)
  if (!column) throw new RangeError(`There is no column '${name}'`)
  if (column.kind === 'text') {
    return { type: 'text', values: column.values.take(rows).strings() }
  }
  if (column.kind === 'boolean') {
    const values = Uint8Array.from(rows, (row) => (column.nulls?.[row] ? 2 : column.values[row]!))
    return { type: 'boolean', values }
  }
  const all = toNumbers(column)
  const values = Float64Array.from(rows, (row) => all[row]!)
  const nulls = normalised.has(name) ? Uint8Array.from(values, (value) => (Number.isNaN(value) ? 1 : 0)) : null
  const precision = column.kind === 'float' && column.values instanceof Float32Array ? 'single' : 'double'
  return { type: 'number', values, nulls, whole: column.kind === 'integer', precision }
}
