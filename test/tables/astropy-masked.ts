import { expect } from 'vitest'
import type { TableReader } from '../../src/tables/table.ts'

/** The columns of `fixtures/astropy-masked.*`: masks of values are gone, that of the elements of an array is told of. */
export function expectMaskedColumns({ columns, notes }: TableReader): void {
  expect(columns.map(({ name, type, unit }) => [name, type, unit])).toEqual([
    ['id', 'int64', null],
    ['mag', 'float64', 'mag'],
    ['name', 'string', null],
    ['pdf', 'array', null],
    ['pdf.mask', 'array', null],
  ])
  expect(notes).toEqual(['Elements of "pdf" have no value where "pdf.mask" is true; they are shown all the same.'])
}
