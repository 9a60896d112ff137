import type { TSchema } from '@sinclair/typebox'
import type { ErrorObject } from 'ajv'

const TYPES: Readonly<Record<string, string>> = {
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  string: 'a text',
  array: 'a list',
  object: 'a mapping from names to values',
  null: 'null',
}

/** What a value must be, in words: "must be a number or null". */
export function mustBe({ keyword, params, message }: ErrorObject): string {
  if (keyword === 'type')
    return `must be ${typesOf(params.type)
      .map((type) => TYPES[type] ?? type)
      .join(' or ')}`
  if (keyword === 'enum') {
    const words = (params.allowedValues as readonly unknown[]).filter((word) => word !== null)
    return `must be one of ${words.join(', ')}`
  }
  if (keyword === 'pattern') return 'must be one word of letters, digits, dots, dashes and underscores'
  if (keyword === 'minLength') return 'must not be empty'
  return message ?? 'is not valid'
}

const typesOf = (type: unknown): string[] => (Array.isArray(type) ? type : String(type).split(',')).map(String)

/** A mapping in which numbers that came as text are numbers, where the schema wants them: a program may send "0.5". */
export function withNumbers(
  given: Readonly<Record<string, unknown>>,
  properties: Readonly<Record<string, TSchema>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const types = Object.hasOwn(properties, name) ? typesOf(properties[name]?.type) : []
      const isNumber = types.includes('number') || types.includes('integer')
      return [name, isNumber ? readNumber(value) : value]
    }),
  )
}

function readNumber(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value)) return value
  return Number(value)
}
