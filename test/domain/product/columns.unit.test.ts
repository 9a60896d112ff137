import { describe, expect, it } from 'vitest'
import type { Alias } from '../../../src/domain/product/column-role.ts'
import { productDecider } from '../../../src/domain/product/decider.ts'
import type { Product } from '../../../src/domain/product/product.ts'
import { specificationOf } from '../specification.ts'
import { alice, associated, attach, attached, complete, event, inspected, registered, table } from './samples.ts'

const { given } = specificationOf(productDecider)
const published = [...complete, event('ProductPublished')]

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

  it('columns of a new main file that were renamed take the roles that would be lacking', () => {
    const renamed = (suggestedRoles: readonly (Alias | null)[]) =>
      attach({ fileId: 2, replace: true, inspection: table(['id', 'ra_deg', 'Dec', 'redshift'], 9), suggestedRoles })
    const state = given(published)
      .when(renamed(['ID', 'RA', 'Dec', 'z']))
      .thenTypes('FileRemoved', 'FileAttached', 'MainFileInspected', 'ColumnAssociated', 'ColumnAssociated')
    expect('columns' in state && state.columns.map(({ name, role }) => [name, role.alias])).toEqual([
      ['id', null],
      ['ra_deg', 'RA'],
      ['Dec', 'Dec'],
      ['redshift', 'z'],
    ])
    given(published)
      .when(renamed([null, 'RA', null, null]))
      .thenThrows('roles_missing', /: RA,z$/)
    given(published)
      .when(renamed([null, null, 'RA', 'z']))
      .thenThrows('roles_missing', /: RA,z$/)
  })
})
