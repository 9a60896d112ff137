import type { TObject, TSchema } from '@sinclair/typebox'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import { DomainError, invalidField } from '../../domain/error.ts'

const ajv = new Ajv({ strict: true, strictTypes: false, allErrors: true, allowUnionTypes: true })
formats.default(ajv)
// What OPTIONS tells of a parameter, and no check.
ajv.addVocabulary(['x-fields', 'x-choices'])

const compiled = new WeakMap<TSchema, ValidateFunction>()

function validatorOf(schema: TSchema): ValidateFunction {
  const known = compiled.get(schema)
  if (known !== undefined) return known
  const { $id: _, ...anonymous } = schema
  const validate = ajv.compile(anonymous)
  compiled.set(schema, validate)
  return validate
}

/**
 * Checks the fields of a request against a schema. Values of forms and queries are texts, so they are read as the schema wants
 * them: numbers, true and false in any case, nothing as null, single values as lists, JSON as objects. Unknown fields are ignored.
 * @param options.isJson a list is a list; in forms and queries it is a field that came several times, and the last one wins
 * @throws DomainError `invalid`, naming every field that is wrong
 */
export function checkFields(
  schema: TObject,
  raw: Readonly<Record<string, unknown>>,
  options: { readonly isJson?: boolean } = {},
): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const [name, property] of Object.entries(schema.properties)) {
    const value = raw[name]
    if (value === undefined) continue
    const isText = typeof value === 'string' || (Array.isArray(value) && !options.isJson)
    fields[name] = isText ? read(property, value) : value
  }
  const validate = validatorOf(schema)
  if (validate(fields)) return fields
  const problems: Record<string, string> = {}
  for (const error of validate.errors ?? []) {
    const field = error.instancePath.split('/')[1] ?? ''
    const name = field === '' ? String(error.params.missingProperty ?? 'body') : field
    problems[name] ??= messageOf(error, schema.properties[name], fields[name])
  }
  const detail = Object.entries(problems).map(([name, message]) => `${name}: ${message}`)
  throw new DomainError('invalid', detail.join(' '), problems)
}

/** The simple types that a property may have, looking into unions. */
export function typesOf(schema: TSchema): string[] {
  if (Array.isArray(schema.anyOf)) return schema.anyOf.flatMap((each: TSchema) => typesOf(each))
  return typeof schema.type === 'string' ? [schema.type] : []
}

function read(schema: TSchema, value: string | readonly unknown[]): unknown {
  const types = typesOf(schema)
  if (typeof value !== 'string') {
    if (types.includes('array'))
      return value.map((each) => (typeof each === 'string' ? read(schema.items, each) : each))
    // The last of repeated values wins.
    const last = value.at(-1)
    return typeof last === 'string' ? read(schema, last) : last
  }
  if (types.includes('string')) return value
  if (value === '' && types.includes('null')) return null
  if (types.includes('integer') && /^\s*[+-]?\d{1,15}\s*$/.test(value)) return Number(value)
  if (types.includes('number') && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value)
  if (types.includes('boolean') && /^(true|1|on|yes)$/i.test(value)) return true
  if (types.includes('boolean') && /^(false|0|off|no)$/i.test(value)) return false
  if (types.includes('array') && !value.trimStart().startsWith('[')) return [read(schema.items, value)]
  if (types.includes('array') || types.includes('object')) return parsed(value)
  return value
}

/** The value that a JSON text stands for; the text itself when it is none, for the schema to refuse. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return text
    throw error
  }
}

/** The constants that a property may be, when it may be nothing else. */
export function constantsOf(schema: TSchema): unknown[] {
  if (!Array.isArray(schema.anyOf)) return 'const' in schema ? [schema.const] : []
  const choices = schema.anyOf.map((each: TSchema) => constantsOf(each))
  return choices.every((each) => each.length > 0) ? choices.flat() : []
}

/** What a property is, or what it is when it is not null. */
function descriptionOf(schema: TSchema): string | undefined {
  const members: readonly TSchema[] = [schema, ...(schema.anyOf ?? [])]
  return members.find((member) => member.description !== undefined)?.description
}

/** In the words of the reference server, which people and clients know. */
function messageOf(error: ErrorObject, property: TSchema | undefined, value: unknown): string {
  const isInside = error.instancePath.split('/').length > 2
  const types = isInside ? [String(error.params.type)] : property === undefined ? [] : typesOf(property)
  const choices = property === undefined ? [] : constantsOf(property)
  if (error.keyword === 'required') return 'This field is required.'
  if (choices.length > 0) return `"${String(value).slice(0, 64)}" is not a valid choice: ${choices.join(', ')}.`
  if (error.keyword === 'type' || error.keyword === 'anyOf') {
    if (types.includes('integer')) return 'A valid integer is required.'
    if (types.includes('number')) return 'A valid number is required.'
    if (types.includes('boolean')) return 'Must be a valid boolean.'
    if (types.includes('string')) return 'Not a valid string.'
    if (types.includes('array')) return 'Expected a list of items.'
    if (types.includes('object')) return 'Expected an object.'
  }
  if (error.keyword === 'maxLength') return `Ensure this field has no more than ${error.params.limit} characters.`
  const description = property === undefined ? undefined : descriptionOf(property)
  if (error.keyword === 'pattern' && description !== undefined)
    return `"${String(value).slice(0, 64)}" is not valid here. Expected: ${description}.`
  return `This value ${error.message ?? 'is not valid'}.`
}

/** The number that a field says. @throws DomainError `invalid` on the field */
export function number(field: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw invalidField(field, 'A valid integer is required.', true)
  return Number(text)
}
