import { expect, it } from 'vitest'
import { columnNames } from '../../../src/pipelines/training-set/naming.ts'

const redshiftNames = (redshift: readonly string[], object: readonly string[]) => {
  const names = columnNames(redshift, object, ['_dist_arcsec']).redshift
  return redshift.map((name) => names.get(name))
}

it.each([
  [
    ['z', 'z_specz'],
    ['z_specz', 'z_specz_specz'],
  ],
  [
    ['z_specz', 'z'],
    ['z_specz_specz', 'z_specz'],
  ],
])('%o beside an object column z are %o, as in the reference', (redshift, expected) => {
  expect(redshiftNames(redshift, ['z'])).toEqual(expected)
})

it('columns in the way of no other keep their names, whatever these are', () => {
  expect(redshiftNames(['z', 'z_specz'], ['id'])).toEqual(['z', 'z_specz'])
})

it('no two columns get one name, where one ending is not enough', () => {
  expect(redshiftNames(['z', 'z_specz'], ['z', 'z_specz'])).toEqual(['z_specz_specz', 'z_specz_specz_specz'])
  const { object, redshift } = columnNames(['_dist_arcsec'], ['_dist_arcsec', '_dist_arcsec_object'], ['_dist_arcsec'])
  expect([...object.values(), ...redshift.values()].sort()).toEqual([
    '_dist_arcsec_object',
    '_dist_arcsec_object_object',
    '_dist_arcsec_specz',
  ])
})
