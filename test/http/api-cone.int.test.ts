import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTable } from '../../src/tables/open.ts'
import { type Client, type TestApp, testApp } from '../support/app.ts'
import { accepted, giveRole, PRODUCT_TYPE, published, registered } from '../support/products.ts'

const ROWS = [
  'objectId,RA,Dec,z,label',
  '2305843019946942123,10.5,-29.87,0.5,near <one>',
  '2305843019946942124,10.5001,-29.87,1.25,',
  '7,359.99995,10,0.1,west',
  '8,0.00005,10,,east',
  '9,,10,0.3,nowhere',
  '10,0,90,0.3,pole',
  '11,180,89.9999,0.3,over the pole',
]

let app: TestApp
let alice: Client
let id: number

beforeAll(async () => {
  app = await testApp()
  alice = app.as('alice')
  id = await registered(alice)
  accepted(await alice.upload(id, 'catalog.csv', `${ROWS.join('\n')}\n`))
  for (const [column, alias] of [
    ['objectId', 'ID'],
    ['RA', 'RA'],
    ['Dec', 'Dec'],
    ['z', 'z'],
  ] as const) {
    await giveRole(alice, id, column, alias)
  }
  accepted(await alice.patch(`/api/products/${id}/`, { status: '1' }))
})

afterAll(() => app?.close())

const cone = (query: string, client = alice, product = id) => client.get(`/api/products/${product}/cone/?${query}`)

describe('a cone search', () => {
  it('gives the rows of the table, the nearest first, with exact ids', async () => {
    const answer = accepted(await cone('RA=10.5&DEC=-29.87&SR=0.001'))
    expect(answer).toMatchObject({ product: id, count: 2, truncated: false })
    expect(answer.results).toEqual([
      { objectId: '2305843019946942123', RA: 10.5, Dec: -29.87, z: 0.5, label: 'near <one>', _dist_arcsec: 0 },
      {
        ...{ objectId: '2305843019946942124', RA: 10.5001, Dec: -29.87, z: 1.25, label: null },
        _dist_arcsec: expect.closeTo(0.312, 2),
      },
    ])
    expect(answer.columns[0]).toMatchObject({ name: 'objectId', type: 'int64' })
  })

  it.each([
    ['RA 0', 'RA=0&DEC=10&SR=0.001', [7, 8]],
    ['RA 0 as -0.00001', 'RA=-0.00001&DEC=10&SR=0.001', [7, 8]],
    ['a pole', 'RA=77&DEC=90&SR=0.001', [10, 11]],
  ])('works over %s', async (_where, query, ids) => {
    const { results } = accepted(await cone(query))
    expect(results.map((row: { objectId: number }) => row.objectId).sort()).toEqual(ids.sort())
  })

  it('is bounded, and says so', async () => {
    const answer = accepted(await cone('RA=10.5&DEC=-29.87&SR=180&MAXREC=1'))
    expect(answer).toMatchObject({ count: 1, truncated: true })
    expect(answer.results[0]).toMatchObject({ _dist_arcsec: 0 })
    expect(accepted(await cone('RA=0&DEC=0&SR=180')).count).toBe(6)
  })

  it('gives identifiers and positions alone with VERB=1, and columns alone with SR=0', async () => {
    const brief = accepted(await cone('RA=10.5&DEC=-29.87&SR=0.0001&VERB=1'))
    expect(Object.keys(brief.results[0])).toEqual(['objectId', 'RA', 'Dec', '_dist_arcsec'])
    const empty = accepted(await cone('RA=10.5&DEC=-29.87&SR=0'))
    expect(empty).toMatchObject({ count: 0, results: [] })
    expect(empty.columns).toHaveLength(5)
  })

  it('keeps an index that may be dropped or damaged', async () => {
    const folder = join(app.dataDir, 'cache', 'sky')
    const before = accepted(await cone('RA=10.5&DEC=-29.87&SR=1'))
    const [index, ...others] = await readdir(folder)
    expect(others).toEqual([])
    for (const damage of ['', 'not an index']) {
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, index!), damage)
      expect(accepted(await cone('RA=10.5&DEC=-29.87&SR=1'))).toEqual(before)
    }
  })

  it('tells every parameter that is wrong', async () => {
    const refused = await cone('RA=400&SR=-1&VERB=9&MAXREC=x')
    expect(refused.status).toBe(400)
    expect(refused.json).toMatchObject({
      RA: expect.any(String),
      DEC: 'Say a declination in degrees, -90 to 90.',
      SR: expect.stringContaining('"-1"'),
      VERB: expect.any(String),
      MAXREC: expect.any(String),
    })
    expect((await cone('RA=1&DEC=1&SR=1&format=fits')).status).toBe(400)
  })

  it('needs a product that the person may see, with positions', async () => {
    expect((await app.withToken(null).get(`/api/products/${id}/cone/?RA=1&DEC=1&SR=1`)).status).toBe(401)
    expect((await cone('RA=1&DEC=1&SR=1', alice, 4711)).status).toBe(404)
    const bare = await published(alice, { product_type: PRODUCT_TYPE.other })
    const refused = await cone('RA=1&DEC=1&SR=1', alice, bare)
    expect(refused.status).toBe(409)
    expect(refused.json.detail).toContain('roles RA and Dec')
    expect((await cone('RA=10.5&DEC=-29.87&SR=1', app.as('bob'))).status).toBe(200)
  })
})

describe('as a VOTable', () => {
  it('has what the Simple Cone Search asks for, and reads back', async () => {
    const answer = await cone('RA=10.5&DEC=-29.87&SR=0.001&format=votable')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/x-votable+xml')
    for (const ucd of ['ID_MAIN', 'POS_EQ_RA_MAIN', 'POS_EQ_DEC_MAIN']) {
      expect(answer.text.split(`ucd="${ucd}"`)).toHaveLength(2)
    }
    expect(answer.text).toMatch(/<FIELD name="objectId" datatype="char" arraysize="\*" ucd="ID_MAIN"/)
    expect(answer.text).toContain('<INFO name="QUERY_STATUS" value="OK"/>')
    const path = join(app.dataDir, 'tmp', 'cone.vot')
    await writeFile(path, answer.bytes)
    const reader = await openTable({ path, fileName: 'cone.vot' })
    const rows: unknown[] = []
    for await (const batch of reader.batches()) for (const row of batch) rows.push(row.toJSON())
    await reader.close()
    expect(rows).toHaveLength(2)
    expect(rows[0]).toMatchObject({ objectId: '2305843019946942123', RA: 10.5, label: 'near <one>', _dist_arcsec: 0 })
    expect(await readdir(join(app.dataDir, 'tmp'))).toEqual(['cone.vot'])
  })

  it('numbers the rows of a product without ids', async () => {
    const bare = await published(alice)
    const answer = await cone('RA=10.5&DEC=-29.87&SR=0.001&RESPONSEFORMAT=votable', alice, bare)
    expect(answer.text).toMatch(/<FIELD name="row" datatype="char" arraysize="\*" ucd="ID_MAIN"/)
    expect(answer.text).toContain('<TR><TD>1</TD>')
  })

  it('says when there is more', async () => {
    const answer = await cone('ra=10.5&dec=-29.87&sr=180&maxrec=1', alice)
    expect(answer.json.truncated).toBe(true)
    const votable = await cone('ra=10.5&dec=-29.87&sr=180&maxrec=1&format=votable')
    expect(votable.text).toContain('<INFO name="QUERY_STATUS" value="OVERFLOW"/>')
  })

  it('tells errors as the Simple Cone Search does', async () => {
    const answer = await cone('RA="<x>"&DEC=1&SR=1&format=votable')
    expect(answer.status).toBe(200)
    expect(answer.text).toContain('name="Error" value="RA: &quot;&quot;&lt;x&gt;&quot;&quot; is not')
    expect(answer.text).not.toContain('<TABLE')
    const missing = await cone('RA=1&DEC=1&SR=1&format=votable', alice, 4711)
    expect(missing.status).toBe(404)
    expect(missing.text).toContain('name="Error" value="Not found."')
  })
})

it('is in the documentation', async () => {
  const { paths } = (await app.request('/api/openapi.json')).json
  const described = paths?.['/api/products/{id}/cone/']?.get
  expect(described?.parameters.map(({ name }: { name: string }) => name)).toEqual(
    expect.arrayContaining(['id', 'RA', 'DEC', 'SR', 'VERB', 'MAXREC', 'format']),
  )
})
