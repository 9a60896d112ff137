import { pickleOperations } from '../pickle.ts'

/** A value from a pickle; what is no plain value (an object, a long number) is null. */
export type Pickled = null | boolean | number | string | Pickled[] | Map<Pickled, Pickled>

const MARK = Symbol('mark')

/**
 * The lists, dictionaries, texts and small numbers of a pickle, e.g. of an attribute of pandas. Nothing is imported or called.
 *
 * @returns undefined when the bytes are no whole pickle
 */
export function unpickled(bytes: Uint8Array): Pickled | undefined {
  const stack: (Pickled | typeof MARK)[] = []
  const memo = new Map<number, Pickled>()
  const top = (): Pickled => {
    const value = stack.at(-1)
    return value === undefined || value === MARK ? null : value
  }
  const pop = (count: number): Pickled[] =>
    stack.splice(Math.max(0, stack.length - count)).map((value) => (value === MARK ? null : value))
  const popToMark = (): Pickled[] => {
    const values = pop(stack.length - 1 - stack.lastIndexOf(MARK))
    stack.pop()
    return values
  }
  const append = (values: readonly Pickled[]) => {
    const list = top()
    if (Array.isArray(list)) for (const value of values) list.push(value)
  }
  const set = (pairs: readonly Pickled[]) => {
    const dictionary = top()
    if (!(dictionary instanceof Map)) return
    for (let i = 0; i + 1 < pairs.length; i += 2) dictionary.set(pairs[i]!, pairs[i + 1]!)
  }
  for (const { code, argument } of pickleOperations(bytes)) {
    switch (code) {
      case '(':
        stack.push(MARK)
        break
      case ')':
      case ']':
        stack.push([])
        break
      case '}':
        stack.push(new Map())
        break
      case 'l':
      case 't':
        stack.push(popToMark())
        break
      case 'd': {
        const pairs = popToMark()
        stack.push(new Map())
        set(pairs)
        break
      }
      case '\x85':
      case '\x86':
      case '\x87':
        stack.push(pop(code.charCodeAt(0) - 0x84))
        break
      case 'a':
        append(pop(1))
        break
      case 'e':
        append(popToMark())
        break
      case 's':
        set(pop(2))
        break
      case 'u':
        set(popToMark())
        break
      case 'p':
      case 'q':
      case 'r':
        memo.set(Number(argument), top())
        break
      case '\x94':
        memo.set(memo.size, top())
        break
      case 'g':
      case 'h':
      case 'j':
        stack.push(memo.get(Number(argument)) ?? null)
        break
      case '0':
      case 'b':
        pop(1)
        break
      // A function and its arguments, a module and a name: what would come of them is not known.
      case 'R':
      case '\x81':
      case '\x93':
        pop(2)
        stack.push(null)
        break
      case '\x80':
      case '\x95':
        break
      case '.':
        return stack.length === 1 ? top() : undefined
      default:
        stack.push(plainValue(code, argument))
    }
  }
  return undefined
}

function plainValue(code: string, argument: string | number | null): Pickled {
  if (typeof argument === 'number') return argument
  if (code === '\x88' || code === '\x89') return code === '\x88'
  if (argument === null) return null
  switch (code) {
    case 'I':
      return argument === '01' ? true : argument === '00' ? false : Number(argument)
    case 'V':
      return argument.replace(/\\u([\da-f]{4})|\\U([\da-f]{8})/gi, (whole, short?: string, long?: string) => {
        const point = Number.parseInt(short ?? long ?? '', 16)
        return point <= 0x10ffff ? String.fromCodePoint(point) : whole
      })
    case 'S':
      return argument.replace(/^(['"])(.*)\1$/, '$2')
    case 'X':
    case 'U':
    case 'T':
    case '\x8c':
    case '\x8d':
      return argument
    default:
      return null
  }
}
