import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { ZipArchive } from 'archiver'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkLog } from '../../src/application/integrity.ts'
import type { ArchiveEntry } from '../../src/application/product-archive.ts'
import { bundleEntries } from '../../src/application/product-transfer.ts'
import { isProductEvent } from '../../src/domain/product/events.ts'
import { GENESIS, hashEvent, linkEvents } from '../../src/eventstore/chain.ts'
import type { RecordedEvent } from '../../src/eventstore/port.ts'
import { placeEntries, writeZip } from '../../src/http/download/zip.ts'
import { inclusionProof, leafHash, nodeHash, rootOf, type TreeNodes } from '../../src/projections/ledger/merkle.ts'
import { signCheckpoint } from '../../src/provenance/checkpoint/checkpoint.ts'
import { type EventLine, recordedEvent } from '../../src/provenance/portable/event-line.ts'
import { collect } from '../blobs/contract.ts'
import { multipart } from '../support/answer.ts'
import { type Answer, type Client, type Json, type TestApp, testApp } from '../support/app.ts'
import { accepted, CATALOG, columnsOf, PRODUCT_TYPE, published, registered } from '../support/products.ts'

let here: TestApp
let there: TestApp
let folder: string
let product: number
let entries: ArchiveEntry[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'photoz-transfer-'))
  here = await testApp({ env: { PUBLIC_URL: 'https://here.example.org' } })
  there = await testApp()
  const alice = here.as('alice')
  product = await published(alice, { display_name: 'DESI subset', description: 'With *Markdown*' })
  accepted(await alice.upload(product, 'readme.txt', 'Read me', { role: 2 }))
  accepted(await alice.upload(product, 'catalog.csv', `${CATALOG}7,11.5,-30,0.75\n`, { replace: true }))
  await published(there.as('bob'), { display_name: 'Has number 1 there' })
  entries = await bundleEntries(here.context, alice.request, product)
})
afterAll(async () => {
  await here.close()
  await there.close()
  await rm(folder, { recursive: true, force: true })
})

const upload = (bytes: Uint8Array): Promise<Answer> =>
  there.as('bob').send('POST', '/api/products/import/', multipart({}, { name: 'bundle.zip', content: bytes }))

/** The bundle with some of its texts changed. */
async function forged(change: (entry: { readonly name: string; readonly text: string }) => string | null) {
  const changed = entries.flatMap((entry): ArchiveEntry[] => {
    if (!('bytes' in entry)) return [entry]
    const text = change({ name: entry.name, text: Buffer.from(entry.bytes).toString('utf8') })
    return text === null ? [] : [{ name: entry.name, bytes: Buffer.from(text) }]
  })
  return zipped(changed)
}

async function zipped(list: readonly ArchiveEntry[]): Promise<Uint8Array> {
  const path = join(folder, `${randomUUID()}.zip`)
  await writeZip(path, placeEntries(list), here.context.blobs)
  return readFile(path)
}

/** As other programs pack them: what `writeZip` stores is compressed here. */
async function compressed(list: readonly ArchiveEntry[]): Promise<Buffer> {
  const archive = new ZipArchive({ zlib: { level: 9 } })
  for (const entry of list) {
    const bytes = 'bytes' in entry ? entry.bytes : await collect(here.context.blobs.read(entry.sha256))
    archive.append(Buffer.from(bytes), { name: entry.name })
  }
  await archive.finalize()
  return collect(archive)
}

const textOf = (name: string): string => {
  const entry = entries.find((each) => each.name === name)
  if (entry === undefined || !('bytes' in entry)) throw new Error(`${name} is not in the bundle`)
  return Buffer.from(entry.bytes).toString('utf8')
}

/** The bundle as somebody makes it who changes its events and signs them with a key of their own. */
async function signedAnew(change: (events: Json[]) => unknown, key = generateKeyPairSync('ed25519')) {
  const changed: Json[] = textOf('events.ndjson')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  change(changed)
  const { stream } = changed[0]
  const linked = linkEvents(stream, GENESIS, 0n, changed.map(recordedEvent))
  const lines = linked.events.map((event, n): EventLine => ({ ...changed[n], ...event, stream, revision: String(n) }))
  const hashes = lines.map((line) => Buffer.from(hashEvent(recordedEvent(line)), 'hex'))
  const nodes: TreeNodes = {
    node: async (height, index) =>
      height === 0
        ? leafHash(hashes[index]!)
        : nodeHash(await nodes.node(height - 1, 2 * index), await nodes.node(height - 1, 2 * index + 1)),
  }
  const { checkpoint } = JSON.parse(textOf('proof.json')).checkpoint
  const root = Buffer.from(await rootOf(nodes, 0, hashes.length)).toString('hex')
  const proven = lines.map(async (event, index) => ({
    event,
    index,
    inclusion: (await inclusionProof(nodes, index, hashes.length)).map((hash) => Buffer.from(hash).toString('hex')),
  }))
  const proof = {
    events: await Promise.all(proven),
    checkpoint: signCheckpoint({ ...checkpoint, size: hashes.length, root }, key.privateKey),
    publicKey: key.publicKey.export({ type: 'spki', format: 'pem' }),
  }
  const manifest = { ...JSON.parse(textOf('bundle.json')), events: lines.length, lastHash: linked.lastHash }
  const parts: Record<string, string> = {
    'bundle.json': JSON.stringify(manifest),
    'events.ndjson': lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
    'proof.json': JSON.stringify(proof),
  }
  return forged(({ name }) => parts[name] ?? '')
}

describe('a product that moves to another server', () => {
  it('comes with its files and its history, under a number of its own', async () => {
    const bundle = await here.as('alice').get(`/api/products/${product}/export/`)
    expect(bundle.headers.get('content-type')).toBe('application/zip')
    const { id } = accepted(await upload(bundle.bytes))
    const bob = there.as('bob')
    const moved = accepted(await bob.get(`/api/products/${id}/`))
    expect(moved).toMatchObject({ id: 2, display_name: 'DESI subset', description: 'With *Markdown*' })
    const files = accepted(await bob.get(`/api/product-files/?product_id=${id}`))
    expect(files.results.map((file: { name: string }) => file.name)).toEqual(['catalog.csv', 'readme.txt'])
    expect((await columnsOf(bob, id)).get('z')).toMatchObject({ alias: 'z', ucd: 'src.redshift' })
    expect((await there.as('alice').get(`/api/products/${id}/`)).status).toBe(200) // it was published

    const history: RecordedEvent[] = []
    for await (const event of there.context.store.readStream(`product-${id}`)) history.push(event)
    const imported = history[1]!
    if (!isProductEvent(imported) || imported.type !== 'ProductImported')
      throw new Error(`${imported.type} is not the import`)
    const { from } = imported.data
    expect(from).toMatchObject({ server: 'https://here.example.org', stream: `product-${product}` })
    const { sha256 } = imported.data.history
    let kept = ''
    for await (const chunk of there.context.blobs.read(sha256)) kept += Buffer.from(chunk).toString('utf8')
    const original = entries.find((entry) => entry.name === 'events.ndjson')
    expect(original !== undefined && 'bytes' in original && Buffer.from(original.bytes).toString('utf8')).toBe(kept)
    expect((await checkLog(there.context)).findings).toEqual([])
    // the first version of the catalog came along too
    expect(kept.match(/"FileAttached"/g)).toHaveLength(3)
  })

  it('tells what happened there, by whom and when, and that it is verified', async () => {
    const bob = there.as('bob')
    const { id, internal_name } = accepted(await upload(await zipped(entries)))
    const original = accepted(await here.as('alice').get(`/api/products/${product}/history/`)).results
    const imported = accepted(await bob.get(`/api/products/${id}/original_history/`))
    expect(imported).toMatchObject({
      count: original.length,
      server: 'https://here.example.org',
      stream: `product-${product}`,
      verified: true,
      problem: null,
    })
    const facts = ({ words, at, by, type }: Json) => ({ words, at, by, type })
    expect(imported.results.map(facts)).toEqual(original.map(facts))
    expect((await bob.get('/api/products/1/original_history/')).status).toBe(404)

    const page = (query = '') => bob.get(`/product/${internal_name}?tab=history${query}`, { Accept: 'text/html' })
    const { text } = await page()
    const before = text.slice(text.indexOf('id="imported"'))
    expect(text).toContain('Imported it from https://here.example.org')
    expect(before).toContain('Verified')
    expect(before).toContain('alice, ')
    expect(before).toContain('Replaced the main file catalog.csv')

    // Bytes that change later are noticed.
    const event = accepted(await bob.get(`/api/products/${id}/history/?kind=ProductImported`)).results[0]
    const path = await there.context.blobs.path(event.data.history.sha256)
    const bytes = await readFile(path, 'utf8')
    await chmod(path, 0o600)
    await writeFile(path, bytes.replace('With *Markdown*', 'With *markdown*'))
    expect(accepted(await bob.get(`/api/products/${id}/original_history/`))).toMatchObject({
      verified: false,
      problem: expect.stringMatching(/line 2 .*does not continue/),
    })
    expect((await page()).text).toContain('Do not rely on this.')
    await writeFile(path, bytes)
  })

  it.each([
    [
      'an event changed',
      'events.ndjson',
      (text: string) => text.replace('With *Markdown*', 'With markup'),
      /line 2 .*does not continue/,
    ],
    [
      'the last event changed',
      'events.ndjson',
      (text: string) => text.replace(/"format":"csv"(?![\s\S]*"format":"csv")/, '"format":"fits"'),
      /does not end as bundle.json says/,
    ],
    [
      'an event gone',
      'events.ndjson',
      (text: string) => text.split('\n').toSpliced(3, 1).join('\n'),
      /line 4 .*revision 3 is due/,
    ],
    ['no proof', 'proof.json', () => null, /proof.json is not in the bundle/],
    [
      'another checkpoint',
      'proof.json',
      (text: string) => text.replace(/("chainHead":")\w/, '$1x'),
      /signature of the checkpoint/,
    ],
    [
      'another proof',
      'proof.json',
      (text: string) => text.replace(/"inclusion":\["\w{64}"/, `"inclusion":["${'0'.repeat(64)}"`),
      /not in the log that was signed/,
    ],
    [
      'a file too many',
      'bundle.json',
      (text: string) => text.replace('"files": [', `"files": [{"sha256":"${'a'.repeat(64)}","size":1},`),
      /files\/a+ is not in the bundle/,
    ],
  ])('is refused with %s, and nothing is stored', async (_, part, change, words) => {
    const before = await there.context.store.head()
    const answer = await upload(await forged(({ name, text }) => (name === part ? change(text) : text)))
    expect([answer.status, answer.json?.detail]).toEqual([422, expect.stringMatching(words)])
    expect(await there.context.store.head()).toBe(before)
  })

  const first = (events: Json[], type: string): Json => events.find((event) => event.type === type)

  it.each<[string, (events: Json[]) => unknown, RegExp]>([
    ['a name that is no text', (events) => (first(events, 'ProductRegistered').data.displayName = 5), /displayName/],
    ['a file whose name is a number', (events) => (first(events, 'FileAttached').data.name = 7), /name/],
    ['an event without its time', (events) => (first(events, 'ProductRegistered').metadata.at = 5), /no actor or time/],
    ['nobody who did it', (events) => (first(events, 'ProductPublished').metadata.actor = 'x'), /no actor or time/],
    [
      'an event of something else',
      (events) => events.push({ ...events.at(-1), type: 'RunRequested', data: {} }),
      /does not fit RunRequested/,
    ],
  ])('is refused with %s, though it is signed', async (_, change, words) => {
    const before = await there.context.store.head()
    const answer = await upload(await signedAnew(change))
    expect([answer.status, answer.json?.detail]).toEqual([422, expect.stringMatching(words)])
    expect(await there.context.store.head()).toBe(before)
  })

  it('is refused when it is nested deeper than can be hashed, or signed with another kind of key', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const nested = await forged(({ name, text }) =>
      name === 'events.ndjson' ? text.replace('"metadata":{', `"metadata":{"deep":${deep},`) : text,
    )
    expect((await upload(nested)).json).toMatchObject({ status: 422, detail: expect.stringMatching(/too deeply/) })
    const pem = generateKeyPairSync('x25519').publicKey.export({ type: 'spki', format: 'pem' })
    const key = await forged(({ name, text }) =>
      name === 'proof.json' ? JSON.stringify({ ...JSON.parse(text), publicKey: pem }) : text,
    )
    expect((await upload(key)).json).toMatchObject({ status: 422, detail: expect.stringMatching(/Ed25519/) })
  })

  it('leaves the tricks in the names of files behind', async () => {
    const bundle = await signedAnew((events) => {
      for (const { type, data } of events) {
        if (type !== 'FileAttached' && type !== 'FileRemoved') continue
        data.name = data.role === 'main' ? '../../\u202ecatalog.csv' : '..\\..\\read\r\nme.txt'
      }
    })
    const { id } = accepted(await upload(bundle))
    const files = accepted(await there.as('bob').get(`/api/product-files/?product_id=${id}`)).results
    expect(files.map(({ name }: Json) => name)).toEqual(['catalog.csv', 'read__me.txt'])
  })

  it('is refused with a file that was changed, or when it is no bundle', async () => {
    const file = entries.find((entry) => 'sha256' in entry)
    const other = entries.map((entry) =>
      entry === file ? { name: entry.name, bytes: Buffer.from('other bytes') } : entry,
    )
    expect((await upload(await zipped(other))).json).toMatchObject({
      detail: expect.stringMatching(/files\/\w{64} was changed/),
    })
    expect((await upload(Buffer.from('not a zip'))).status).toBe(422)
    const strange = await zipped([{ name: 'other.txt', bytes: Buffer.from('x') }])
    expect((await upload(strange)).json.detail).toMatch(/does not belong into a bundle/)
  })
})

describe('a bundle that others packed', () => {
  const names = () => ['events.ndjson', ...entries.flatMap((entry) => ('sha256' in entry ? [entry.name] : []))]

  it('is refused, whatever of the zip is damaged', async () => {
    accepted(await upload(await compressed(entries)))
    for (const name of names()) {
      const bundle = await compressed(entries)
      // In the directory at the end: so many bytes come out of the entry.
      const size = bundle.lastIndexOf(name) - 46 + 24
      bundle.writeUInt32LE(bundle.readUInt32LE(size) + 1, size)
      const { status, json } = await upload(bundle)
      expect([status, json.detail]).toEqual([422, expect.stringMatching(`^${name} is damaged: not enough bytes`)])
    }
  })

  it('has to fit into the room of the person when it is unpacked', async () => {
    const alice = here.as('alice')
    const id = await registered(alice, { product_type: PRODUCT_TYPE.other })
    accepted(await alice.upload(id, 'zeros.txt', '0'.repeat(200_000), { role: 2 }))
    const bundle = await compressed(await bundleEntries(here.context, alice.request, id))
    const narrow = await testApp({ env: { PERSON_QUOTA: '100KB' } })
    try {
      const send = (path: string) =>
        narrow.as('bob').send('POST', path, multipart({}, { name: 'bundle.zip', content: bundle }))
      const answer = await send('/api/products/import/')
      expect([answer.status, answer.json.code]).toEqual([413, 'quota_exceeded'])
      expect((await send('/product/import')).status).toBe(413)
    } finally {
      await narrow.close()
    }
  })

  it('is refused when it lists a file twice', async () => {
    const twice = await forged(({ name, text }) => {
      if (name !== 'bundle.json') return text
      const manifest = JSON.parse(text)
      return JSON.stringify({ ...manifest, files: [...manifest.files, manifest.files[0]] })
    })
    expect((await upload(twice)).json.detail).toMatch(/^bundle.json lists files\/\w{64} twice/)
  })
})

describe('the pages that import', () => {
  const html = { Accept: 'text/html' }
  const send = (path: string, content: Uint8Array | null, client = there.as('bob')): Promise<Answer> =>
    client.send('POST', path, multipart({}, content === null ? null : { name: 'bundle.zip', content }))

  it('lead from the page that exports to the history of the new product', async () => {
    const { internal_name } = accepted(await here.as('alice').get(`/api/products/${product}/`))
    const from = await here.as('alice').get(`/product/${internal_name}?tab=provenance`, html)
    expect(from.text).toContain(`href="/api/products/${product}/export/"`)
    expect((await there.as('bob').get('/product/new', html)).text).toContain('href="/product/import"')
    const { status, headers } = await send('/product/import', await zipped(entries))
    expect([status, headers.get('location')]).toEqual([303, expect.stringMatching(/^\/product\/\d+_.*tab=history$/)])
    const page = await there.as('bob').get(headers.get('location') ?? '', html)
    expect(page.text).toContain('id="imported"')
  })

  it('say what is wrong with a bundle, and store nothing', async () => {
    const before = await there.context.store.head()
    const changed = await forged(({ name, text }) =>
      name === 'events.ndjson' ? text.replace('With', 'Without') : text,
    )
    const refused = await send('/product/import', changed)
    expect(refused.status).toBe(422)
    expect(refused.text).toMatch(/role="alert"[\s\S]*line 2 [\s\S]*does not continue[\s\S]*Nothing was stored/)
    const none = await send('/product/import', null)
    expect([none.status, none.text]).toEqual([400, expect.stringContaining('Choose a file first.')])
    expect(await there.context.store.head()).toBe(before)
  })

  it('stand in the administration, too', async () => {
    const path = '/admin/transfer'
    expect((await there.as('bob').get(path, html)).status).toBe(403)
    expect((await send(path, await zipped(entries))).status).toBe(403)
    const admin = there.as('admin')
    expect((await admin.get('/admin', html)).text).toContain('href="/admin/transfer"')
    expect((await admin.get(path, html)).text).toContain('npm run export')
    expect((await send(path, await zipped(entries), admin)).status).toBe(303)
    expect((await there.withToken(null).get('/product/import', html)).headers.get('location')).toContain('/sign-in')
  })
})

describe('the files of a product that moves', () => {
  it('keep their kinds, and the archive that a table was taken out of', async () => {
    const [alice, bob] = [here.as('alice'), there.as('bob')]
    const id = await registered(alice, { display_name: 'Packed' })
    accepted(await alice.upload(id, 'packed.csv.gz', gzipSync(CATALOG)))
    accepted(await alice.upload(id, 'page.html', '<p>Words</p>', { role: 1, type: 'text/html' }))
    const moved = accepted(await upload((await alice.get(`/api/products/${id}/export/`)).bytes)).id
    const filesOf = async (client: Client, product: number) => {
      const { results } = accepted(await client.get(`/api/products/${product}/files/`))
      return results.map(({ id: _, product: __, file: ___, created, updated, ...facts }: Json) => facts)
    }
    const files = await filesOf(alice, id)
    expect(files).toMatchObject([{ original_name: 'packed.csv.gz' }, { type: 'text/html' }])
    expect(await filesOf(bob, moved)).toEqual(files)
    const [main] = accepted(await bob.get(`/api/products/${moved}/files/`)).results
    const archive = await bob.get(`/api/product-files/${main.id}/download/?original=true`)
    expect(gunzipSync(archive.bytes).toString()).toBe(CATALOG)
  })
})
