import type { Attributes, ProvDocument, ProvValue } from './prov.ts'

type Members = Record<string, Record<string, unknown>>

/** PROV-JSON (W3C Member Submission of 2013), as the Python package `prov` reads it. */
export function provJson({ prefixes, entities, activities, agents, relations }: ProvDocument): object {
  const document: Record<string, Record<string, unknown>> = {
    prefix: { ...prefixes },
    entity: Object.fromEntries([...entities].map(([id, attributes]) => [id, plain(attributes)])),
    activity: Object.fromEntries(
      [...activities].map(([id, { start, end, attributes }]) => [
        id,
        {
          ...(start === null ? {} : { 'prov:startTime': start }),
          ...(end === null ? {} : { 'prov:endTime': end }),
          ...plain(attributes),
        },
      ]),
    ),
    agent: Object.fromEntries([...agents].map(([id, attributes]) => [id, plain(attributes)])),
  }
  const grouped: Members = {}
  for (const { type, id, formal, attributes } of relations) {
    const own = Object.fromEntries(Object.entries(formal).map(([name, value]) => [`prov:${name}`, value]))
    grouped[type] = { ...grouped[type], [id]: { ...own, ...plain(attributes) } }
  }
  return { ...document, ...grouped }
}

const plain = (attributes: Attributes): Record<string, unknown> =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, jsonValue(value)]))

function jsonValue(value: ProvValue): unknown {
  if (typeof value !== 'object') return value
  return 'name' in value ? { $: value.name, type: 'prov:QUALIFIED_NAME' } : { $: value.time, type: 'xsd:dateTime' }
}
