import { describe, expect, it } from 'vitest'
import { unpickled } from '../../../src/tables/hdf5/pickled.ts'

const read = (pickle: string) => unpickled(Buffer.from(pickle, 'latin1'))

describe('a pickle of plain values', () => {
  it.each([
    ['a list of texts (protocol 0)', '(lp0\nVm\xe1g\np1\naV\\u03b1\np2\nag1\na.', ['mág', 'α', 'mág']],
    ['numbers, truth values and None', "(lp0\nI-5\naI01\naI00\naNaS'it'\na.", [-5, true, false, null, 'it']],
    ['tuples', '(lp0\n(I1\n(lp1\nVra\np2\natp3\na.', [[1, ['ra']]]],
    ['a tuple (protocol 2)', '\x80\x02K\x01]q\x00X\x02\x00\x00\x00raq\x01a\x86q\x02.', [1, ['ra']]],
    ['a dictionary', '(dp0\nVindex\np1\n(dp2\nVname\np3\ng1\nss.', new Map([['index', new Map([['name', 'index']])]])],
    [
      'a dictionary (protocol 4)',
      '\x80\x04}\x94(\x8c\x01a\x94K\x01\x8c\x01bNu.',
      new Map<string, number | null>([
        ['a', 1],
        ['b', null],
      ]),
    ],
    ['an object that is not made', '(lp0\ncos\nsystem\np1\n(Vls\np2\ntp3\nRp4\naVb\na.', [null, 'b']],
  ])('is %s', (_what, pickle, value) => {
    expect(read(pickle)).toEqual(value)
  })

  it.each([
    ['nothing', ''],
    ['cut off', '(lp0\nVra'],
    ['a text that is none', 'id'],
    ['a lone end', '.'],
  ])('is not %s', (_what, pickle) => {
    expect(read(pickle)).toBeUndefined()
  })
})
