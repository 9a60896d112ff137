import { Type } from '@sinclair/typebox'
import { describe, expect, test } from 'vitest'
import { defineEvent } from '../../src/domain/event-definition.ts'
import { hashEvent } from '../../src/eventstore/chain.ts'
import { renderEventDocumentation } from '../../src/eventstore/documentation.ts'
import { InvalidEvent, UnsupportedEventVersion } from '../../src/eventstore/errors.ts'
import type { JsonObject, NewEvent } from '../../src/eventstore/port.ts'
import { SchemaRegistry } from '../../src/eventstore/schema-registry.ts'

const renamed = defineEvent({
  type: 'ProductRenamed',
  version: 3,
  description: 'Somebody gave a product | another name.',
  schema: Type.Object(
    {
      name: Type.String({ minLength: 1, description: 'The new name.' }),
      at: Type.String({ format: 'date-time' }),
      language: Type.Union([Type.Literal('en'), Type.Literal('pt')]),
      columns: Type.Optional(Type.Array(Type.Object({ ucd: Type.String(), unit: Type.Optional(Type.String()) }))),
    },
    { additionalProperties: false },
  ),
  upcasters: {
    1: ({ title, ...rest }) => ({ ...rest, name: title }),
    2: (data) => ({ ...data, language: 'en' }),
  },
})

const registry = new SchemaRegistry([renamed])
const data = { name: 'DP1', at: '2026-01-01T00:00:00Z', language: 'en' }
const event = (of: JsonObject, metadata: JsonObject = {}, type = 'ProductRenamed'): NewEvent => ({
  id: '0b5c3e0a-3f0e-5d0e-8f0e-0123456789ab',
  type,
  data: of,
  metadata,
})

describe('writing', () => {
  test('stamps the version', () => {
    expect(registry.stamp([event(data, { at: 'now' })])[0]?.metadata).toEqual({ at: 'now', schemaVersion: 3 })
  })

  test.each([
    ['an unknown type', event(data, {}, 'Unheard'), 'events[0].type'],
    ['a missing field', event({ name: 'DP1' }), 'events[0].data'],
    ['a field that does not fit', event({ ...data, name: '' }), 'events[0].data/name'],
    ['a format that does not fit', event({ ...data, at: 'yesterday' }), 'events[0].data/at'],
    ['an unknown field', event({ ...data, more: 1 }), 'events[0].data'],
    ['a stamp of another version', event(data, { schemaVersion: 1 }), 'events[0].metadata.schemaVersion'],
  ])('refuses %s', (_, broken, path) => {
    expect(() => registry.stamp([broken])).toThrow(InvalidEvent)
    expect(() => registry.stamp([broken])).toThrow(path)
  })
})

describe('reading', () => {
  test('runs the whole chain of upcasters and leaves the metadata', () => {
    const { name, at } = data
    const recorded = event({ title: name, at }, { schemaVersion: 1 })
    const upcast = registry.upcast(recorded)
    expect(upcast).toEqual({ ...event(data, { schemaVersion: 1 }), recordedData: recorded.data })
    expect(hashEvent({ ...upcast, stream: 's', revision: 0n })).toBe(
      hashEvent({ ...recorded, stream: 's', revision: 0n }),
    )
    expect(registry.upcast(event({ name, at }, { schemaVersion: 2 })).data).toEqual(data)
  })

  test('leaves current events and forgotten types alone', () => {
    const current = event(data, { schemaVersion: 3 })
    expect(registry.upcast(current)).toBe(current)
    const forgotten = event({ x: 1 }, {}, 'Forgotten')
    expect(registry.upcast(forgotten)).toBe(forgotten)
  })

  test('does not guess what a newer program wrote, nor accepts what an upcaster spoilt', () => {
    expect(() => registry.upcast(event(data, { schemaVersion: 4 }))).toThrow(UnsupportedEventVersion)
    expect(() => registry.upcast(event({ at: data.at }, { schemaVersion: 1 }))).toThrow(InvalidEvent)
  })
})

test('a gap in the chain of upcasters and a type defined twice are noticed at once', () => {
  expect(() => new SchemaRegistry([{ ...renamed, upcasters: { 1: (old) => old } }])).toThrow(
    'no upcaster from version 2',
  )
  expect(() => new SchemaRegistry([renamed, renamed])).toThrow('defined twice')
})

test('the documentation lists every field with its type and meaning', () => {
  const text = renderEventDocumentation([renamed])
  expect(text).toContain('| [ProductRenamed](#productrenamed) | 3 | Somebody gave a product \\| another name. |')
  expect(text).toContain('Version 3; versions 1, 2 are upcast when read.')
  expect(text).toContain('| `name` | string, length at least 1 | yes | The new name. |')
  expect(text).toContain('| `at` | string (date-time) | yes |  |')
  expect(text).toContain('| `language` | "en" \\| "pt" | yes |  |')
  expect(text).toContain('| `columns` | list of object | no |  |')
  expect(text).toContain('| `columns[].unit` | string | no |  |')
})
