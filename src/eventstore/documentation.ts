import type { TSchema } from '@sinclair/typebox'
import type { EventDefinition } from './schema-registry.ts'

/** Markdown that documents all types of events: what each one means, its version and its fields. */
export function renderEventDocumentation(definitions: readonly EventDefinition[]): string {
  const sorted = [...definitions].sort((a, b) => (a.type < b.type ? -1 : 1))
  return [
    '# Events',
    'Generated from the definitions in `src/domain`. Every event also carries metadata: who (`actor`), when (`at`), the command',
    'behind it (`commandId`, `$correlationId`, `$causationId`), `softwareVersion`, `schemaVersion`, and `previous`, the SHA-256',
    'of the event before it in its stream.',
    '',
    '| event | version | meaning |',
    '|---|---|---|',
    ...sorted.map(
      ({ type, version, description }) => `| [${type}](#${type.toLowerCase()}) | ${version} | ${cell(description)} |`,
    ),
    '',
    ...sorted.flatMap(section),
  ].join('\n')
}

function section(definition: EventDefinition): string[] {
  const fields = fieldsOf(definition.schema, '')
  const upcast = Object.keys(definition.upcasters ?? {})
  return [
    `## ${definition.type}`,
    '',
    definition.description,
    '',
    `Version ${definition.version}${upcast.length > 0 ? `; versions ${upcast.join(', ')} are upcast when read` : ''}.`,
    '',
    ...(fields.length === 0
      ? ['No fields.']
      : ['| field | type | required | meaning |', '|---|---|---|---|', ...fields.map(row)]),
    '',
  ]
}

interface Field {
  readonly path: string
  readonly schema: TSchema
  readonly required: boolean
}

const row = ({ path, schema, required }: Field): string =>
  `| \`${path}\` | ${cell(typeName(schema))} | ${required ? 'yes' : 'no'} | ${cell(text(schema.description))} |`

/** The fields of an object, those of nested objects below it as `outer.inner`, of lists as `list[].inner`. */
function fieldsOf(schema: TSchema, prefix: string): Field[] {
  const required = new Set(list(schema.required))
  return Object.entries(record(schema.properties)).flatMap(([name, member]) => {
    const path = prefix + name
    const isList = member.type === 'array' && isSchema(member.items)
    const inner = isList ? objectIn(member.items, `${path}[].`) : objectIn(member, `${path}.`)
    return [{ path, schema: member, required: required.has(name) }, ...inner]
  })
}

/** Fields of an object schema, also of one that may be null or is one of several. */
function objectIn(schema: TSchema, prefix: string): Field[] {
  if (schema.properties) return fieldsOf(schema, prefix)
  const choices = choicesOf(schema).filter((choice) => choice.properties)
  return choices.flatMap((choice) => fieldsOf(choice, prefix))
}

/** `string (date-time)`, `'csv' | 'fits'`, `integer, at least 0`, `list of string`. */
function typeName(schema: TSchema): string {
  if ('const' in schema) return JSON.stringify(schema.const)
  if (Array.isArray(schema.enum)) return schema.enum.map((value: unknown) => JSON.stringify(value)).join(' | ')
  const choices = choicesOf(schema)
  if (choices.length > 0) return choices.map(typeName).join(' | ')
  if (schema.type === 'array') return isSchema(schema.items) ? `list of ${typeName(schema.items)}` : 'list'
  const name = Array.isArray(schema.type) ? schema.type.join(' | ') : text(schema.type) || 'any JSON'
  return [schema.format ? `${name} (${text(schema.format)})` : name, ...limitsOf(schema)].join(', ')
}

function limitsOf(schema: TSchema): string[] {
  const limits: [unknown, string][] = [
    [schema.minimum, 'at least'],
    [schema.exclusiveMinimum, 'more than'],
    [schema.maximum, 'at most'],
    [schema.exclusiveMaximum, 'less than'],
    [schema.minLength, 'length at least'],
    [schema.maxLength, 'length at most'],
    [schema.pattern, 'matching'],
  ]
  return limits.filter(([value]) => value !== undefined).map(([value, words]) => `${words} ${value}`)
}

const choicesOf = (schema: TSchema): TSchema[] => [schema.anyOf, schema.oneOf].flatMap(list).filter(isSchema)

const isSchema = (value: unknown): value is TSchema => typeof value === 'object' && value !== null

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

const record = (value: unknown): Record<string, TSchema> => (isSchema(value) ? value : {})

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Text that stays inside one cell of a table. */
const cell = (words: string): string => words.replaceAll('|', '\\|').replaceAll('\n', ' ')
