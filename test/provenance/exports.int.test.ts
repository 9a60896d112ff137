import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { PROVENANCE_FORMATS } from '../../src/http/api/provenance-formats.ts'
import { type Json, type TestApp, testApp } from '../support/app.ts'
import { accepted, CATALOG, giveRole, published } from '../support/products.ts'
import { catalogOf, type Derived, derived, replaceMain } from './generations.ts'

let app: TestApp
let input: number
let other: number
let made: Derived
beforeAll(async () => {
  app = await testApp({ env: { PUBLIC_URL: 'https://pz.example.org' } })
  const alice = app.as('alice')
  input = await published(alice, { display_name: 'Input' })
  other = await published(alice, { display_name: 'Secret' })
  await replaceMain(alice, input, catalogOf(0.9))
  made = await derived(app, alice, [input, other], 'Made', catalogOf(1))
})
afterAll(() => app.close())

const exported = async (id: number, format: string, query = ''): Promise<string> => {
  const answer = await app.as('bob').get(`/api/products/${id}/provenance/?format=${format}${query}`)
  expect(answer.status, answer.text).toBe(200)
  return answer.text
}
const product = async (id: number): Promise<Json> => accepted(await app.as('bob').get(`/api/products/${id}/`))

describe('PROV', () => {
  it('tells every relation by the event that it comes from', async () => {
    const document = JSON.parse(await exported(made.product, 'prov-json'))
    const known = new Set<string>()
    for (const stream of [`product-${made.product}`, `run-${made.run}`]) {
      for await (const { id } of app.context.store.readStream(stream)) known.add(id)
    }
    const names = ['used', 'wasGeneratedBy', 'wasAssociatedWith', 'wasAttributedTo', 'wasInfluencedBy']
    const ids = names.flatMap((name) => Object.keys(document[name]))
    expect(ids.length).toBeGreaterThan(10)
    expect(new Set(ids).size).toBe(ids.length)
    const events = ids.map((id) => /^event:([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})/.exec(id)?.[1] ?? '')
    expect(events.filter((id) => !known.has(id))).toEqual([])
  })

  it('names what was read by its version and digest', async () => {
    const document = JSON.parse(await exported(made.product, 'prov-json'))
    const { used, entity } = document
    const read = Object.values<Json>(used).map((use) => use['prov:entity'])
    expect(read).toContain(`pz:product-${input}-v2`)
    const { outputs, inputs } = JSON.parse(await exported(made.product, 'run-lock'))
    expect(entity[`pz:product-${input}-v2`]['pz:sha256']).toBe(inputs[0].sha256)
    expect(entity[`pz:product-${made.product}-v1`]['pz:sha256']).toBe(outputs[0].sha256)
  })

  it('ends a product once, and not at a deletion that was taken back; a file of any role is a revision of the one before', async () => {
    const alice = app.as('alice')
    const id = await published(alice, { display_name: 'Deleted and restored' })
    for (const text of ['First', 'Second', 'Third'])
      accepted(await alice.upload(id, 'notes.txt', text, { role: 2, replace: true }))
    const told = async () =>
      JSON.parse((await alice.get(`/api/products/${id}/provenance/?format=prov-json`)).text) as Json
    for (let times = 0; times < 2; times++) {
      accepted(await alice.delete(`/api/products/${id}/`))
      accepted(await alice.post(`/api/products/${id}/restore/`))
    }
    const restored = await told()
    expect(restored.wasInvalidatedBy).toBeUndefined()
    const labels = Object.values<Json>(restored.activity).map((activity) => activity['prov:label'])
    expect(labels.filter((label) => label === 'Deletion').length).toBe(2)
    const files = Object.keys(restored.entity).filter((entity) => entity.startsWith('pz:file-'))
    expect(
      Object.values<Json>(restored.wasDerivedFrom).map((each) => [
        each['prov:generatedEntity'],
        each['prov:usedEntity'],
      ]),
    ).toEqual([
      [files[1], files[0]],
      [files[2], files[1]],
    ])
    accepted(await alice.delete(`/api/products/${id}/`))
    const deleted = Object.values<Json>((await told()).wasInvalidatedBy)
    expect(deleted.map((each) => each['prov:entity'])).toEqual([`pz:product-${id}`])
  })

  it('says in PROV-N what it says in JSON', async () => {
    const text = await exported(input, 'prov-n')
    expect(text).toMatch(/^document\n {2}prefix pz </)
    expect(text).toMatch(
      /wasDerivedFrom\(event:[\w-]+; pz:product-\d+-v2, pz:product-\d+-v1, pz:upload-[\w-]+, -, -, \[prov:type='prov:Revision'\]\)/,
    )
    const relations = Object.entries(JSON.parse(await exported(input, 'prov-json'))).filter(
      ([name]) => !['prefix', 'entity', 'activity', 'agent'].includes(name),
    )
    const ids = relations.flatMap(([, group]) => Object.keys(group as object))
    expect(ids.filter((id) => !text.includes(`(${id}; `))).toEqual([])
  })
})

describe('other exports', () => {
  it('describe a run as a Process Run Crate', async () => {
    const graph: Json[] = JSON.parse(await exported(made.product, 'ro-crate'))['@graph']
    const of = (id: string) => graph.find((entity) => entity['@id'] === id)
    const action = graph.find((entity) => entity['@type'] === 'CreateAction')
    expect(of('./').mentions).toEqual({ '@id': action['@id'] })
    expect(of(action.instrument['@id'])).toMatchObject({ '@type': 'SoftwareApplication' })
    expect(action.actionStatus).toBe('http://schema.org/CompletedActionStatus')
    for (const { '@id': id } of [action.object, action.result, of('./').hasPart].flat()) expect(of(id), id).toBeTruthy()
    expect(new Set(graph.map((entity) => entity['@id'])).size).toBe(graph.length)
  })

  it('tell the files of a run from those that people put there later, and who it was', async () => {
    const alice = app.as('alice')
    const { run, product: id } = await derived(app, alice, [input], 'Made and changed', catalogOf(4))
    const actions = async (): Promise<Json[]> => {
      const graph: Json[] = JSON.parse(await exported(id, 'ro-crate'))['@graph']
      const byId = new Map(graph.map((entity) => [entity['@id'], entity]))
      return graph
        .filter((entity) => entity['@type'] === 'CreateAction')
        .map(({ name, agent, result }) => ({
          name,
          agent: byId.get(agent['@id']).alternateName ?? byId.get(agent['@id']).name,
          result: [result].flat().map((part: Json) => part['@id']),
        }))
    }
    const ofRun = ['config.yaml', 'flags_translation.yaml', 'pipeline.log']
    const whole = { name: 'Made and changed', agent: 'alice', result: ['combined.csv', ...ofRun] }
    expect(await actions(), String(run)).toEqual([whole])
    accepted(await alice.upload(id, 'mine.csv', catalogOf(5), { replace: true }))
    accepted(await app.as('admin').upload(id, 'notes.txt', 'Notes', { role: 2 }))
    expect(await actions()).toEqual([
      { ...whole, result: ofRun },
      { name: 'Upload of mine.csv', agent: 'alice', result: ['mine.csv'] },
      { name: 'Upload of notes.txt', agent: 'admin', result: ['notes.txt'] },
    ])
  })

  it('lock the columns that a run read, which later roles do not change', async () => {
    const alice = app.as('alice')
    const twice = `${CATALOG.replace('z\n', 'z,z_best\n')
      .replaceAll(/(\d)\n(?=\d)/g, '$1,0.7\n')
      .trimEnd()},0.8\n`
    const id = await published(alice, { display_name: 'Two redshifts' })
    await replaceMain(alice, id, twice)
    const { product: result } = await derived(app, alice, [id], 'Of the first', catalogOf(6))
    await giveRole(alice, id, 'z_best', 'z')
    const lock = JSON.parse(await exported(result, 'run-lock'))
    expect(lock.inputs).toMatchObject([{ product: id, columns: { ra: 'RA', dec: 'Dec', z: 'z' } }])
  })

  it('cite exactly the state that they tell of', async () => {
    const { position, n_rows } = await product(input)
    await replaceMain(app.as('alice'), input, `${catalogOf(0.9)}2305843019946942126,10.8,-29.9,2\n`)
    const cff = parse(await exported(input, 'cff', `&as_of=${position}`))
    const link = new URL(cff.url)
    expect(link.origin).toBe('https://pz.example.org')
    expect(await exported(input, 'bibtex', `&as_of=${position}`)).toContain(`url = {${cff.url}}`)
    expect(JSON.parse(await exported(input, 'datacite', `&as_of=${position}`)).url).toBe(cff.url)
    const asOf = link.searchParams.get('as_of')
    const past = accepted(await app.as('bob').get(`/api/products/${input}/?as_of=${asOf}`))
    expect(past).toMatchObject({ position, n_rows })
    expect(cff.identifiers[0].value).toBe(`sha256:${past.files[0].sha256}`)
    expect((await product(input)).n_rows).toBe(n_rows + 1)
    expect((await app.as('bob').get(`${link.pathname}${link.search}`, { Accept: 'text/html' })).status).toBe(200)
  })

  it('name files in one order, today and as of the moment, whatever was added last', async () => {
    const alice = app.as('alice')
    const id = await published(alice, { display_name: 'In order' })
    accepted(await alice.upload(id, 'notes.txt', 'Notes', { role: 2 }))
    await replaceMain(alice, id, catalogOf(0.3))
    const { position, internal_name } = await product(id)
    for (const { name } of PROVENANCE_FORMATS) {
      if (name === 'run-lock') continue
      expect(await exported(id, name, `&as_of=${position}`), name).toBe(await exported(id, name))
    }
    const zip = async (query: string) => (await alice.get(`/product/${internal_name}/zip${query}`)).bytes
    expect(Buffer.from(await zip(`?as_of=${position}`)).equals(await zip(''))).toBe(true)
  })

  it('say of a product what they said, though an input is called otherwise later', async () => {
    const alice = app.as('alice')
    const source = await published(alice, { display_name: 'Called so then' })
    const { product: id } = await derived(app, alice, [source], 'Of what was called so', catalogOf(7))
    const all = () => Promise.all(PROVENANCE_FORMATS.map(({ name }) => exported(id, name)))
    const before = await all()
    expect(before.some((text) => text.includes('Called so then'))).toBe(true)
    accepted(await alice.patchJson(`/api/products/${source}/`, { display_name: 'Called otherwise' }))
    expect(await all()).toEqual(before)
  })

  it('keep hidden inputs to themselves', async () => {
    accepted(await app.as('alice').delete(`/api/products/${other}/`))
    for (const format of ['prov-json', 'prov-n', 'ro-crate', 'run-lock', 'datacite']) {
      expect(await exported(made.product, format), format).not.toContain('Secret')
    }
    accepted(await app.as('alice').post(`/api/products/${other}/restore/`))
  })

  it('are refused where there are none', async () => {
    expect((await app.as('bob').get(`/api/products/${input}/provenance/?format=run-lock`)).status).toBe(404)
    expect((await app.as('bob').get(`/api/products/${input}/provenance/?format=pdf`)).status).toBe(400)
    expect((await app.as('bob').get('/api/products/999/provenance/')).status).toBe(404)
    expect((await app.as('bob').get(`/api/processes/${made.run}/provenance/`)).status).toBe(404)
    expect((await app.as('alice').get(`/api/processes/${made.run}/provenance/?format=run-lock`)).status).toBe(200)
  })

  it('are signposted on the page, and go along in the zip', async () => {
    const { internal_name } = await product(made.product)
    const page = await app.as('bob').get(`/product/${internal_name}?tab=provenance`, { Accept: 'text/html' })
    const link = page.headers.get('link') ?? ''
    for (const rel of ['cite-as', 'describedby', 'item', 'type']) expect(link).toContain(`rel="${rel}"`)
    expect(page.text).toContain('format=ro-crate')
    const zip = await app.as('bob').get(`/api/products/${made.product}/download/`)
    expect(zip.text).toContain('ro-crate-metadata.json')
    expect(zip.text).toContain('https://w3id.org/ro/wfrun/process/0.5')
  })
})
