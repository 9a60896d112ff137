/**
 * Reads what Python prints for a dict of plain values: `{'a': 'b', 'n': None, 'on': True, 'list': [1, 2.5], 'pair': (1, 2)}`.
 * Some scripts send that where JSON is meant, and the reference server takes it.
 * @throws SyntaxError
 */
export function readPythonLiteral(text: string): unknown {
  const reader = new Reader(text)
  const value = reader.value(0)
  reader.end()
  return value
}

const DEEPEST = 64
const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['None', null],
  ['True', true],
  ['False', false],
])
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
}

class Reader {
  #at = 0

  constructor(private readonly text: string) {}

  value(depth: number): unknown {
    if (depth > DEEPEST) throw this.#wrong('nested too deeply')
    this.#space()
    const next = this.text[this.#at]
    if (next === '{') return this.#dict(depth)
    if (next === '[') return this.#list(depth, ']')
    if (next === '(') return this.#list(depth, ')')
    if (next === "'" || next === '"') return this.#string(next)
    const [token] = /^[\w.+-]+/.exec(this.text.slice(this.#at)) ?? []
    if (token === undefined) throw this.#wrong('a value is missing')
    const number = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(token) ? Number(token) : undefined
    if (number === undefined && !WORDS.has(token)) throw this.#wrong(`${token} is not a value`)
    this.#at += token.length
    return number ?? WORDS.get(token)
  }

  end(): void {
    this.#space()
    if (this.#at < this.text.length) throw this.#wrong('something follows the value')
  }

  #dict(depth: number): unknown {
    const entries: [string, unknown][] = []
    for (this.#at++; !this.#closes('}'); this.#comma('}')) {
      const key = this.value(depth + 1)
      if (typeof key !== 'string') throw this.#wrong('a key must be a text')
      this.#space()
      if (this.text[this.#at] !== ':') throw this.#wrong('":" is missing after a key')
      this.#at++
      entries.push([key, this.value(depth + 1)])
    }
    return Object.fromEntries(entries)
  }

  #list(depth: number, close: string): unknown {
    const items: unknown[] = []
    for (this.#at++; !this.#closes(close); this.#comma(close)) items.push(this.value(depth + 1))
    return items
  }

  #string(quote: string): string {
    let result = ''
    for (this.#at++; this.text[this.#at] !== quote; this.#at++) {
      let next = this.text[this.#at]
      if (next === '\\') {
        this.#at++
        next = ESCAPES[this.text[this.#at] ?? '']
        if (next === undefined) throw this.#wrong('an escape that is not known')
      }
      if (next === undefined) throw this.#wrong('a text does not end')
      result += next
    }
    this.#at++
    return result
  }

  #closes(close: string): boolean {
    this.#space()
    if (this.text[this.#at] !== close) return false
    this.#at++
    return true
  }

  #comma(close: string): void {
    this.#space()
    if (this.text[this.#at] === ',') this.#at++
    else if (this.text[this.#at] !== close) throw this.#wrong(`"," or "${close}" is missing`)
  }

  #space(): void {
    while (/\s/.test(this.text[this.#at] ?? '')) this.#at++
  }

  #wrong(why: string): SyntaxError {
    return new SyntaxError(`${why} at character ${this.#at + 1}`)
  }
}
