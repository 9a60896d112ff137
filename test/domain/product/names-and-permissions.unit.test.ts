import { describe, expect, it } from 'vitest'
import { isUcd, STANDARD_ROLES, standardRole } from '../../../src/domain/product/column-role.ts'
import { internalName } from '../../../src/domain/product/internal-name.ts'
import { mayChange, maySee, mayUseRelease } from '../../../src/domain/product/permissions.ts'
import { PRODUCT_TYPES } from '../../../src/domain/product/product-type.ts'
import { admin, alice, bob } from './samples.ts'

describe('internal names', () => {
  it.each([
    [1, 'Example Upload (v1.0) — ção!', '1_example_upload_v10__ção'],
    [6, 'Off  icial\t(x)', '6_off__icialx'],
    [2, '../../etc/passwd', '2_etcpasswd'],
    [3, 'ΩΜΕΓΑ 銀河 5', '3_ωμεγα_銀河_5'],
    [4, '!!!', '4_'],
    [5, 'a_b-c.d', '5_a_bcd'],
  ])('of %i, %j', (id, displayName, name) => expect(internalName(id, displayName)).toBe(name))
})

describe('permissions', () => {
  const open = { isPublic: true, accessGroups: [7] }
  const closed = { isPublic: false, accessGroups: [7, 8] }
  const forNobody = { isPublic: false, accessGroups: [] }

  it('a release is used by all, or by its groups and administrators', () => {
    for (const [actor, usable] of [
      [alice, false],
      [bob, true],
      [admin, true],
    ] as const) {
      expect([mayUseRelease(actor, open), mayUseRelease(actor, forNobody)]).toEqual([true, true])
      expect(mayUseRelease(actor, closed)).toBe(usable)
    }
  })

  it('a product is changed by its owner and administrators', () => {
    expect([alice, bob, admin].map((actor) => mayChange(actor, alice.userId))).toEqual([true, false, true])
  })

  it.each(['registering', 'published', 'processing', 'failed', 'deleted', 'purged'] as const)(
    '%s: who sees it',
    (status) => {
      const isPublished = status === 'published'
      const seenBy = (release: typeof open | null) =>
        [alice, bob, admin].map((actor) => maySee(actor, { ownerId: 99, status, release }))
      expect(seenBy(null)).toEqual([isPublished, isPublished, true])
      expect(seenBy(closed)).toEqual([false, isPublished, true])
      expect(maySee(alice, { ownerId: alice.userId, status, release: closed })).toBe(true)
    },
  )
})

describe('roles and types', () => {
  it('the aliases and UCDs are those that pipelines and clients know', () => {
    expect(STANDARD_ROLES.map(({ alias }) => alias)).toEqual(['ID', 'RA', 'Dec', 'z', 'z_err', 'z_flag', 'survey'])
    for (const { alias, ucd } of STANDARD_ROLES) {
      expect(isUcd(ucd)).toBe(true)
      expect(standardRole(alias.toUpperCase())).toMatchObject({ alias, ucd })
    }
    expect(standardRole('__proto__')).toBeUndefined()
  })

  it('the types have the numbers of the production server', () => {
    expect(PRODUCT_TYPES.map(({ id, name, order }) => [id, name, order])).toEqual([
      [1, 'redshift_catalog', 1],
      [2, 'training_set', 2],
      [5, 'training_results', 3],
      [3, 'validation_results', 4],
      [4, 'photoz_estimates', 5],
      [6, 'object_catalog', 6],
      [7, 'other', 7],
    ])
  })
})
