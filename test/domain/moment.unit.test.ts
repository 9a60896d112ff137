import { describe, expect, it } from 'vitest'
import { DomainError } from '../../src/domain/error.ts'
import { happenedBy, parseMoment } from '../../src/domain/moment.ts'

const NOW = new Date('2026-03-14T12:00:00.000Z')

describe('a moment', () => {
  it.each([
    ['2026-03-14T09:58:00Z', '2026-03-14T09:58:00.000Z'],
    ['2026-03-14 09:58', '2026-03-14T09:58:00.000Z'],
    ['2026-03-14T09:58:00.123456Z', '2026-03-14T09:58:00.123Z'],
    ['2026-03-14T09:58:00+02:00', '2026-03-14T07:58:00.000Z'],
    ['2026-03-14T09:58:00-0300', '2026-03-14T12:58:00.000Z'],
    [' 2026-03-13 ', '2026-03-13T23:59:59.999Z'],
    ['2026-03-14', '2026-03-14T23:59:59.999Z'],
    ['2024-02-29', '2024-02-29T23:59:59.999Z'],
  ])('%s is a time', (text, at) => {
    expect(parseMoment(text, new Date('2026-03-14T13:00:00Z'))).toEqual({ kind: 'time', at })
  })

  it.each(['1', '234', '00000', '12345', '00000000000000000042', '18446744073709551615'])(
    '%s is a position',
    (text) => {
      expect(parseMoment(text, NOW)).toEqual({ kind: 'position', position: text.padStart(20, '0') })
    },
  )

  it.each([
    'yesterday',
    '',
    ' ',
    '-1',
    '2026',
    '2026-3-14',
    '14.03.2026',
    '2026-02-30',
    '2026-02-29T10:00:00Z',
    '2026-13-01',
    '2026-00-10',
    '2026-03-14T25:00:00Z',
    '2026-03-14T09:60:00Z',
    '2026-03-14T09:58:00+99:99',
    '2026-03-15',
    '9999-01-01',
    '2026-03-14T12:00:02Z',
    '1'.repeat(21),
    '2026-03-14T09:58:00 02:00',
    "2026-03-14'; drop",
    'x'.repeat(100_000),
  ])('%j is none', (text) => {
    expect(() => parseMoment(text, NOW)).toThrow(DomainError)
    expect(() => parseMoment(text, NOW)).toThrow(/^as_of: .{10,200}$/)
  })

  it('is at or after what happened by it', () => {
    const recorded = { at: '2026-03-14T09:00:00.000Z', position: '00000000000000000007' }
    const time = (at: string) => happenedBy({ kind: 'time', at }, recorded)
    expect([
      time('2026-03-14T08:59:59.999Z'),
      time('2026-03-14T09:00:00.000Z'),
      time('2027-01-01T00:00:00.000Z'),
    ]).toEqual([false, true, true])
    const position = (n: number) => happenedBy({ kind: 'position', position: String(n).padStart(20, '0') }, recorded)
    expect([position(6), position(7), position(10)]).toEqual([false, true, true])
  })
})
