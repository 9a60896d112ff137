import { describe, expect, it } from 'vitest'
import { dataOriginOf } from '../../src/pipelines/data-origin.ts'
import type { PipelineWork } from '../../src/pipelines/pipeline.ts'

const pipeline = { displayName: 'Combine Redshift Catalogs', version: '0.9.0' }
const input = (internalName: string): PipelineWork['inputs'][number] => ({
  path: `/somewhere/${internalName}`,
  input: {
    productId: 1,
    internalName,
    displayName: 'A catalog',
    fileId: 1,
    fileName: 'a.csv',
    sha256: '',
    size: 1,
    columns: {},
  },
})

describe('where an output comes from', () => {
  it('is told by the record of the run alone', () => {
    expect(dataOriginOf({ pipeline, inputs: [input('12_desi'), input('14_vvds')], objects: null })).toEqual({
      server_software: 'Photo-z Server, Combine Redshift Catalogs 0.9.0',
      is_derived_from: '12_desi, 14_vvds',
    })
  })

  it('names a hundred inputs at most', () => {
    const inputs = Array.from({ length: 500 }, (_, i) => input(`${i}_catalog`))
    const { is_derived_from: names } = dataOriginOf({ pipeline, inputs, objects: null })
    expect(names).toMatch(/^0_catalog, 1_catalog, .*, 99_catalog and 400 more$/)
  })

  it('names the release whose objects are matched', () => {
    const catalog = { kind: 'release', releaseId: 1, releaseName: 'lsst_dp1', path: 'dp1', digest: '' } as const
    const work = { pipeline, inputs: [input('12_desi')], objects: { catalog, path: '/somewhere/dp1' } }
    expect(dataOriginOf(work).is_derived_from).toBe('12_desi, lsst_dp1')
  })
})
