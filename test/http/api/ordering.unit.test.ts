import { expect, it } from 'vitest'
import { ordered } from '../../../src/http/api/ordering.ts'

const items = [
  { id: 1, name: 'beta', alias: null },
  { id: 10, name: 'Alpha', alias: 'RA' },
  { id: 9, name: 'alpha', alias: 'Dec' },
]

it.each([
  ['id', [1, 9, 10]],
  ['-id', [10, 9, 1]],
  [' -id ', [10, 9, 1]],
  // In any case, and those alike as they were.
  ['name', [10, 9, 1]],
  ['-name', [1, 10, 9]],
  ['alias', [1, 9, 10]],
  // The first field counts most.
  ['name,id', [9, 10, 1]],
  ['-name, -id', [1, 10, 9]],
  ['secret,-id', [10, 9, 1]],
  ['id,-id', [1, 9, 10]],
  // What there is not, or is not open, is ignored.
  ['secret', [1, 10, 9]],
  ['', [1, 10, 9]],
  ['--id', [1, 10, 9]],
  [undefined, [1, 10, 9]],
])('orders a list by %j', (ordering, ids) => {
  expect(ordered(items, ordering, ['id', 'name', 'alias']).map(({ id }) => id)).toEqual(ids)
})
