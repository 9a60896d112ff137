import { describe, expect, it } from 'vitest'
import type { BlamedEvent, FieldBlame } from '../../../src/provenance/blame/fields.ts'
import { blameProduct } from '../../../src/provenance/blame/product-blame.ts'
import { blameRelease } from '../../../src/provenance/blame/release-blame.ts'
import { blameRun } from '../../../src/provenance/blame/run-blame.ts'
import { releaseFields as fields } from '../../domain/release-sample.ts'

type Told = readonly [type: string, data: object, actor?: string]

const events = (...told: readonly Told[]): BlamedEvent[] =>
  told.map(([type, data, actor = 'alice'], index) => ({
    type,
    data,
    actor,
    actorId: actor === 'alice' ? 1 : 2,
    at: `2026-03-14T09:00:0${index}.000Z`,
    position: String(index).padStart(20, '0'),
  }))
const of = (fields: readonly FieldBlame[], field: string) => fields.find((each) => each.field === field)

const SHA = 'a'.repeat(64)
const REGISTERED: Told = [
  'ProductRegistered',
  {
    productId: 1,
    internalName: '1_gold',
    displayName: 'Gold',
    productType: 'redshift_catalog',
    release: null,
    pzCode: null,
    description: null,
    owner: { userId: 1, username: 'alice' },
    origin: 'Upload',
    runId: null,
    status: 'registering',
  },
]
const file = (fileId: number, name: string, role = 'main') => ({ fileId, role, name, sha256: SHA, size: 5 })
const attached = (fileId: number, name: string, role = 'main'): Told => [
  'FileAttached',
  { ...file(fileId, name, role), mediaType: null, original: null },
]
const column = (id: number, name: string, unit: string | null) => ({
  id,
  name,
  type: 'float64',
  unit,
  ucd: null,
  description: null,
})
const inspected = (fileId: number, ...columns: object[]): Told => [
  'MainFileInspected',
  { fileId, format: 'csv', rows: 2, columns, inspection: { sha256: SHA, size: 1 } },
]

describe('blame of a product', () => {
  it('names who set a value, when, and what it was before', () => {
    const edit = { changes: { displayName: { from: 'Gold', to: 'Silver' }, description: { from: null, to: 'Words' } } }
    const fields = blameProduct(events(REGISTERED, ['MetadataEdited', edit, 'bob']))
    expect(of(fields, 'display_name')).toEqual({
      field: 'display_name',
      label: 'name',
      group: 'metadata',
      value: 'Silver',
      by: { id: 2, username: 'bob' },
      at: '2026-03-14T09:00:01.000Z',
      position: '00000000000000000001',
      event: 'MetadataEdited',
      before: {
        value: 'Gold',
        by: { id: 1, username: 'alice' },
        at: '2026-03-14T09:00:00.000Z',
        position: '00000000000000000000',
        event: 'ProductRegistered',
      },
    })
    expect(of(fields, 'description')).toMatchObject({ value: 'Words', before: null })
    expect(of(fields, 'product_type')).toMatchObject({ by: { username: 'alice' }, before: null })
    expect(of(fields, 'pz_code')).toBeUndefined()
  })

  it('knows the status before a deletion, also after it was restored', () => {
    const fields = blameProduct(
      events(REGISTERED, ['ProductPublished', {}], ['ProductDeleted', {}, 'bob'], ['ProductRestored', {}]),
    )
    expect(of(fields, 'status')).toMatchObject({
      value: 'published',
      event: 'ProductRestored',
      before: { value: 'deleted', by: { username: 'bob' } },
    })
    expect(of(fields, 'official')).toMatchObject({ value: false, event: 'ProductRegistered' })
  })

  it('follows files from version to version, and what was taken away', () => {
    const fields = blameProduct(
      events(
        REGISTERED,
        attached(1, 'a.csv'),
        ['FileRemoved', { ...file(1, 'a.csv'), replaced: true }, 'bob'],
        attached(2, 'b.csv'),
        attached(3, 'notes.txt', 'auxiliary'),
        ['FileRemoved', { ...file(3, 'notes.txt', 'auxiliary'), replaced: false }, 'bob'],
      ),
    )
    expect(of(fields, 'file:main')).toMatchObject({
      value: { id: 2, name: 'b.csv' },
      before: { value: { id: 1, name: 'a.csv' } },
    })
    expect(of(fields, 'file:auxiliary:notes.txt')).toMatchObject({
      value: null,
      by: { username: 'bob' },
      before: { value: { id: 3 } },
    })
  })

  it('follows columns by their numbers through a new main file', () => {
    const role = { columnId: 1, columnName: 'z', alias: 'z', ucd: 'src.redshift', previous: { alias: null, ucd: null } }
    const told = [
      REGISTERED,
      attached(1, 'a.csv'),
      inspected(1, column(1, 'z', null), column(2, 'mag', 'mag')),
      ['ColumnAssociated', role, 'bob'],
      inspected(2, column(1, 'z', 'km/s'), column(3, 'flux', 'nJy')),
    ] as const
    const fields = blameProduct(events(...told))
    expect(of(fields, 'column:1:role')).toMatchObject({
      label: 'role of z',
      value: { alias: 'z' },
      by: { username: 'bob' },
    })
    expect(of(fields, 'column:1:unit')).toMatchObject({ value: 'km/s', before: null })
    expect(fields.some(({ field }) => field.startsWith('column:2:'))).toBe(false)
    expect(of(fields, 'column:3:unit')).toMatchObject({ value: 'nJy' })
    const gone = blameProduct(events(...told, ['FileRemoved', { ...file(1, 'a.csv'), replaced: false }]))
    expect(gone.some(({ group }) => group === 'columns')).toBe(false)
  })

  it('blames nobody for a value that stayed as it was', () => {
    const before = blameProduct(events(REGISTERED))
    const same = { changes: { displayName: { from: 'Gold', to: 'Gold' } } }
    expect(blameProduct(events(REGISTERED, ['MetadataEdited', same, 'bob']))).toEqual(before)
  })
})

describe('blame of releases and runs', () => {
  it('says who opened or closed a release', () => {
    const told = blameRelease(
      events(
        ['ReleaseDefined', { releaseId: 1, fields }],
        [
          'ReleaseChanged',
          { from: { isPublic: true, accessGroups: [] }, to: { isPublic: false, accessGroups: [4] } },
          'bob',
        ],
        ['ReleaseRetired', {}],
      ),
    )
    expect(of(told, 'is_public')).toMatchObject({ value: false, by: { username: 'bob' }, before: { value: true } })
    expect(of(told, 'access_groups')).toMatchObject({ value: [4], before: { value: [] } })
    expect(of(told, 'retired')).toMatchObject({ value: true, before: { value: false } })
    expect(of(told, 'description')).toBeUndefined()
  })

  it('says who brought a release back', () => {
    const told = blameRelease(
      events(['ReleaseDefined', { releaseId: 1, fields }], ['ReleaseRetired', {}], ['ReleaseRestored', {}, 'bob']),
    )
    expect(of(told, 'retired')).toMatchObject({ value: false, by: { username: 'bob' }, before: { value: true } })
  })

  it('says who stopped a run, and wrote its note', () => {
    const requested = {
      runId: 1,
      pipeline: { name: 'combine', version: '1', displayName: 'Combine' },
      displayName: 'Run',
      description: null,
      parameters: {},
      inputs: [],
      objects: null,
      rules: null,
      outputFormat: 'csv',
      outputProductId: 2,
      owner: { userId: 1, username: 'alice' },
    }
    const told = blameRun(
      events(
        ['RunRequested', requested],
        ['RunStarted', { worker: 'w', attempt: 1 }, 'system'],
        ['RunStopRequested', {}, 'bob'],
        ['RunAbandoned', { worker: 'w' }, 'system'],
        ['RunDescribed', { changes: { comment: { from: null, to: 'A note' } } }],
      ),
    )
    expect(of(told, 'status')).toMatchObject({
      value: 'stopping',
      by: { username: 'bob' },
      before: { value: 'running' },
    })
    expect(of(told, 'comment')).toMatchObject({ value: 'A note' })
  })
})
