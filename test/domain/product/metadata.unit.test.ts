import { describe, expect, it } from 'vitest'
import type { ProductCommand } from '../../../src/domain/product/commands.ts'
import { productDecider } from '../../../src/domain/product/decider.ts'
import { PRODUCT_TYPES } from '../../../src/domain/product/product-type.ts'
import { specificationOf } from '../specification.ts'
import { admin, alice, attached, complete, event, register, registered } from './samples.ts'

const { given } = specificationOf(productDecider)
const published = [...complete, event('ProductPublished')]

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
