import { describe, expect, it } from 'vitest'
import { productDecider } from '../../../src/domain/product/decider.ts'
import type { Product } from '../../../src/domain/product/product.ts'
import { specificationOf } from '../specification.ts'
import { alice, attach, attached, complete, event, inspected, noTable, registered, table } from './samples.ts'

const { given } = specificationOf(productDecider)
const published = [...complete, event('ProductPublished')]

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
