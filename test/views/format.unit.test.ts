import { describe, expect, it } from 'vitest'
import {
  ago,
  bytes,
  cell,
  count,
  counted,
  date,
  digest,
  duration,
  excerpt,
  instant,
  moment,
  number,
  share,
} from '../../views/format.ts'

describe('format', () => {
  it('writes counts with separators, and null as an em dash', () => {
    expect([count(0), count(14302), count(null)]).toEqual(['0', '14,302', '—'])
    expect([counted(1, 'row'), counted(0, 'row'), counted(2, 'entry', 'entries')]).toEqual([
      '1 row',
      '0 rows',
      '2 entries',
    ])
  })

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [184_211, '184 kB'],
    [999_600, '1.0 MB'],
    [2_112_400, '2.1 MB'],
    [200_000_000, '200 MB'],
    [5.2e12, '5.2 TB'],
  ])('writes %d bytes in decimal units', (size, text) => {
    expect(bytes(size).replaceAll('\u202f', ' ')).toBe(text)
  })

  it.each([
    [0, '0'],
    [-29.87, '-29.87'],
    [0.1 + 0.2, '0.3'],
    [4.7e-5, '4.7e-5'],
    [123456789, '123456789'],
    [6.02214076e23, '6.0221e23'],
    [Number.POSITIVE_INFINITY, '∞'],
    [Number.NaN, '—'],
  ])('writes the number %d', (value, text) => {
    expect(number(value)).toBe(text)
  })

  it('keeps the digits of data, and integers beyond 2^53 exact', () => {
    expect(cell('2305843019946942123')).toBe('2305843019946942123')
    expect(cell(-27.938042)).toBe('-27.938042')
    expect(cell(0.30000000000000004)).toBe('0.3')
    expect([cell(null), cell(true), cell([1, null])]).toEqual(['—', 'true', '[1,null]'])
  })

  it.each([
    [0, '0 %'],
    [0.0004, '< 0.1 %'],
    [0.004, '0.4 %'],
    [0.93, '93 %'],
    [0.99999, '> 99.9 %'],
    [1, '100 %'],
  ])('writes the share %d', (value, text) => {
    expect(share(value).replaceAll('\u202f', ' ')).toBe(text)
  })

  it('writes times in UTC, and what is no time as it is', () => {
    expect(date('2026-03-14T23:59:00-02:00')).toBe('15 March 2026')
    expect(moment('2026-03-14T10:02:00Z')).toBe('14 Mar 2026, 10:02')
    expect(instant('2026-03-14T10:02:00Z')).toBe('14 Mar 2026, 10:02 UTC')
    expect([date(null), date('yesterday'), instant(null)]).toEqual(['—', 'yesterday', '—'])
  })

  it.each([
    [840, '840 ms'],
    [12_400, '12.4 s'],
    [59_990, '1 min 00 s'],
    [185_000, '3 min 05 s'],
    [7_800_000, '2 h 10 min'],
    [356_400_000, '4 d 3 h'],
  ])('writes the duration %d ms', (milliseconds, text) => {
    expect(duration(milliseconds).replaceAll('\u202f', ' ')).toBe(text)
  })

  it('says roughly how long ago', () => {
    const now = '2026-03-14T10:05:00Z'
    expect(ago('2026-03-14T10:04:40Z', now)).toBe('just now')
    expect(ago('2026-03-14T10:02:00Z', now)).toBe('3 min ago')
    expect(ago('2026-03-12T09:00:00Z', now)).toBe('2 days ago')
    expect(ago(null, now)).toBe('never')
  })

  it('shortens digests and texts', () => {
    expect(digest('9f3c6f2b'.padEnd(60, '0').concat('e1a7'))).toBe('9f3c6f2b…e1a7')
    expect(excerpt('one two three', 9)).toBe('one two…')
    expect(excerpt('x'.repeat(20), 10)).toBe(`${'x'.repeat(9)}…`)
    expect(excerpt('short', 10)).toBe('short')
  })
})
