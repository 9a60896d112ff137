import { describe, expect, it } from 'vitest'
import { fieldName } from '../../src/http/pages/field-name.ts'
import { summaryOf } from '../../src/http/pages/product-view.tsx'
import type { ColumnProfile, Histogram } from '../../src/tables/inspection.ts'

const role = (name: string, alias: string) => ({
  ...{ id: 1, productId: 1, name, alias, ucd: null, fileUcd: null, unit: null, description: null },
  ...{ type: 'float64', place: 0 },
})
const column = (name: string, min: number, max: number, histogram: Histogram | null): ColumnProfile => ({
  ...{ name, type: 'float64', nativeType: 'double', unit: null, ucd: null, description: null, nulls: 0, min, max },
  ...{ mean: null, standardDeviation: null, median: null, distinct: null, distinctIsExact: false, frequent: null },
  histogram,
})

describe('the summary of a table', () => {
  it('tells the redshifts of the plot, and not what stands for none', () => {
    const z: Histogram = { low: 0.01, high: 2.5, counts: [40, 50], below: 6, above: 4 }
    const columns = [column('ra', 150, 151, null), column('dec', -2, 2.5, null), column('zspec', -9, 99, z)]
    const summary = summaryOf({
      inspection: { version: 1, format: 'csv', rows: 100, dialect: null, columns, preview: [], notes: [] },
      columns: [role('ra', 'RA'), role('dec', 'Dec'), role('zspec', 'z')],
    })
    expect(summary).toBe(
      '100 rows of 3 columns; right ascension 150 to 151°, declination −2 to 2.5°; redshifts 0.01 to 2.5, 10 rows beyond.',
    )
  })

  it('tells a single value once', () => {
    const z: Histogram = { low: 0.4999995, high: 0.5000005, counts: [1], below: 0, above: 0 }
    const columns = [column('ra', 10.5, 10.5, null), column('dec', -3.2, -3.2, null)]
    const zspec = { ...column('zspec', 0.5, 0.5, z), median: 0.5 }
    const summary = summaryOf({
      inspection: {
        ...{ version: 1, format: 'csv', rows: 1, dialect: null, columns: [...columns, zspec], preview: [], notes: [] },
      },
      columns: [role('ra', 'RA'), role('dec', 'Dec'), role('zspec', 'z')],
    })
    expect(summary).toBe('1 row of 3 columns; right ascension 10.5°, declination −3.2°; redshift 0.5.')
  })
})

describe('a part of the sky', () => {
  it('is named by a field, or by its position with a right ascension below 360', () => {
    expect(fieldName(150.2, 2.1)).toBe('COSMOS')
    expect(fieldName(359.97, -0.3)).toBe('RA 0.0°, Dec −0.3°')
    expect(fieldName(359.9, 0)).toBe('RA 359.9°, Dec 0°')
  })
})
