import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { yamlText } from '../../src/provenance/exports/yaml.ts'

const TEXTS = [
  'yes',
  'No',
  '012',
  '5_2024',
  '1:30',
  '2026-11-23',
  '2026-11-23T14:04:26.759Z',
  '0b11',
  '=',
  '<<',
  '~',
  'é 😀',
]

test('texts stay texts for readers of YAML 1.1 and of 1.2', () => {
  const value = { texts: TEXTS, numbers: [0.7, 3, -1], none: null, yes: true, lines: 'one\n  two\n' }
  const text = yamlText(value)
  for (const version of ['1.1', '1.2'] as const) expect(parse(text, { version, merge: false })).toEqual(value)
  for (const sign of ['=', '<<']) expect(text).toContain(`- "${sign}"\n`)
})

test('what YAML 1.1 does not take as it is, is escaped', () => {
  const value = { tab: 'a\tb', code: 'x\n\ty\n', odd: 'a\u0085b\u2028c\u2029d\ufeffe\u0090f' }
  const text = yamlText(value)
  expect(text).toContain('tab: "a\\tb"\n')
  expect(text).toContain('odd: "a\\u0085b\\u2028c\\u2029d\\ufeffe\\u0090f"\n')
  expect(parse(text)).toEqual(value)
})
