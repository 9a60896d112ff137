import { type ArithmeticOperator, type Comparison, type Expression, ExpressionError } from './expression.ts'

/** The type of a value of the rule language. `unknown`: a column of which only the name is known yet. */
export type ValueType = 'number' | 'text' | 'boolean' | 'unknown'

/** The type of a column by its name; undefined when there is no such column. */
export type TypeOfName = (name: string) => ValueType | undefined

/** The columns whose type is the same in every catalog. Any other column's type depends on the file. */
export const STANDARD_TYPES: ReadonlyMap<string, ValueType> = new Map([
  ...['ra', 'dec', 'z', 'z_err', 'z_flag', 'z_flag_homogenized'].map((name) => [name, 'number'] as const),
  ...['id', 'survey', 'source', 'instrument_type', 'instrument_type_homogenized', 'type'].map(
    (name) => [name, 'text'] as const,
  ),
])

/**
 * Checks that an expression can be evaluated as a condition: every name is known and every operator gets the types that it
 * takes. What passes can be evaluated for any row.
 * @throws ExpressionError
 */
export function checkCondition(expression: Expression, typeOfName: TypeOfName): void {
  const type = typeOf(expression, typeOfName)
  if (type === 'number' || type === 'text')
    throw new ExpressionError(
      `a condition must be true or false; this one is a ${type}: compare it with something`,
      null,
    )
}

/** The type of an expression. @throws ExpressionError when names or types do not fit */
export function typeOf(expression: Expression, typeOfName: TypeOfName): ValueType {
  const require = (part: Expression, wanted: ValueType, by: string, at: number): void => {
    const type = typeOf(part, typeOfName)
    if (type !== wanted && type !== 'unknown') throw new ExpressionError(`${by} takes a ${wanted}, not a ${type}`, at)
  }
  switch (expression.node) {
    case 'number':
    case 'text':
    case 'boolean':
      return expression.node
    case 'name': {
      const type = typeOfName(expression.name)
      if (type === undefined) throw new ExpressionError(`there is no column '${expression.name}'`, expression.at)
      return type
    }
    case 'and':
    case 'or':
      for (const part of expression.parts) require(part, 'boolean', `'${expression.node}'`, expression.at)
      return 'boolean'
    case 'not':
      require(expression.of, 'boolean', "'not'", expression.at)
      return 'boolean'
    case 'negative':
      require(expression.of, 'number', "'-'", expression.at)
      return 'number'
    case 'arithmetic':
      for (const part of [expression.left, expression.right])
        require(part, 'number', `'${expression.operator satisfies ArithmeticOperator}'`, expression.at)
      return 'number'
    case 'index':
      require(expression.of, 'text', 'an index', expression.at)
      return 'text'
    case 'compare': {
      let left = typeOf(expression.first, typeOfName)
      for (const comparison of expression.rest) left = comparisonRight(left, comparison, typeOfName)
      return 'boolean'
    }
    case 'call':
      return callType(expression, typeOfName)
  }
}

/** Any two values are equal or not; only values of one type (a boolean counts as a number) have an order. */
function comparisonRight(left: ValueType, { operator, right, at }: Comparison, typeOfName: TypeOfName): ValueType {
  const type = typeOf(right, typeOfName)
  const mixed = (left === 'text') !== (type === 'text') && left !== 'unknown' && type !== 'unknown'
  if (mixed && operator !== '==' && operator !== '!=')
    throw new ExpressionError(`'${operator}' cannot compare a ${left} with a ${type}`, at)
  return type
}

function callType(call: Expression & { node: 'call' }, typeOfName: TypeOfName): ValueType {
  const type = typeOf(call.argument, typeOfName)
  const refuse = (wanted: string): never => {
    throw new ExpressionError(`${call.function} takes a ${wanted}, not a ${type}`, call.at)
  }
  switch (call.function) {
    case 'float':
    case 'int':
      return 'number'
    case 'str':
      return 'text'
    case 'len':
      return type === 'number' || type === 'boolean' ? refuse('text') : 'number'
    case 'np.trunc':
    case 'np.abs':
      return type === 'text' || type === 'boolean' ? refuse('number') : 'number'
    case 'np.isfinite':
      return type === 'text' || type === 'boolean' ? refuse('number') : 'boolean'
  }
}
