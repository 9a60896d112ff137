import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { catalogOf, derived, replaceMain } from '../../provenance/generations.ts'
import { type Json, type TestApp, testApp } from '../../support/app.ts'
import { accepted, published } from '../../support/products.ts'

/** The Python packages prov, rocrate and mlcroissant open what we export, and roc-validator finds nothing in the crates. */
const PYTHON = process.env.PARTNER_PYTHON ?? 'python3'
const PARTNER = fileURLToPath(new URL('exports_partner.py', import.meta.url))

let app: TestApp
let folder: string
beforeAll(async () => {
  app = await testApp({ env: { PUBLIC_URL: 'https://pz.example.org' } })
  folder = await mkdtemp(join(tmpdir(), 'photoz-exports-'))
})
afterAll(async () => {
  await app.close()
  await rm(folder, { recursive: true, force: true })
})

/** All that the validator misses of what is required or recommended: we do not ask people where they work. */
const UNKNOWN = [
  expect.stringMatching(/^RECOMMENDED .*The author SHOULD have an organizational affiliation/),
  expect.stringMatching(/^RECOMMENDED .*specifies the organizational `affiliation`/),
]

async function opened(id: number): Promise<Json> {
  const at = join(folder, String(id))
  await mkdir(join(at, 'crate'), { recursive: true })
  const write = async (format: string, name: string) => {
    const answer = await app.as('bob').get(`/api/products/${id}/provenance/?format=${format}`)
    expect(answer.status, answer.text).toBe(200)
    await writeFile(join(at, name), answer.text)
  }
  await write('prov-json', 'prov.json')
  await write('prov-n', 'prov.provn')
  await write('ro-crate', 'crate/ro-crate-metadata.json')
  await write('croissant', 'croissant.json')
  for (const file of accepted(await app.as('bob').get(`/api/products/${id}/files/`)).results) {
    await writeFile(join(at, 'crate', file.name), '')
  }
  const { stdout } = await promisify(execFile)(PYTHON, [PARTNER, at], { maxBuffer: 1e7 })
  // Some of the packages print as well.
  return JSON.parse(stdout.split('\n').find((line) => line.startsWith('{')) ?? stdout)
}

describe('the exports of a product', () => {
  it('are opened for an upload with two versions', async () => {
    const alice = app.as('alice')
    const id = await published(alice, {
      display_name: 'A “quoted” name',
      description: 'Two\nlines with "quotes" and \\',
    })
    await replaceMain(alice, id, catalogOf(0.9))
    expect(await opened(id)).toMatchObject({
      runs: 0,
      derived: 1,
      agents: ['alice'],
      files: ['catalog.csv'],
      actions: [{ name: 'Upload of catalog.csv', instrument: 'Photo-z Server', agent: 'Alice Liddell' }],
      profile: 'https://w3id.org/ro/wfrun/process/0.5',
      distribution: ['catalog.csv'],
      fields: ['objectId', 'RA', 'Dec', 'z'],
      errors: [],
      crate: UNKNOWN,
    })
  })

  it('are opened for what a run made of two others', async () => {
    const alice = app.as('alice')
    const inputs = [await published(alice), await published(alice)]
    const { product } = await derived(app, alice, inputs, 'Both', catalogOf(1))
    const told = await opened(product)
    expect(told).toMatchObject({ runs: 1, errors: [], crate: UNKNOWN })
    expect(told.used).toBeGreaterThan(2)
    expect(told.files).toEqual(expect.arrayContaining(['combined.csv', 'config.yaml', 'pipeline.log']))
    expect(told.actions).toEqual([
      expect.objectContaining({ name: 'Both', instrument: 'Combine Redshift Catalogs', agent: 'Alice Liddell' }),
    ])
  })
})
