import { describe, expect, it } from 'vitest'
import { SYSTEM } from '../../../src/domain/actor.ts'
import { inSequence } from '../../../src/domain/decider.ts'
import type { ProductCommand } from '../../../src/domain/product/commands.ts'
import { productDecider } from '../../../src/domain/product/decider.ts'
import type { ProductEvent } from '../../../src/domain/product/events.ts'
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

describe('statuses', () => {
  it.each(PRODUCT_TYPES)('$name: publishing needs its roles and its file', (type) => {
    const empty = given(registered(type.name)).when(publish)
    if (type.mandatoryRoles.length > 0) empty.thenThrows('roles_missing', /needs a main file/)
    else if (type.metadataOnly) empty.thenTypes('ProductPublished')
    else empty.thenThrows('conflict', /needs a main file/)
    if (type.mandatoryRoles.length > 0) {
      given(registered(type.name), attached(), inspected())
        .when(publish)
        .thenThrows('roles_missing', type.mandatoryRoles.toSorted().join(','))
    }
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
