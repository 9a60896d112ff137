import { readFileSync } from 'node:fs'

const { version }: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

/** Version of the program. */
export const VERSION = version

/** Program and engine, kept in every event: what a run computes depends on both. */
export const SOFTWARE_VERSION = `photoz-server/${version} node/${process.versions.node}`
