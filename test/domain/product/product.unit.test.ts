import { describe, expect, it } from 'vitest'
import { SYSTEM } from '../../../src/domain/actor.ts'
import { inSequence } from '../../../src/domain/decider.ts'
import type { ProductCommand } from '../../../src/domain/product/commands.ts'
import { productDecider } from '../../../src/domain/product/decider.ts'
import type { ProductEvent } from '../../../src/domain/product/events.ts'
import type { Product } from '../../../src/domain/product/product.ts'
import { PRODUCT_TYPES } from '../../../src/domain/product/product-type.ts'
import { specificationOf } from '../specification.ts'
import {
  admin,
  alice,
  associated,
  attach,
  attached,
  blob,
  bob,
  complete,
  event,
  inspected,
  noTable,
  register,
  registered,
  removed,
  table,
} from './samples.ts'

const { given } = specificationOf(productDecider)
const published = [...complete, event('ProductPublished')]
const deleted = [...complete, event('ProductDeleted')]
const purged: readonly ProductEvent[] = [
  ...deleted,
  { type: 'ProductPurged', data: { files: [{ name: 'catalog.csv', ...blob(10) }] } },
]
const publish = { type: 'PublishProduct', by: alice } as const

describe('registering', () => {
  it('gives the product its names, its owner and its status', () => {
    given()
      .when(register({ displayName: '  Ração (v1)  ', description: ' ', pzCode: '', release: null }))
      .thenDecides({
        type: 'ProductRegistered',
        data: {
          productId: 1,
          internalName: '1_ração_v1',
          displayName: 'Ração (v1)',
          productType: 'redshift_catalog',
          release: null,
          pzCode: null,
          description: null,
          owner: { userId: 2, username: 'alice' },
          origin: 'Upload',
          runId: null,
          status: 'registering',
        },
      })
  })

  it('happens once', () => given(registered()).when(register()).thenThrows('conflict'))

  it('lets administrators make it official at once, and nobody else', () => {
    given()
      .when(register({ by: admin, official: true }))
      .thenTypes('ProductRegistered', 'ProductMarkedOfficial')
    given()
      .when(register({ official: true }))
      .thenThrows('forbidden', /admin permissions/)
  })

  it.each([
    [{ displayName: null }, /display_name: This field is required/],
    [{ displayName: '\t ' }, /may not be blank/],
    [{ displayName: 'x'.repeat(256) }, /no more than 255/],
    [{ displayName: 'a\u0007b' }, /Null characters/],
    [{ displayName: 'a\ud800' }, /Null characters/],
    [{ productType: null }, /product_type: This field is required/],
    [{ productType: 'pictures' }, /object does not exist/],
    [{ description: 'x'.repeat(65_537) }, /no more than 65536/],
  ] as const)('refuses %j', (over, message) => given().when(register(over)).thenThrows('invalid', message))

  it.each(PRODUCT_TYPES)('$name: a release and a photo-z code only where the type has them', (type) => {
    const release = { id: 1, displayName: 'DP1' }
    const withRelease = given().when(register({ productType: type.name, release }))
    const withCode = given().when(register({ productType: type.name, pzCode: 'bpz' }))
    if (type.mayHaveRelease) withRelease.thenTypes('ProductRegistered')
    else withRelease.thenThrows('invalid', /Release must be null on/)
    if (type.mayHavePzCode) withCode.thenTypes('ProductRegistered')
    else withCode.thenThrows('invalid', /Pz Code must be null on/)
  })
})

describe('who may do what', () => {
  const commands: readonly ProductCommand[] = [
    attach({ by: bob }),
    { type: 'RemoveFile', by: bob, fileId: 1 },
    { type: 'RecordInspection', by: bob, fileId: 1, inspection: table(['z']) },
    { type: 'AssociateColumn', by: bob, columnId: 1, alias: 'z' },
    { type: 'EditMetadata', by: bob, metadata: { description: 'x' } },
    { type: 'MarkOfficial', by: bob, official: false },
    { type: 'PublishProduct', by: bob },
    { type: 'DeleteProduct', by: bob },
    { type: 'RestoreProduct', by: bob },
    { type: 'PurgeProduct', by: bob },
  ]

  it.each(commands)('$type: not for others', (command) => {
    given(complete).when(command).thenThrows('forbidden')
    given().when(command).thenThrows('not_found')
    given(purged).when(command).thenThrows('gone')
  })

  it('only administrators mark a product as official, and take the mark away', () => {
    given(complete).when({ type: 'MarkOfficial', by: alice, official: true }).thenThrows('forbidden')
    given(complete).when({ type: 'MarkOfficial', by: admin, official: true }).thenTypes('ProductMarkedOfficial')
    const official = [...complete, event('ProductMarkedOfficial')]
    given(official).when({ type: 'MarkOfficial', by: admin, official: true }).thenNothing()
    given(official).when({ type: 'MarkOfficial', by: alice, official: false }).thenThrows('forbidden')
    given(official).when({ type: 'MarkOfficial', by: admin, official: false }).thenTypes('ProductUnmarkedOfficial')
  })

  it('only administrators purge, and only what is deleted', () => {
    given(deleted).when({ type: 'PurgeProduct', by: alice }).thenThrows('forbidden')
    given(complete)
      .when({ type: 'PurgeProduct', by: admin })
      .thenThrows('conflict', /Only a deleted/)
    given(registered(), attached(), inspected(), removed(), attached(2, 'auxiliary', 'b.txt'), event('ProductDeleted'))
      .when({ type: 'PurgeProduct', by: admin })
      .thenDecides({
        type: 'ProductPurged',
        data: {
          files: [
            { name: 'catalog.csv', ...blob(10) },
            { name: 'b.txt', ...blob(20) },
          ],
        },
      })
  })
})

describe('files', () => {
  it('a main file comes with its inspection', () => {
    given(registered()).when(attach()).thenDecides(attached(), inspected())
  })

  it('a table is needed where the type says so, and a name must not lie anywhere', () => {
    given(registered())
      .when(attach({ inspection: noTable }))
      .thenThrows('not_a_table', /picture/)
    given(registered('other'))
      .when(attach({ inspection: noTable }))
      .thenTypes('FileAttached', 'InspectionFailed')
    const lie = { kind: 'not_a_table', code: 'extension_lies', reason: 'It ends in .csv but is Parquet.' } as const
    given(registered('other'))
      .when(attach({ inspection: lie }))
      .thenThrows('not_a_table', /Parquet/)
  })

  it('there is one main file; another one must replace it', () => {
    const second = { fileId: 2, name: 'second.csv', inspection: table(['z', 'RA', 'Dec', 'new'], 10) }
    given(complete)
      .when(attach(second))
      .thenThrows('conflict', /catalog\.csv/)
    const state = given(complete)
      .when(attach({ ...second, replace: true }))
      .thenTypes('FileRemoved', 'FileAttached', 'MainFileInspected') as Product
    // roles and numbers stay with the names
    expect(state.columns.map(({ id, name, role }) => [id, name, role.alias])).toEqual([
      [3, 'z', 'z'],
      [1, 'RA', 'RA'],
      [2, 'Dec', 'Dec'],
      [13, 'new', null],
    ])
    expect(state.files.map((file) => file.id)).toEqual([2])
    expect(state.everAttached.map((file) => file.id)).toEqual([1, 2])
  })

  it('columns that a file names alike have numbers of their own, and one of them the role', () => {
    const twins = { fileId: 2, replace: true, inspection: table(['z', 'z', 'z'], 20) }
    const state = given(complete).when(attach(twins)).thenTypes('FileRemoved', 'FileAttached', 'MainFileInspected')
    expect((state as Product).columns.map(({ id, role }) => [id, role.alias])).toEqual([
      [3, 'z'],
      [21, null],
      [22, null],
    ])
  })

  it('two files never have the same name, whatever the white space around it', () => {
    const given2 = given(complete, attached(2, 'auxiliary', 'notes.txt'))
    const notes = { fileId: 3, role: 'auxiliary', name: 'notes.txt' } as const
    given2.when(attach(notes)).thenThrows('conflict', /same name/)
    given2.when(attach({ ...notes, name: ' notes.txt ' })).thenThrows('conflict', /same name/)
    given2.when(attach({ ...notes, replace: true })).thenTypes('FileRemoved', 'FileAttached')
    given2.when(attach({ ...notes, role: 'description', replace: true })).thenThrows('conflict')
    given2.when(attach({ ...notes, name: 'catalog.csv', replace: true })).thenThrows('conflict')
    given2.when(attach({ ...notes, role: 'main', inspection: table(['z']), replace: true })).thenThrows('conflict')
  })

  it('taking the main file away takes its columns; a file that is not there is not found', () => {
    const state = given(complete).when({ type: 'RemoveFile', by: alice, fileId: 1 }).thenTypes('FileRemoved')
    expect((state as Product).columns).toEqual([])
    given(complete).when({ type: 'RemoveFile', by: alice, fileId: 9 }).thenThrows('not_found')
  })

  it('an inspection is recorded for the main file alone', () => {
    const again = { type: 'RecordInspection', by: alice, fileId: 1, inspection: table(['RA', 'Dec', 'z'], 50) } as const
    const state = given(complete).when(again).thenTypes('MainFileInspected') as Product
    expect(state.columns.map(({ id, role }) => [id, role.alias])).toEqual([
      [1, 'RA'],
      [2, 'Dec'],
      [3, 'z'],
    ])
    given(complete, attached(2, 'auxiliary', 'b'))
      .when({ ...again, fileId: 2 })
      .thenThrows('not_found')
    given(published)
      .when({ ...again, inspection: table(['RA']) })
      .thenThrows('roles_missing', /Dec,z/)
    given(published)
      .when({ ...again, inspection: noTable })
      .thenThrows('not_a_table')
  })
})

describe('roles of columns', () => {
  const associate = (columnId: number, roles: { alias?: string | null; ucd?: string | null }) =>
    ({ type: 'AssociateColumn', by: alice, columnId, ...roles }) as const
  const draft = [registered(), attached(), inspected(['a', 'b', 'c'])]

  it('a standard alias brings its spelling and its UCD', () => {
    given(draft)
      .when(associate(1, { alias: 'ra' }))
      .thenDecides(associated(1, 'a', 'RA'))
    given(draft)
      .when(associate(1, { alias: 'DEC', ucd: 'phot.mag' }))
      .thenDecides(associated(1, 'a', 'Dec'))
  })

  it('a role moves from the column that holds it', () => {
    given(draft, associated(1, 'a', 'z'))
      .when(associate(2, { alias: 'Z' }))
      .thenDecides(associated(1, 'a', null, 'z'), associated(2, 'b', 'z'))
    given(draft, associated(1, 'a', 'Mine'))
      .when(associate(2, { alias: 'mine' }))
      .thenDecides(associated(1, 'a', null, 'Mine'), associated(2, 'b', 'mine'))
  })

  it('what changes nothing is no event', () => {
    given(draft, associated(1, 'a', 'z'))
      .when(associate(1, { alias: 'z' }))
      .thenNothing()
    given(draft).when(associate(1, {})).thenNothing()
    given(draft)
      .when(associate(1, { alias: '', ucd: null }))
      .thenNothing()
  })

  it('an alias of the person has no standard UCD; a UCD may stand alone', () => {
    given(draft, associated(1, 'a', 'z'))
      .when(associate(1, { alias: 'redshift' }))
      .thenDecides(associated(1, 'a', 'redshift', 'z'))
    given(draft, associated(1, 'a', 'z'))
      .when(associate(1, { alias: null, ucd: '' }))
      .thenDecides(associated(1, 'a', null, 'z'))
    const state = given(draft)
      .when(associate(1, { ucd: 'phot.mag;em.opt.i' }))
      .thenTypes('ColumnAssociated')
    expect((state as Product).columns[0]?.role).toEqual({ alias: null, ucd: 'phot.mag;em.opt.i' })
  })

  it.each(['a b', 'a;;b', '.a', 'a.', 'x'.repeat(256), 'a,b', `${'a.'.repeat(100)}!`])('%j is not a UCD', (ucd) => {
    given(draft).when(associate(1, { ucd })).thenThrows('invalid')
  })

  it('unknown columns are not found', () =>
    given(draft)
      .when(associate(9, { alias: 'z' }))
      .thenThrows('not_found'))

  it('a published product keeps its mandatory roles', () => {
    given(published)
      .when(associate(3, { alias: null }))
      .thenThrows('roles_missing', 'The column(s) was not filled in: z')
    given(published)
      .when(associate(3, { alias: 'RA' }))
      .thenThrows('roles_missing', /z$/)
    given(published)
      .when(associate(3, { alias: 'z' }))
      .thenNothing()
    given(published).when({ type: 'RemoveFile', by: alice, fileId: 1 }).thenThrows('roles_missing')
    given(published)
      .when(attach({ fileId: 2, replace: true, inspection: table(['z']) }))
      .thenThrows('roles_missing')
    given(published)
      .when(attach({ fileId: 2, replace: true, inspection: table(['z', 'Dec', 'RA', 'x'], 9) }))
      .thenTypes('FileRemoved', 'FileAttached', 'MainFileInspected')
  })
})

describe('statuses', () => {
  it.each(PRODUCT_TYPES)('$name: publishing needs its roles and its file', (type) => {
    const empty = given(registered(type.name)).when(publish)
    if (type.mandatoryRoles.length > 0) empty.thenThrows('roles_missing', type.mandatoryRoles.toSorted().join(','))
    else if (type.metadataOnly) empty.thenTypes('ProductPublished')
    else empty.thenThrows('conflict', /needs a main file/)
    const roles = complete.slice(3)
    given(registered(type.name), attached(), inspected(), roles).when(publish).thenTypes('ProductPublished')
  })

  it('publishing twice is publishing once', () => given(published).when(publish).thenNothing())

  it('a deleted product is left alone until it is restored, in the status that it had', () => {
    const commands: readonly ProductCommand[] = [
      attach({ fileId: 2, replace: true }),
      { type: 'EditMetadata', by: alice, metadata: { description: 'x' } },
      publish,
      { type: 'MarkOfficial', by: admin, official: true },
    ]
    for (const command of commands)
      given(deleted)
        .when(command)
        .thenThrows('conflict', /Restore it first/)
    given(deleted).when({ type: 'DeleteProduct', by: alice }).thenNothing()
    given(complete).when({ type: 'RestoreProduct', by: alice }).thenNothing()
    for (const [before, status] of [
      [complete, 'registering'],
      [published, 'published'],
      [[registered('other', 'processing')], 'processing'],
    ] as const) {
      const state = given(before, event('ProductDeleted'))
        .when({ type: 'RestoreProduct', by: alice })
        .thenTypes('ProductRestored')
      expect(state).toMatchObject({ status, statusBeforeDeletion: null })
    }
  })

  it('while a pipeline makes a product, its files, columns and publication are the pipeline’s', () => {
    const making = [registered('redshift_catalog', 'processing'), attached(), inspected()]
    const commands: readonly ProductCommand[] = [
      attach({ fileId: 2, replace: true }),
      { type: 'RemoveFile', by: alice, fileId: 1 },
      { type: 'RecordInspection', by: alice, fileId: 1, inspection: table(['z']) },
      { type: 'AssociateColumn', by: alice, columnId: 1, alias: 'RA' },
      publish,
    ]
    for (const command of commands)
      given(making)
        .when(command)
        .thenThrows('conflict', /pipeline/)
    given(making)
      .when({ type: 'AssociateColumn', by: SYSTEM, columnId: 1, alias: 'RA' })
      .thenDecides(associated(1, 'RA', 'RA'))
    given(making, complete.slice(3))
      .when({ ...publish, by: SYSTEM })
      .thenTypes('ProductPublished')
    given(making)
      .when({ type: 'EditMetadata', by: alice, metadata: { description: 'x' } })
      .thenTypes('MetadataEdited')
    const failed = given(making)
      .when({ type: 'FailProcessing', by: SYSTEM, reason: 'No rows.' })
      .thenDecides({ type: 'ProcessingFailed', data: { reason: 'No rows.' } })
    expect(failed).toMatchObject({ status: 'failed' })
    given(making).when({ type: 'FailProcessing', by: alice, reason: 'x' }).thenThrows('conflict')
    given(complete).when({ type: 'FailProcessing', by: SYSTEM, reason: 'x' }).thenNothing()
    // Deleted meanwhile: the pipeline cannot bring it back.
    given(making, event('ProductDeleted'))
      .when({ ...publish, by: SYSTEM })
      .thenThrows('conflict')
  })
})

describe('metadata', () => {
  const edit = (metadata: Extract<ProductCommand, { type: 'EditMetadata' }>['metadata'], by = alice) =>
    ({ type: 'EditMetadata', by, metadata }) as const

  it('records what changed, from what to what', () => {
    given(registered('other'))
      .when(edit({ displayName: ' New ', description: 'About', pzCode: '', release: { id: 4, displayName: 'DP1' } }))
      .thenDecides({
        type: 'MetadataEdited',
        data: {
          changes: {
            displayName: { from: 'A catalog', to: 'New' },
            description: { from: null, to: 'About' },
            release: { from: null, to: { id: 4, displayName: 'DP1' } },
          },
        },
      })
    given(registered('other')).when(edit({})).thenNothing()
    given(registered('other'))
      .when(edit({ displayName: 'A catalog ', description: ' ', release: null }))
      .thenNothing()
  })

  it('keeps the internal name', () => {
    const state = given(registered('other'))
      .when(edit({ displayName: 'Other' }))
      .thenTypes('MetadataEdited')
    expect(state).toMatchObject({ internalName: '1_a_catalog', displayName: 'Other' })
  })

  it('refuses what the type does not allow, also when the type changes under it', () => {
    const release = { id: 4, displayName: 'DP1' }
    given(registered())
      .when(edit({ release }))
      .thenThrows('invalid', /Release must be null/)
    given(registered('training_set'), {
      type: 'MetadataEdited',
      data: { changes: { release: { from: null, to: release } } },
    })
      .when(edit({ productType: 'redshift_catalog' }))
      .thenThrows('invalid', /Release must be null/)
    given(registered('other'))
      .when(edit({ productType: 'training_set', pzCode: 'bpz' }))
      .thenThrows('invalid')
    given(registered())
      .when(edit({ displayName: '' }))
      .thenThrows('invalid', /blank/)
    given(registered())
      .when(edit({ productType: 'nothing' }))
      .thenThrows('invalid')
  })

  it('a published product only becomes a type whose needs it meets', () => {
    given(published)
      .when(edit({ productType: 'object_catalog' }))
      .thenTypes('MetadataEdited')
    given(registered('other'), attached(), event('ProductPublished'))
      .when(edit({ productType: 'training_set' }))
      .thenThrows('roles_missing')
    given(registered('photoz_estimates'), event('ProductPublished'))
      .when(edit({ productType: 'other' }))
      .thenThrows('conflict', /main file/)
  })
})

describe('several commands as one', () => {
  const sequence = specificationOf(inSequence(productDecider))

  it('each is decided on what the ones before it made', () => {
    const roles = ['RA', 'Dec', 'z'].map(
      (alias, index): ProductCommand => ({ type: 'AssociateColumn', by: alice, columnId: index + 1, alias }),
    )
    sequence
      .given(registered(), attached(), inspected())
      .when([...roles, publish])
      .thenTypes('ColumnAssociated', 'ColumnAssociated', 'ColumnAssociated', 'ProductPublished')
  })

  it('all happen or none', () => {
    sequence
      .given(registered())
      .when([{ type: 'EditMetadata', by: alice, metadata: { description: 'x' } }, publish])
      .thenThrows('roles_missing')
  })
})
