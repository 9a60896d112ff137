import { readFileSync } from 'node:fs'

const { version }: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

/** Name and version of the program, kept in every event. */
export const SOFTWARE_VERSION = `photoz-server/${version}`
