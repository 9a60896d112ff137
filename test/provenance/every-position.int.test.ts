import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { blameOf } from '../../src/application/blame.ts'
import { productRecord, productState } from '../../src/application/product-record.ts'
import { productAsOf } from '../../src/application/time-travel.ts'
import { type RecordedEvent, START } from '../../src/eventstore/port.ts'
import { PROVENANCE_FORMATS } from '../../src/http/api/provenance-formats.ts'
import { evolveColumnRows } from '../../src/projections/columns/projection.ts'
import type { ColumnRow } from '../../src/projections/columns/tables.ts'
import { evolveFileRows } from '../../src/projections/files/projection.ts'
import type { FileRow } from '../../src/projections/files/tables.ts'
import { evolveProductRow } from '../../src/projections/products/projection.ts'
import { listProducts } from '../../src/projections/products/queries.ts'
import type { ProductRow } from '../../src/projections/products/tables.ts'
import { stampOf, subjectId } from '../../src/projections/recorded.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { accepted, giveRole } from '../support/products.ts'
import { catalogOf, generations, replaceMain } from './generations.ts'

/** A product after some of the events, by the plainest means: one event after the other. */
interface Folded {
  readonly row: ProductRow
  readonly files: readonly FileRow[]
  readonly columns: readonly ColumnRow[]
}

let app: TestApp
let log: RecordedEvent[]
beforeAll(async () => {
  app = await testApp({ env: { PUBLIC_URL: 'https://pz.example.org' } })
  const { context } = app
  const [alice, admin] = [app.as('alice'), app.as('admin')]
  // Three generations, a replaced input, an undo, a deletion, a restoration, and somebody else's hands.
  const { a, b, ab } = await generations(app)
  await giveRole(alice, a, 'objectId', 'ID')
  await replaceMain(
    alice,
    b,
    `${catalogOf(0.7)
      .replace('z\n', 'z,flag\n')
      .replaceAll(/(\d)\n(?=\d)/g, '$1,4\n')
      .trimEnd()},3\n`,
  )
  const { position } = accepted(
    await admin.patch(`/api/products/${a}/`, { display_name: 'Renamed', description: 'Words' }),
  )
  accepted(await alice.post(`/api/products/${a}/undo/`, { position }))
  accepted(await admin.patch(`/api/products/${a}/`, { official_product: 'true' }))
  accepted(await alice.upload(b, 'notes.txt', 'Notes', { role: 2 }))
  accepted(await alice.delete(`/api/products/${ab.product}/`))
  const replaced = accepted(await alice.get(`/api/products/${b}/history/?kind=FileRemoved`)).results.at(-1)
  accepted(await alice.post(`/api/products/${b}/undo/`, { position: replaced.position }))
  accepted(await alice.post(`/api/products/${ab.product}/restore/`))
  log = []
  for await (const event of context.store.readAll(START)) log.push(context.registry.upcast(event))
})
afterAll(() => app.close())

/** The state of each product after each event of the log. */
function* states(): Generator<{ readonly event: RecordedEvent; readonly all: ReadonlyMap<number, Folded> }> {
  const all = new Map<number, Folded>()
  for (const event of log) {
    if (event.stream.startsWith('product-')) {
      const id = subjectId(event.stream)
      const before = all.get(id)
      const row = evolveProductRow(before?.row ?? null, event)
      if (row === null) throw new Error('a product without a registration')
      const files = evolveFileRows([...(before?.files ?? [])], event)
      all.set(id, { row, files, columns: evolveColumnRows([...(before?.columns ?? [])], event) })
    }
    yield { event, all }
  }
}

const at = (event: RecordedEvent) => ({ kind: 'position', position: event.position }) as const
const present = (files: readonly FileRow[]) => files.filter((file) => file.removedAt === null)
const byId = <Row extends { readonly id: number }>(rows: Iterable<Row>) => [...rows].toSorted((x, y) => x.id - y.id)
const ORDER = { by: 'id', descending: false } as const

describe('at every position of the log', () => {
  it('lists, products, files and columns are what a fold gives', async () => {
    const { request } = app.as('admin')
    let positions = 0
    for (const { event, all } of states()) {
      const list = await listProducts(app.context.database.drizzle, request.actor, {}, ORDER, null, at(event))
      const folded = byId([...all.values()].map(({ row }) => row))
      expect(
        list.items.map(({ product }) => product),
        event.position,
      ).toEqual(folded)
      for (const [id, { row, files, columns }] of all) {
        const past = await productAsOf(app.context, request, id, at(event))
        expect(past.product, `product ${id} at ${event.position}`).toEqual(row)
        expect(byId(past.files), `files of ${id} at ${event.position}`).toEqual(byId(present(files)))
        expect(past.columns, `columns of ${id} at ${event.position}`).toEqual(columns)
      }
      positions += 1
    }
    expect(positions).toBeGreaterThan(60)
    expect(log.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['ProductDeleted', 'ProductRestored', 'FileRemoved', 'RunSucceeded']),
    )
  })

  it('blame names the event after which a value is what it is, and the value before', async () => {
    const { request } = app.as('admin')
    /** By product and field: the values that it had, with the events that changed it, by comparing the states. */
    const seen = new Map<string, { value: unknown; position: string; by: string }[]>()
    for (const { event, all } of states()) {
      if (!event.stream.startsWith('product-')) continue
      const id = subjectId(event.stream)
      const folded = all.get(id)
      if (folded === undefined) throw new Error('no state')
      const values = valuesOf(folded)
      for (const [field, value] of values) {
        const key = `${id} ${field}`
        const known = seen.get(key) ?? []
        const last = known.at(-1)
        if (last === undefined ? value === null : JSON.stringify(last.value) === JSON.stringify(value)) continue
        seen.set(key, [...known, { value, position: event.position, by: stampOf(event).actor }])
      }
      const blame = await blameOf(app.context, request, { kind: 'product', id }, at(event))
      const of = new Map(blame.map((field) => [field.field, field]))
      const told = blame.filter(({ group, field }) => group === 'columns' && /:(role|unit|type)$/.test(field))
      expect(told.filter(({ field }) => !values.has(field))).toEqual([])
      for (const field of values.keys()) {
        const history = seen.get(`${id} ${field}`) ?? []
        const [last, before] = [history.at(-1), history.at(-2)]
        const found = of.get(field)
        if (last === undefined) expect(found, `${field} at ${event.position}`).toBeUndefined()
        else {
          expect(
            { value: found?.value, position: found?.position, by: found?.by.username },
            `${field} of ${id} at ${event.position}`,
          ).toEqual(last)
          expect(found?.before?.value, `${field} of ${id} before ${event.position}`).toEqual(before?.value)
          expect(found?.before?.position).toEqual(before?.position)
        }
      }
    }
    expect([...seen.values()].filter((values) => values.length > 2).length).toBeGreaterThan(2)
  })

  it('every export tells of that state, and its citation leads there', async () => {
    const { request } = app.as('admin')
    const base = 'https://pz.example.org'
    const written = new Map<string, number>()
    for (const { event, all } of states()) {
      if (!event.stream.startsWith('product-')) continue
      const id = subjectId(event.stream)
      const { row, files } = all.get(id) as Folded
      const state = await productState(app.context, request, id, at(event))
      const record = await productRecord(app.context, request, state, base)
      expect(record.events.at(-1)?.position, event.position).toBe(event.position)
      const main = present(files).find((file) => file.role === 'main')
      const permalink = `${base}/product/${row.internalName}?as_of=${event.position.replace(/^0+(?=\d{5})/, '')}`
      for (const format of PROVENANCE_FORMATS) {
        const text = format.write(record, state)
        const where = `${format.name} of ${id} at ${event.position}`
        if (text === null) {
          expect([format.name, row.runId], where).toEqual(['run-lock', null])
          continue
        }
        written.set(format.name, (written.get(format.name) ?? 0) + 1)
        if (main !== undefined) expect(text, where).toContain(main.sha256)
        for (const gone of files) {
          if (gone.removedAt !== null && !present(files).some(({ sha256 }) => sha256 === gone.sha256)) {
            // Provenance tells of earlier versions; what is cited and loaded is what was there.
            if (['cff', 'datacite', 'bibtex', 'croissant'].includes(format.name))
              expect(text, where).not.toContain(gone.sha256)
          }
        }
        if (format.name === 'cff') expect(parse(text), where).toMatchObject({ title: row.displayName, url: permalink })
        if (format.name === 'datacite')
          expect(JSON.parse(text), where).toMatchObject({ titles: [{ title: row.displayName }], url: permalink })
        if (format.name === 'bibtex') expect(text, where).toContain(`url = {${permalink}}`)
        if (text.startsWith('{')) expect(JSON.parse(text), where).toBeTypeOf('object')
      }
    }
    for (const { name } of PROVENANCE_FORMATS) expect(written.get(name) ?? 0, name).toBeGreaterThan(5)
  })
})

/** What blame is about, read off the rows of a state. */
function valuesOf({ row, files, columns }: Folded): Map<string, unknown> {
  const main = present(files).find((file) => file.role === 'main')
  const fileValue = (file: FileRow | undefined) =>
    file === undefined ? null : { id: file.id, name: file.name, size: file.size, sha256: file.sha256 }
  const values = new Map<string, unknown>([
    ['display_name', row.displayName],
    ['description', row.description],
    ['product_type', row.productType],
    ['pz_code', row.pzCode],
    ['official', row.official],
    ['status', row.status],
  ])
  // Between the removal and its replacement, in one command, there is no main file; blame looks at the whole replacement.
  if (main !== undefined) values.set('file:main', fileValue(main))
  for (const file of present(files))
    if (file.role !== 'main') values.set(`file:${file.role}:${file.name}`, fileValue(file))
  for (const { id, alias, ucd, unit, type } of columns) {
    values.set(`column:${id}:role`, alias === null && ucd === null ? null : { alias, ucd })
    values.set(`column:${id}:unit`, unit)
    values.set(`column:${id}:type`, type)
  }
  return values
}
