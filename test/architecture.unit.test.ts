import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../', import.meta.url))

/** Packages that are types only, or need no I/O: pure code may use them. */
const PURE_PACKAGES = ['@sinclair/typebox']

interface Rule {
  /** Folders and files that may be imported, below the root. */
  readonly may: readonly string[]
  /** Folders of which only types may be imported. */
  readonly types?: readonly string[]
  /** Packages; all when not given. */
  readonly packages?: readonly string[]
}

/**
 * Who may import whom. The longest matching key counts; a folder may always import from itself. `AppContext` and `Log` are
 * types that everything above the stores may name.
 */
const RULES: Readonly<Record<string, Rule>> = {
  'src/domain': { may: [], packages: PURE_PACKAGES },
  // Whatever broke is tried again in one way, everywhere.
  'src/backoff.ts': { may: [] },
  'src/eventstore': { may: ['src/backoff.ts'], types: ['src/domain', 'src/database'] },
  'src/eventstore/postgres': {
    may: ['src/backoff.ts', 'src/eventstore', 'src/database/errors.ts'],
    types: ['src/database'],
  },
  'src/database': { may: ['src/backoff.ts'], types: ['src/eventstore'] },
  'src/projections': {
    may: [
      'src/backoff.ts',
      'src/domain',
      'src/database',
      'src/accounts/tables.ts',
      'src/eventstore/port.ts',
      'src/eventstore/resubscribing.ts',
      'src/eventstore/chain.ts',
      'src/eventstore/sha256.ts',
    ],
    types: ['src/eventstore'],
  },
  'src/blobs': { may: ['src/backoff.ts'] },
  'src/tables': { may: [] },
  // Its work files have names that the sweep at the next start knows.
  'src/tables/child': { may: ['src/tables', 'src/blobs/temporary-files.ts'] },
  // A HATS catalog is cut along HEALPix.
  'src/tables/hats': { may: ['src/tables', 'src/sky'] },
  'src/sky': { may: [] },
  'src/sky/kernel/assembly': { may: [], packages: [] },
  'src/pipelines': { may: ['src/backoff.ts', 'src/domain', 'src/eventstore', 'src/blobs', 'src/tables', 'src/sky'] },
  'src/provenance': { may: ['src/domain', 'src/eventstore', 'src/projections'], types: ['src/database', 'src/blobs'] },
  'src/accounts': { may: [], types: ['src/database', 'src/domain'] },
  'src/audit': { may: [], types: ['src/database'] },
  'src/application': {
    may: [
      'src/domain',
      'src/eventstore',
      'src/projections',
      'src/provenance',
      'src/blobs',
      'src/accounts',
      'src/audit',
      'src/tables',
      'src/sky',
      'src/pipelines',
    ],
    types: ['src/context.ts', 'src/database', 'src/log.ts', 'src/config.ts'],
  },
  'src/http': { may: ['src', 'views'] },
  'src/http/download': { may: ['src/http', 'src/blobs', 'src/domain'] },
  'src/cli': { may: ['src'] },
  'src/demo': {
    may: ['src/application', 'src/domain', 'src/projections', 'src/pipelines', 'src/tables', 'src/sky', 'src/accounts'],
    types: ['src/context.ts'],
  },
  views: { may: [], types: ['src/domain', 'src/tables/inspection.ts', 'src/tables/comparison.ts'] },
  // The address of a bucket is checked with all the rest.
  'src/config.ts': { may: ['src/blobs/s3/address.ts'], packages: [] },
  'src/start-failure.ts': { may: ['src/config.ts'], packages: [] },
  'src/stop-signals.ts': { may: [], types: ['src/log.ts'], packages: [] },
  'src/version.ts': { may: [], packages: [] },
  'src/log.ts': { may: [], types: ['src/config.ts'] },
  'src/context.ts': { may: ['src'] },
  'src/server.ts': { may: ['src'] },
  'src/main.ts': { may: ['src'] },
}

interface Import {
  readonly from: string
  readonly to: string
  readonly isType: boolean
}

interface Source {
  readonly path: string
  readonly text: string
  readonly imports: readonly Import[]
}

let sources: readonly Source[] = []

beforeAll(async () => {
  const paths = (
    await Promise.all(['src', 'views'].map((folder) => readdir(join(ROOT, folder), { recursive: true })))
  ).flatMap((names, index) => names.map((name) => `${['src', 'views'][index]}/${name}`))
  sources = await Promise.all(
    paths
      .filter((path) => /\.tsx?$/.test(path))
      .map(async (path) => {
        const text = withoutComments(await readFile(join(ROOT, path), 'utf8'))
        return { path, text, imports: importsOf(path, text) }
      }),
  )
})

const withoutComments = (text: string): string =>
  text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(?<=^|\s)\/\/.*$/gm, '')

function importsOf(path: string, text: string): Import[] {
  const found: Import[] = []
  const add = (to: string | undefined, isType: boolean) => {
    if (to === undefined) return
    const target = to.startsWith('.') ? relative(ROOT, join(ROOT, dirname(path), to)) : to
    found.push({ from: path, to: target, isType })
  }
  for (const [, clause = '', to] of text.matchAll(/^(?:import|export)\s+([^'";]*?)\s*from\s*'([^']+)'/gm)) {
    const names = /^\{([\s\S]*)\}$/
      .exec(clause)?.[1]
      ?.split(',')
      .map((name) => name.trim())
    const onlyTypes = names?.filter((name) => name !== '').every((name) => name.startsWith('type ')) ?? false
    add(to, clause.startsWith('type ') || onlyTypes)
  }
  for (const [, to] of text.matchAll(/^import\s*'([^']+)'/gm)) add(to, false)
  for (const [, to] of text.matchAll(/\bimport\(\s*'([^']+)'\s*\)/g)) add(to, false)
  for (const [, to] of text.matchAll(/new URL\(\s*'(\.[^']+\.tsx?)'/g)) add(to, false)
  return found
}

const isBelow = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`)

function ruleOf(path: string): readonly [string, Rule] | undefined {
  const keys = Object.keys(RULES).filter((key) => isBelow(path, key))
  const longest = keys.reduce((best, key) => (key.length > best.length ? key : best), '')
  const rule = RULES[longest]
  return rule === undefined ? undefined : [longest, rule]
}

function isAllowed({ from, to, isType }: Import): boolean {
  const found = ruleOf(from)
  if (found === undefined) return false
  const [own, { may, types = [], packages }] = found
  if (to.startsWith('node:'))
    return packages === undefined || isType || own === 'src/config.ts' || own === 'src/version.ts'
  if (!isBelow(to, 'src') && !isBelow(to, 'views')) {
    return packages === undefined || packages.some((name) => to === name || to.startsWith(`${name}/`))
  }
  const folders = [own, ...may, ...(isType ? types : [])]
  return folders.some((folder) => isBelow(to, folder))
}

describe('the architecture', () => {
  it('finds the sources and their imports', () => {
    expect(sources.length).toBeGreaterThan(100)
    expect(sources.flatMap((source) => source.imports).length).toBeGreaterThan(400)
  })

  it('has a rule for every file', () => {
    expect(sources.filter(({ path }) => ruleOf(path) === undefined).map(({ path }) => path)).toEqual([])
  })

  it('lets nobody import what is above or beside them', () => {
    const broken = sources.flatMap((source) => source.imports).filter((each) => !isAllowed(each))
    expect(broken.map(({ from, to, isType }) => `${from} -> ${to}${isType ? ' (type)' : ''}`)).toEqual([])
  })

  it('would notice an import that breaks the rules', () => {
    const values = (from: string, to: string) => isAllowed({ from, to, isType: false })
    expect(values('src/domain/moment.ts', 'src/http/problem.ts')).toBe(false)
    expect(values('src/domain/moment.ts', 'node:fs')).toBe(false)
    expect(values('src/application/files.ts', 'src/http/base-url.ts')).toBe(false)
    expect(values('src/tables/open.ts', 'src/blobs/error.ts')).toBe(false)
    expect(values('views/layout.tsx', 'src/projections/all.ts')).toBe(false)
    expect(importsOf('src/a/b.ts', "import { type X, y } from '../c.ts'\nimport type { Z } from './d.ts'\n")).toEqual([
      { from: 'src/a/b.ts', to: 'src/c.ts', isType: false },
      { from: 'src/a/b.ts', to: 'src/a/d.ts', isType: true },
    ])
  })

  it('imports files with their endings', () => {
    // AssemblyScript wants none.
    const bare = sources
      .filter(({ path }) => !path.startsWith('src/sky/kernel/assembly/'))
      .flatMap((source) => source.imports)
      .filter(({ to }) => /^(src|views)\//.test(to) && !/\.(tsx?|json|css|js)$/.test(to))
    expect(bare).toEqual([])
  })

  it.each([
    ['process.env', /\bprocess\.env\b/, /^src\/config\.ts$/],
    ['the console', /\bconsole\.\w+\(/, /^src\/cli\//],
    ['the EventStoreDB client', /@eventstore\/db-client/, /^src\/eventstore\/eventstoredb\//],
    ['PGlite', /from '@electric-sql\/pglite'/, /^src\/database\//],
    ['postgres.js', /from 'postgres'/, /^src\/database\//],
    [
      'the system clock or randomness in the domain',
      /\b(new Date\(\)|Date\.now|Math\.random|randomUUID)\b/,
      /^(?!src\/domain\/)/,
    ],
  ])('uses %s only where it belongs', (_, pattern, allowed) => {
    const users = sources.filter(({ path, text }) => pattern.test(text) && !allowed.test(path))
    expect(users.map(({ path }) => path)).toEqual([])
  })
})
