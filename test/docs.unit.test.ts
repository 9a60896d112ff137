import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { EVENT_DEFINITIONS } from '../src/domain/events.ts'
import { renderEventDocumentation } from '../src/eventstore/documentation.ts'

test('docs/events.md says what the definitions of the events say (npm run docs writes it)', async () => {
  const written = await readFile(new URL('../docs/events.md', import.meta.url), 'utf8')
  expect(written).toBe(renderEventDocumentation(EVENT_DEFINITIONS))
})
