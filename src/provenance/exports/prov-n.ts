import { type Attributes, type ProvDocument, type ProvValue, RELATIONS } from './prov.ts'

/** PROV-N, the notation for people of the W3C Recommendation. */
export function provN({ prefixes, entities, activities, agents, relations }: ProvDocument): string {
  const lines = [
    ...Object.entries(prefixes).map(([name, uri]) => `prefix ${name} <${uri}>`),
    '',
    ...[...entities].map(([id, attributes]) => `entity(${id}${list(attributes)})`),
    ...[...activities].map(
      ([id, { start, end, attributes }]) => `activity(${id}, ${start ?? '-'}, ${end ?? '-'}${list(attributes)})`,
    ),
    ...[...agents].map(([id, attributes]) => `agent(${id}${list(attributes)})`),
    ...relations.map(({ type, id, formal, attributes }) => {
      const given = RELATIONS[type].map((name) => formal[name] ?? '-')
      // A derivation has places for a generation and a usage too.
      const places = type === 'wasDerivedFrom' ? [...given, '-', '-'] : given
      return `${type}(${id}; ${places.join(', ')}${list(attributes)})`
    }),
  ]
  return ['document', ...lines.map((line) => (line === '' ? '' : `  ${line}`)), 'endDocument', ''].join('\n')
}

function list(attributes: Attributes): string {
  const written = Object.entries(attributes).map(([name, value]) => `${name}=${literal(value)}`)
  return written.length === 0 ? '' : `, [${written.join(', ')}]`
}

function literal(value: ProvValue): string {
  if (typeof value === 'number') return `"${value}" %% xsd:integer`
  if (typeof value === 'string') return quoted(value)
  return 'name' in value ? `'${value.name}'` : `${quoted(value.time)} %% xsd:dateTime`
}

/** Text of several lines has a form of its own. */
function quoted(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')
  return /[\n\r]/.test(text) ? `"""${escaped}"""` : `"${escaped}"`
}
