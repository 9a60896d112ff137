import { expect, it } from 'vitest'
import { mediaTypeOf } from '../../src/domain/media-type.ts'

it.each([
  'text/csv',
  'application/vnd.apache.parquet',
  'image/svg+xml',
  'text/html; charset=utf-8',
  'application/x-votable+xml;content=datalink',
  'text/plain; a="b c"; d=e',
])('%j is a media type', (text) => expect(mediaTypeOf(text)).toBe(text))

it.each([
  '',
  'csv',
  'text/',
  'text/html\r\nX: y',
  'text/html\n',
  'text/html; charset="a\r\nX: y"',
  'text/html; charset',
  'text/html, text/csv',
  'text/<b>',
])('%j is none', (text) => expect(mediaTypeOf(text)).toBeNull())
