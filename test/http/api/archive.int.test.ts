import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type Client, type Json, type TestApp, testApp } from '../../support/app.ts'
import { accepted, PRODUCT_TYPE, published, registered } from '../../support/products.ts'
import { requestCombine, startTestWorker, twoCatalogs, untilProduct } from '../../support/runs.ts'
import { unzip } from '../../support/unzip.ts'

/** What a download of everything holds: `http-api.md`, 1.8, and `domain.md`, 2.9. */
let app: TestApp
let alice: Client
beforeAll(async () => {
  app = await testApp()
  alice = app.as('alice')
})
afterAll(() => app.close())

const OTHER = { product_type: PRODUCT_TYPE.other }
const archiveOf = async (id: number) => unzip((await alice.get(`/api/products/${id}/download/`)).bytes)
const metadataOf = async (id: number): Promise<Json> =>
  parse(String((await archiveOf(id)).get('product_metadata.yaml')))

describe('names in the zip', () => {
  const OWN = ['product_metadata.yaml', 'ro-crate-metadata.json', 'MANIFEST.sha256']
  let id: number
  let zip: ReadonlyMap<string, Buffer>
  beforeAll(async () => {
    id = await registered(alice, OTHER)
    accepted(await alice.upload(id, 'A.txt', 'upper'))
    for (const name of [...OWN, 'a.txt']) accepted(await alice.upload(id, name, `uploaded as ${name}`, { role: 2 }))
    zip = await archiveOf(id)
  })

  it('those of the generated files are no file’s, and the metadata come first', () => {
    expect([...zip.keys()]).toEqual([
      'product_metadata.yaml',
      'ro-crate-metadata.json',
      'A.txt',
      'MANIFEST (2).sha256',
      'a (2).txt',
      'product_metadata (2).yaml',
      'ro-crate-metadata (2).json',
      'MANIFEST.sha256',
    ])
    expect(parse(String(zip.get('product_metadata.yaml')))).toMatchObject({ id })
    expect(String(zip.get('product_metadata (2).yaml'))).toBe('uploaded as product_metadata.yaml')
  })

  it('the crate names each file as it is in the zip, with its digest', async () => {
    const inZip = JSON.parse(String(zip.get('ro-crate-metadata.json')))
    const alone = accepted(await alice.get(`/api/products/${id}/provenance/?format=ro-crate`))
    for (const { '@graph': graph } of [inZip, alone] as Json[]) {
      const files = graph.filter((entity: Json) => entity['@type'] === 'File')
      expect(files).toHaveLength(5)
      for (const file of files) {
        const bytes = zip.get(decodeURIComponent(file['@id'])) ?? ''
        expect([file['@id'], createHash('sha256').update(bytes).digest('hex')]).toEqual([file['@id'], file.sha256])
      }
      const root = graph.find((entity: Json) => entity['@id'] === './')
      const results = graph.flatMap(({ result }: Json) => result ?? [])
      const names = files.map((file: Json) => file['@id']).toSorted()
      for (const told of [root.hasPart, results])
        expect(told.map((entity: Json) => entity['@id']).toSorted()).toEqual(names)
      expect(root.mainEntity).toEqual({ '@id': 'A.txt' })
    }
  })
})

describe('product_metadata.yaml', () => {
  it('says of the main file what the API says', async () => {
    const id = await registered(alice, OTHER)
    const tar = Buffer.alloc(1024)
    tar.write('ustar', 257)
    accepted(await alice.upload(id, 'Results.TAR.gz', gzipSync(tar)))
    expect((await metadataOf(id)).main_file.extension).toBe('.tar.gz')
  })

  it('says the same to readers of YAML 1.1', async () => {
    const id = await registered(alice, { ...OTHER, display_name: '2024', description: 'Off\u2028icial\n\tyes' })
    const text = String((await archiveOf(id)).get('product_metadata.yaml'))
    const product = accepted(await alice.get(`/api/products/${id}/`))
    for (const version of ['1.1', '1.2'] as const) {
      const { display_name, internal_name, description, created_at } = parse(text, { version })
      expect({ display_name, internal_name, description, created_at }).toEqual({
        display_name: '2024',
        internal_name: `${id}_2024`,
        description: 'Off\u2028icial\n\tyes',
        created_at: product.created_at,
      })
    }
  })

  it('says how the run stands that makes the product', async () => {
    expect((await metadataOf(await published(alice))).process_status).toBeNull()
    const run = await requestCombine(alice, await twoCatalogs(alice))
    expect((await metadataOf(run.upload)).process_status).toBe('Pending')
    const worker = startTestWorker(app)
    const product = await untilProduct(alice, run.upload, ({ status }) => status === 1)
    await worker.stop()
    expect((await metadataOf(run.upload)).process_status).toBe('Successful')
    expect(product.process_status).toBe('Successful')
  })
})
