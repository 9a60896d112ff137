import { floatText, parseNumber } from '../columns.ts'
import type { ArithmeticOperator, Comparison, ComparisonOperator, Expression, FunctionName } from './expression.ts'

/**
 * The values of an expression, one per row, with the null semantics that the reference's rules were written for
 * (pandas): normalised columns are three-valued, raw numeric columns hold IEEE NaN.
 *
 * - numbers: `nulls` has a 1 where the value is null, which makes every comparison unknown; it is null for raw numbers, whose
 *   NaN compares as IEEE says (different from everything). `whole` tells integers from floats, which `str` prints differently.
 *   `precision` is that of the column; a number of the expression takes any, so that 0.9 equals the 0.9 of a float32 column.
 * - text: null makes every comparison unknown.
 * - boolean: 0 false, 1 true, 2 unknown.
 */
export type Vector =
  | {
      readonly type: 'number'
      readonly values: Float64Array
      readonly nulls: Uint8Array | null
      readonly whole: boolean
      readonly precision: 'single' | 'double' | 'any'
    }
  | { readonly type: 'text'; readonly values: readonly (string | null)[] }
  | { readonly type: 'boolean'; readonly values: Uint8Array }

type NumberVector = Vector & { type: 'number' }
type TextVector = Vector & { type: 'text' }
type BooleanVector = Vector & { type: 'boolean' }

const FALSE = 0
const TRUE = 1
const UNKNOWN = 2

/** The rows that an expression is evaluated for. */
export interface Rows {
  readonly count: number
  /** The values of a column, `count` of them. */
  column(name: string): Vector
}

/** Evaluates a condition that `checkCondition` has passed: 1 in the rows where it is definitely true. */
export function evaluateCondition(expression: Expression, rows: Rows): Uint8Array {
  return asBoolean(evaluate(expression, rows)).values.map((value) => (value === TRUE ? 1 : 0))
}

/** Evaluates an expression that `typeOf` has passed. */
export function evaluate(expression: Expression, rows: Rows): Vector {
  const { count } = rows
  switch (expression.node) {
    case 'number':
      return number(new Float64Array(count).fill(expression.value), null, expression.whole, 'any')
    case 'text':
      return { type: 'text', values: new Array<string>(count).fill(expression.value) }
    case 'boolean':
      return { type: 'boolean', values: new Uint8Array(count).fill(expression.value ? TRUE : FALSE) }
    case 'name':
      return rows.column(expression.name)
    case 'and':
    case 'or': {
      const parts = expression.parts.map((part) => asBoolean(evaluate(part, rows)))
      return parts.reduce(expression.node === 'and' ? and : or)
    }
    case 'not':
      return not(asBoolean(evaluate(expression.of, rows)))
    case 'compare':
      return compareChain(evaluate(expression.first, rows), expression.rest, rows)
    case 'arithmetic':
      return arithmetic(
        expression.operator,
        asNumber(evaluate(expression.left, rows)),
        asNumber(evaluate(expression.right, rows)),
      )
    case 'negative': {
      const of = asNumber(evaluate(expression.of, rows))
      return { ...of, values: of.values.map((value) => -value) }
    }
    case 'index':
      return characterAt(asText(evaluate(expression.of, rows)), expression.index)
    case 'call':
      return call(expression.function, evaluate(expression.argument, rows))
  }
}

const number = (
  values: Float64Array,
  nulls: Uint8Array | null,
  whole: boolean,
  precision: NumberVector['precision'] = 'double',
): NumberVector => ({
  type: 'number',
  values,
  nulls,
  whole,
  precision,
})

/** The type check makes these sure; they are here so that a fault in it cannot become a wrong flag. */
function asNumber(vector: Vector): NumberVector {
  if (vector.type !== 'number') throw new TypeError(`Expected numbers, got ${vector.type}`)
  return vector
}
function asText(vector: Vector): TextVector {
  if (vector.type !== 'text') throw new TypeError(`Expected text, got ${vector.type}`)
  return vector
}
function asBoolean(vector: Vector): BooleanVector {
  if (vector.type !== 'boolean') throw new TypeError(`Expected booleans, got ${vector.type}`)
  return vector
}

const not = ({ values }: BooleanVector): BooleanVector => ({
  type: 'boolean',
  values: values.map((value) => (value === UNKNOWN ? UNKNOWN : 1 - value)),
})

const and = (a: BooleanVector, b: BooleanVector): BooleanVector => ({
  type: 'boolean',
  values: a.values.map((left, row) => {
    const right = b.values[row]!
    if (left === FALSE || right === FALSE) return FALSE
    return left === TRUE && right === TRUE ? TRUE : UNKNOWN
  }),
})

const or = (a: BooleanVector, b: BooleanVector): BooleanVector => ({
  type: 'boolean',
  values: a.values.map((left, row) => {
    const right = b.values[row]!
    if (left === TRUE || right === TRUE) return TRUE
    return left === FALSE && right === FALSE ? FALSE : UNKNOWN
  }),
})

function compareChain(first: Vector, rest: readonly Comparison[], rows: Rows): BooleanVector {
  let left = first
  let result: BooleanVector | null = null
  for (const { operator, right: expression } of rest) {
    const right = evaluate(expression, rows)
    const compared: BooleanVector = { type: 'boolean', values: compare(operator, left, right, rows.count) }
    result = result === null ? compared : and(result, compared)
    left = right
  }
  return result!
}

function compare(operator: ComparisonOperator, left: Vector, right: Vector, count: number): Uint8Array {
  const result = new Uint8Array(count)
  if (left.type === 'boolean' && right.type === 'boolean')
    return compareNumbers(operator, counted(left), counted(right))
  if (left.type === 'text' && right.type === 'text') {
    const test = TESTS[operator]
    for (let row = 0; row < count; row++) {
      const a = left.values[row]!
      const b = right.values[row]!
      result[row] = a === null || b === null ? UNKNOWN : Number(test(textOrder(a, b)))
    }
    return result
  }
  if (left.type === 'text' || right.type === 'text') {
    // Text is never equal to a number, whatever it says.
    const different = operator === '!=' ? TRUE : FALSE
    for (let row = 0; row < count; row++) result[row] = isNull(left, row) || isNull(right, row) ? UNKNOWN : different
    return result
  }
  return compareNumbers(operator, counted(left), counted(right))
}

/** What an operator says of the sign of left minus right; NaN when they have no order. */
const TESTS: Record<ComparisonOperator, (order: number) => boolean> = {
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

/** Raw numbers beside numbers with nulls become such: their NaN is null. */
const alike = (a: NumberVector, b: NumberVector): readonly [NumberVector, NumberVector] =>
  (a.nulls === null) === (b.nulls === null) ? [a, b] : [withNulls(a), withNulls(b)]

const withNulls = (vector: NumberVector): NumberVector => {
  const mayBeNaN = vector.nulls === null && vector.precision !== 'any'
  return mayBeNaN && vector.values.some(Number.isNaN) ? nullable(vector.values, vector.whole) : vector
}

/** What two operands are computed in. */
function commonPrecision(a: NumberVector, b: NumberVector): NumberVector['precision'] {
  if (a.precision === 'any') return b.precision
  return b.precision === 'any' || a.precision === b.precision ? a.precision : 'double'
}

const rounded = (values: Float64Array, precision: NumberVector['precision']): Float64Array =>
  precision === 'single' ? values.map(Math.fround) : values

function compareNumbers(operator: ComparisonOperator, one: NumberVector, other: NumberVector): Uint8Array {
  const [left, right] = alike(one, other)
  const precision = commonPrecision(one, other)
  const lefts = rounded(left.values, precision)
  const rights = rounded(right.values, precision)
  const result = new Uint8Array(lefts.length)
  const test = TESTS[operator]
  for (let row = 0; row < result.length; row++) {
    const a = lefts[row]!
    const b = rights[row]!
    const order = a < b ? -1 : a > b ? 1 : a === b ? 0 : Number.NaN
    result[row] = isNull(left, row) || isNull(right, row) ? UNKNOWN : Number(test(order))
  }
  return result
}

const textOrder = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1)

function isNull(vector: Vector, row: number): boolean {
  if (vector.type === 'text') return vector.values[row] === null
  return vector.type === 'boolean' ? vector.values[row] === UNKNOWN : vector.nulls?.[row] === 1
}

/** Booleans as the numbers 0 and 1, unknown as null. */
function counted(vector: NumberVector | BooleanVector): NumberVector {
  if (vector.type === 'number') return vector
  const nulls = vector.values.includes(UNKNOWN) ? vector.values.map((value) => (value === UNKNOWN ? 1 : 0)) : null
  return number(Float64Array.from(vector.values), nulls, true, 'any')
}

const OPERATIONS: Record<ArithmeticOperator, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
}

function arithmetic(operator: ArithmeticOperator, a: NumberVector, b: NumberVector): NumberVector {
  const [left, right] = alike(a, b)
  const precision = commonPrecision(a, b)
  const operation = OPERATIONS[operator]
  const rights = rounded(right.values, precision)
  const values = rounded(left.values, precision).map((value, row) => operation(value, rights[row]!))
  const whole = operator !== '/' && left.whole && right.whole
  return number(rounded(values, precision), eitherNull(left.nulls, right.nulls), whole, precision)
}

function eitherNull(a: Uint8Array | null, b: Uint8Array | null): Uint8Array | null {
  if (a === null || b === null) return a ?? b
  return a.map((isNull, row) => isNull | b[row]!)
}

/** The character at an index, counted from the end when negative; null beyond the text. */
const characterAt = ({ values }: TextVector, index: number): TextVector => ({
  type: 'text',
  values: values.map((text) => (text === null ? null : ([...text].at(index) ?? null))),
})

function call(name: FunctionName, argument: Vector): Vector {
  switch (name) {
    case 'float':
      return { ...readNumber(argument), whole: false }
    case 'int':
      return truncated(readNumber(argument))
    case 'str':
      return { type: 'text', values: texts(argument) }
    case 'len': {
      const { values } = asText(argument)
      return nullable(
        Float64Array.from(values, (text) => (text === null ? Number.NaN : [...text].length)),
        true,
      )
    }
    case 'np.trunc': {
      const of = asNumber(argument)
      // As NumPy has it, which knows no null.
      return number(
        of.values.map((value, row) => (isNull(of, row) ? Number.NaN : Math.trunc(value))),
        null,
        of.whole,
        of.precision,
      )
    }
    case 'np.abs': {
      const of = asNumber(argument)
      return { ...of, values: of.values.map(Math.abs) }
    }
    case 'np.isfinite': {
      const of = asNumber(argument)
      const values = Uint8Array.from(of.values, (value, row) =>
        !isNull(of, row) && Number.isFinite(value) ? TRUE : FALSE,
      )
      return { type: 'boolean', values }
    }
  }
}

/** Numbers in which NaN is null. */
const nullable = (values: Float64Array, whole: boolean): NumberVector =>
  number(
    values,
    Uint8Array.from(values, (value) => (Number.isNaN(value) ? 1 : 0)),
    whole,
  )

/** The number that each value is or says; null when it says none. */
function readNumber(argument: Vector): NumberVector {
  if (argument.type === 'boolean') return counted(argument)
  if (argument.type === 'number') {
    const values = argument.values.map((value, row) => (isNull(argument, row) ? Number.NaN : value))
    return nullable(values, argument.whole)
  }
  return nullable(
    Float64Array.from(argument.values, (text) => (text === null ? Number.NaN : (parseNumber(text) ?? Number.NaN))),
    false,
  )
}

/** Towards zero; what has no whole number (null, NaN, infinities) is null. */
const truncated = ({ values, nulls }: NumberVector): NumberVector =>
  nullable(
    values.map((value, row) => (nulls?.[row] || !Number.isFinite(value) ? Number.NaN : Math.trunc(value) + 0)),
    true,
  )

function texts(argument: Vector): readonly (string | null)[] {
  if (argument.type === 'text') return argument.values
  const { values } = argument
  const result: (string | null)[] = new Array(values.length)
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!
    if (isNull(argument, row) || Number.isNaN(value)) result[row] = null
    else if (argument.type === 'boolean') result[row] = value === TRUE ? 'true' : 'false'
    else result[row] = argument.whole && Number.isFinite(value) ? String(BigInt(value)) : floatText(value)
  }
  return result
}
