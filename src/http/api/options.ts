import type { TObject, TSchema } from '@sinclair/typebox'
import { constantsOf, typesOf } from './check.ts'
import type { Endpoint } from './endpoint.ts'
import { filtersOf } from './filters.ts'
import type { Choice } from './schemas.ts'

/**
 * What a path can do, in the form of the reference server, from the schemas that requests are checked with. The Python client
 * asks this before it filters, and refuses on its own every filter that is not named here.
 */
export function optionsOf(path: string, endpoints: readonly Endpoint[]) {
  const first = endpoints[0]
  const list = endpoints.find(({ method, query }) => method === 'get' && query?.properties.page !== undefined)?.query
  const body = endpoints.find((endpoint) => endpoint.method === 'post')?.body
  return {
    name: first?.tag ?? path,
    description: first?.summary ?? '',
    renders: ['application/json'],
    parses: ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'],
    ...(list ? listOptions(path, list) : {}),
    ...(body ? { actions: { POST: fieldsOf(body) } } : {}),
  }
}

function listOptions(path: string, query: TObject) {
  const { search, ordering } = query.properties
  const filters = filtersOf(query)
  const isProducts = path === '/products/' || path === '/products-specz/'
  return {
    ...(isProducts
      ? { filter_classes: filters.map(([name, schema]) => ({ name, type: 'text', choices: choicesOf(schema) })) }
      : filters.length > 0
        ? { filterset: filters.map(([name]) => name) }
        : {}),
    ...(search === undefined ? {} : { search: search['x-fields'] }),
    ...(ordering === undefined ? {} : { ordering: ordering['x-fields'] }),
  }
}

function fieldsOf({ properties, required = [] }: TObject) {
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => {
      const choices = choicesOf(property)
      const maxLength = membersOf(property).find((member) => member.maxLength !== undefined)?.maxLength
      return [
        name,
        {
          type: choices.length > 0 ? 'choice' : (typesOf(property).find((type) => type !== 'null') ?? 'field'),
          required: required.includes(name),
          read_only: false,
          label: name.replaceAll('_', ' '),
          ...(maxLength === undefined ? {} : { max_length: maxLength }),
          ...(choices.length === 0 ? {} : { choices }),
        },
      ]
    }),
  )
}

/** A schema, and what it may be instead. */
const membersOf = (schema: TSchema): readonly TSchema[] => [schema, ...(schema.anyOf ?? [])]

function choicesOf(schema: TSchema): readonly Choice[] {
  const told: readonly Choice[] | undefined = membersOf(schema).find((member) => 'x-choices' in member)?.['x-choices']
  return told ?? constantsOf(schema).map((value) => ({ value: String(value), display_name: String(value) }))
}
