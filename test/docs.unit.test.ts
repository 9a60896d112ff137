import { access, readdir, readFile } from 'node:fs/promises'
import { describe, expect, it, test } from 'vitest'
import { EVENT_DEFINITIONS } from '../src/domain/events.ts'
import { renderEventDocumentation } from '../src/eventstore/documentation.ts'

const ROOT = new URL('../', import.meta.url)
const read = (path: string): Promise<string> => readFile(new URL(path, ROOT), 'utf8')

test('docs/events.md says what the definitions of the events say (npm run docs writes it)', async () => {
  expect(await read('docs/events.md')).toBe(renderEventDocumentation(EVENT_DEFINITIONS))
})

describe('the README', async () => {
  const readme = await read('README.md')

  it('leads only to what is there', async () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = '']) => path)
    expect(links.length).toBeGreaterThan(20)
    for (const path of links) await expect(access(new URL(path, ROOT)), path).resolves.toBeUndefined()
  })

  it('names every folder of the sources', async () => {
    const folders = (await readdir(new URL('src', ROOT), { withFileTypes: true })).filter((entry) =>
      entry.isDirectory(),
    )
    expect(folders.map(({ name }) => `(src/${name})`).filter((link) => !readme.includes(link))).toEqual([])
  })

  it('names every benchmark, every command and every variable', async () => {
    const [, benchmarks = ''] = /BENCHMARKS = \[(.*?)\]/s.exec(await read('bench/main.ts')) ?? []
    const names = [...benchmarks.matchAll(/'([\w-]+)'/g)].map(([, name = '']) => name)
    expect(readme).toContain(`npm run bench [-- ${names.join(' | ')}]`)
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(await read('package.json'))
    const commands = Object.keys(scripts).filter((name) => scripts[name]?.startsWith('tsx src/cli/'))
    expect(commands.filter((name) => !readme.includes(`npm run ${name}`))).toEqual([])
    const variables = new Set(
      [...(await read('src/config.ts')).matchAll(/'([A-Z]+_[A-Z_]+)'/g)].map(([, name]) => name),
    )
    expect(variables.size).toBeGreaterThan(15)
    expect([...variables].filter((name) => !readme.includes(`\`${name}\``))).toEqual([])
  })
})
