import { describe, expect, it } from 'vitest'
import { around } from '../../views/components/pager.tsx'
import { carried, hrefAt, sortHref, toggledHref } from '../../views/links.ts'

const place = { path: '/user_products', query: 'type=a&type=b&page=3&search=z%26flag' }

describe('links', () => {
  it('changes what is asked and keeps the rest', () => {
    expect(hrefAt(place, { page: 4 })).toBe('/user_products?type=a&type=b&search=z%26flag&page=4')
    expect(hrefAt(place, { page: null, type: null, search: '' })).toBe('/user_products')
  })

  it('adds and takes away one value of a filter, from the first page on', () => {
    expect(toggledHref(place, 'type', 'a')).toBe('/user_products?search=z%26flag&type=b')
    expect(toggledHref({ ...place, query: '' }, 'type', 'a b')).toBe('/user_products?type=a+b')
  })

  it('turns the order around when it is sorted so already', () => {
    const plain = { path: '/p', query: '' }
    expect(sortHref(plain, 'id', '-createdAt')).toBe('/p?ordering=id')
    expect(sortHref(plain, 'id', 'id')).toBe('/p?ordering=-id')
    expect(sortHref(plain, 'id', '-id')).toBe('/p?ordering=id')
  })

  it('carries the rest of the query through a form', () => {
    expect(carried(place, ['search', 'page'])).toEqual([
      ['type', 'a'],
      ['type', 'b'],
    ])
  })
})

describe('pager', () => {
  it.each([
    [1, 1, [1]],
    [1, 3, [1, 2, 3]],
    [3, 22, [1, 2, 3, 4, null, 22]],
    [11, 22, [1, null, 10, 11, 12, null, 22]],
    [22, 22, [1, null, 21, 22]],
  ])('shows the pages around %d of %d', (current, last, pages) => {
    expect(around(current, last)).toEqual(pages)
  })
})
