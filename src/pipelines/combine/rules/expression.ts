/**
 * The expression language of translation rules: a small whitelist of what the reference's rules use, read by a
 * recursive descent parser. Nothing is ever evaluated as code.
 *
 *     expr    := and ("or" and)*
 *     and     := not ("and" not)*
 *     not     := "not" not | cmp
 *     cmp     := sum (("==" | "!=" | "<" | "<=" | ">" | ">=") sum)*      chained as in Python: a < b < c
 *     sum     := term (("+" | "-") term)*
 *     term    := unary (("*" | "/") unary)*
 *     unary   := "-" unary | postfix
 *     postfix := atom ("[" INT "]")*
 *     atom    := NUMBER | STRING | True | False | NAME | "(" expr ")" | FUNCTION "(" expr ")"
 */
export type Expression =
  | { readonly node: 'number'; readonly value: number; readonly whole: boolean }
  | { readonly node: 'text'; readonly value: string }
  | { readonly node: 'boolean'; readonly value: boolean }
  | { readonly node: 'name'; readonly name: string; readonly at: number }
  | { readonly node: 'and' | 'or'; readonly parts: readonly Expression[]; readonly at: number }
  | { readonly node: 'not'; readonly of: Expression; readonly at: number }
  | { readonly node: 'compare'; readonly first: Expression; readonly rest: readonly Comparison[] }
  | {
      readonly node: 'arithmetic'
      readonly operator: ArithmeticOperator
      readonly left: Expression
      readonly right: Expression
      readonly at: number
    }
  | { readonly node: 'negative'; readonly of: Expression; readonly at: number }
  | { readonly node: 'index'; readonly of: Expression; readonly index: number; readonly at: number }
  | { readonly node: 'call'; readonly function: FunctionName; readonly argument: Expression; readonly at: number }

export interface Comparison {
  readonly operator: ComparisonOperator
  readonly right: Expression
  /** 1-based position of the operator in the expression. */
  readonly at: number
}

export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>='
export type ArithmeticOperator = '+' | '-' | '*' | '/'

export const FUNCTIONS = ['float', 'int', 'str', 'len', 'np.trunc', 'np.abs', 'np.isfinite'] as const
export type FunctionName = (typeof FUNCTIONS)[number]

/** Longest expression, in characters, and its deepest nesting. */
const MOST_CHARACTERS = 4_000
const MOST_NESTING = 60

/** What is wrong with an expression; `at` is the 1-based position in its text, null when it concerns the whole of it. */
export class ExpressionError extends Error {
  constructor(
    message: string,
    readonly at: number | null,
  ) {
    super(at === null ? message : `${message} (at character ${at})`)
    this.name = 'ExpressionError'
  }
}

interface Token {
  readonly kind: 'number' | 'text' | 'name' | 'symbol' | 'end'
  readonly text: string
  readonly at: number
}

const TOKEN =
  /\s*(?:(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?<name>[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*)|(?<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?<symbol>==|!=|<=|>=|[<>+\-*/()[\]]))/uy

function tokenize(source: string): Token[] {
  const tokens: Token[] = []
  const token = new RegExp(TOKEN)
  const end = source.trimEnd().length
  while (token.lastIndex < end) {
    const from = token.lastIndex
    const match = token.exec(source)
    if (!match?.groups) {
      const at = from + source.slice(from).search(/\S/)
      throw new ExpressionError(
        `'${String.fromCodePoint(source.codePointAt(at)!)}' is not part of the rule language`,
        at + 1,
      )
    }
    const [kind, text] = Object.entries(match.groups).find(([, value]) => value !== undefined) as [
      Token['kind'],
      string,
    ]
    tokens.push({ kind, text, at: token.lastIndex - text.length + 1 })
  }
  tokens.push({ kind: 'end', text: 'the end', at: source.length + 1 })
  return tokens
}

const COMPARISONS: ReadonlySet<string> = new Set<ComparisonOperator>(['==', '!=', '<', '<=', '>', '>='])
const isComparison = (text: string): text is ComparisonOperator => COMPARISONS.has(text)
const isFunction = (text: string): text is FunctionName => (FUNCTIONS as readonly string[]).includes(text)
const KEYWORDS = new Set(['and', 'or', 'not', 'True', 'False'])
/** Words of Python that look like names of columns, but that the language leaves out. */
const LEFT_OUT = new Set([
  'in',
  'is',
  'if',
  'else',
  'lambda',
  'None',
  'for',
  'abs',
  'math',
  'np',
  'pd',
  'min',
  'max',
  'round',
])

/**
 * Reads an expression of the rule language.
 * @throws ExpressionError when the text is outside the language
 */
export function parseExpression(source: string): Expression {
  if (source.length > MOST_CHARACTERS)
    throw new ExpressionError(`the expression is longer than ${MOST_CHARACTERS} characters`, null)
  return new Parser(tokenize(source)).whole()
}

class Parser {
  private position = 0
  private depth = 0

  constructor(private readonly tokens: readonly Token[]) {}

  whole(): Expression {
    if (this.isAtEnd) throw new ExpressionError('the expression is empty', null)
    const expression = this.or()
    if (!this.isAtEnd) throw this.unexpected()
    return expression
  }

  private get peek(): Token {
    return this.tokens[this.position]!
  }

  private get isAtEnd(): boolean {
    return this.peek.kind === 'end'
  }

  /** Takes the next token if it is this symbol or keyword. */
  private take(text: string): Token | null {
    const token = this.peek
    if (token.text !== text || (token.kind !== 'symbol' && token.kind !== 'name')) return null
    this.position++
    return token
  }

  private expect(text: string): void {
    if (!this.take(text)) throw new ExpressionError(`'${text}' is missing before '${this.peek.text}'`, this.peek.at)
  }

  private unexpected(): ExpressionError {
    const { kind, text, at } = this.peek
    if (kind === 'name' && LEFT_OUT.has(text)) return leftOut(text, at)
    return new ExpressionError(kind === 'end' ? 'the expression ends too early' : `'${text}' is not expected here`, at)
  }

  private nested<T>(read: () => T): T {
    if (++this.depth > MOST_NESTING) throw new ExpressionError('the expression is nested too deeply', this.peek.at)
    const result = read()
    this.depth--
    return result
  }

  private or(): Expression {
    return this.nested(() => this.chain('or', () => this.chain('and', () => this.not())))
  }

  private chain(node: 'and' | 'or', part: () => Expression): Expression {
    const { at } = this.peek
    const parts = [part()]
    while (this.take(node)) parts.push(part())
    return parts.length === 1 ? parts[0]! : { node, parts, at }
  }

  private not(): Expression {
    const token = this.take('not')
    return token ? this.nested(() => ({ node: 'not', of: this.not(), at: token.at })) : this.comparison()
  }

  private comparison(): Expression {
    const first = this.sum()
    const rest: Comparison[] = []
    for (let token = this.peek; token.kind === 'symbol' && isComparison(token.text); token = this.peek) {
      this.position++
      rest.push({ operator: token.text, right: this.sum(), at: token.at })
    }
    return rest.length === 0 ? first : { node: 'compare', first, rest }
  }

  private sum(): Expression {
    return this.leftToRight(['+', '-'], () => this.leftToRight(['*', '/'], () => this.unary()))
  }

  private leftToRight(operators: readonly ArithmeticOperator[], operand: () => Expression): Expression {
    let left = operand()
    for (;;) {
      const operator = operators.find((symbol) => this.peek.kind === 'symbol' && this.peek.text === symbol)
      if (operator === undefined) return left
      const { at } = this.peek
      this.position++
      left = { node: 'arithmetic', operator, left, right: operand(), at }
    }
  }

  private unary(): Expression {
    const token = this.take('-')
    return token ? this.nested(() => ({ node: 'negative', of: this.unary(), at: token.at })) : this.postfix()
  }

  private postfix(): Expression {
    let of = this.atom()
    for (let token = this.take('['); token; token = this.take('[')) {
      const sign = this.take('-') ? -1 : 1
      if (this.peek.kind !== 'number' || !/^\d{1,9}$/.test(this.peek.text))
        throw new ExpressionError('an index must be a whole number', this.peek.at)
      const index = sign * Number(this.peek.text)
      this.position++
      this.expect(']')
      of = { node: 'index', of, index, at: token.at }
    }
    return of
  }

  private atom(): Expression {
    const token = this.peek
    if (this.take('(')) {
      const inner = this.or()
      this.expect(')')
      return inner
    }
    if (token.kind === 'number') {
      this.position++
      return { node: 'number', value: Number(token.text), whole: /^\d+$/.test(token.text) }
    }
    if (token.kind === 'text') {
      this.position++
      return { node: 'text', value: unquote(token) }
    }
    if (token.kind !== 'name') throw this.unexpected()
    this.position++
    return this.named(token)
  }

  private named(token: Token): Expression {
    const { text, at } = token
    if (text === 'True' || text === 'False') return { node: 'boolean', value: text === 'True' }
    if (isFunction(text)) {
      if (!this.take('(')) throw new ExpressionError(`${text} is a function: write ${text}(...)`, at)
      const argument = this.or()
      this.expect(')')
      return { node: 'call', function: text, argument, at }
    }
    if (KEYWORDS.has(text)) throw new ExpressionError(`'${text}' is not expected here`, at)
    if (text.includes('.') || LEFT_OUT.has(text) || this.peek.text === '(') throw leftOut(text, at)
    return { node: 'name', name: text, at }
  }
}

const leftOut = (text: string, at: number): ExpressionError =>
  new ExpressionError(`'${text}' is not part of the rule language; its functions are ${FUNCTIONS.join(', ')}`, at)

function unquote({ text, at }: Token): string {
  return text.slice(1, -1).replace(/\\(.)/gs, (_, character: string) => {
    if (character === '\\' || character === "'" || character === '"') return character
    throw new ExpressionError(`the escape \\${character} is not part of the rule language`, at)
  })
}

/** The names of the columns that an expression reads, in order of appearance. */
export function variablesOf(expression: Expression): Set<string> {
  const names = new Set<string>()
  const visit = (part: Expression): void => {
    switch (part.node) {
      case 'name':
        names.add(part.name)
        break
      case 'and':
      case 'or':
        part.parts.forEach(visit)
        break
      case 'not':
      case 'negative':
      case 'index':
        visit(part.of)
        break
      case 'compare':
        visit(part.first)
        for (const { right } of part.rest) visit(right)
        break
      case 'arithmetic':
        visit(part.left)
        visit(part.right)
        break
      case 'call':
        visit(part.argument)
    }
  }
  visit(expression)
  return names
}
