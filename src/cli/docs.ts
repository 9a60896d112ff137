import { mkdir, writeFile } from 'node:fs/promises'
import { EVENT_DEFINITIONS } from '../domain/events.ts'
import { renderEventDocumentation } from '../eventstore/documentation.ts'

/** `npm run docs`: writes docs/events.md from the definitions of the events. A test says when it is out of date. */
const folder = new URL('../../docs/', import.meta.url)
await mkdir(folder, { recursive: true })
await writeFile(new URL('events.md', folder), renderEventDocumentation(EVENT_DEFINITIONS))
