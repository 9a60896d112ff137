import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTrainingSetParameters } from '../../../src/pipelines/training-set/parameters.ts'
import { makeTrainingSet } from '../../../src/pipelines/training-set/training-set.ts'
import { positionsOf } from '../../../src/sky/positions.ts'
import { bruteForce, field, pointsOf } from '../../sky/skies.ts'
import { objectCatalog, redshiftCatalog, rowsOf, type Table } from './catalogs.ts'

const make = (redshifts: Table, parts: readonly Table[], parameters: object = {}, options = {}) =>
  makeTrainingSet(
    redshiftCatalog(redshifts),
    objectCatalog(parts, options),
    readTrainingSetParameters({ on_invalid_rows: 'drop', ...parameters }),
  )

const tableOf = (points: readonly (readonly [number, number])[]): Table => ({
  ra: points.map(([ra]) => ra),
  dec: points.map(([, dec]) => dec),
})

describe('matching against brute force', () => {
  const scene = field
    .filter(({ radius }) => radius > 1e-6 && radius <= 3600)
    .chain((f) =>
      fc.record({
        radius: fc.constant(f.radius),
        left: pointsOf(f).filter((points) => points.some(([ra]) => !Number.isNaN(ra))),
        right: pointsOf(f).filter((points) => points.length > 0),
        cut: fc.nat(40),
        shuffle: fc.integer(),
        n: fc.integer({ min: 1, max: 4 }),
        find: fc.constantFrom('best', 'each_object', 'all'),
      }),
    )

  it('gives the same rows in the same order, wherever the catalog is cut', async () => {
    await fc.assert(
      fc.asyncProperty(scene, async ({ radius, left, right, cut, shuffle, n, find }) => {
        // Ids that do not ascend with the rows, some beyond 2^53.
        const ids = right.map((_, i) => ((BigInt(i) * 7_919n + BigInt(shuffle)) % 101n) + 2n ** 60n)
        const where = Math.min(cut, right.length)
        const table = { objectId: ids, ...tableOf(right) }
        const slice = (from: number, to: number): Table =>
          Object.fromEntries(Object.entries(table).map(([name, cells]) => [name, cells.slice(from, to)]))
        const expected = expectedPairs(left, right, ids, { radius, n, find })
        const parameters = {
          crossmatch: { radius_arcsec: radius, n_neighbors: find === 'best' ? n : 1 },
          find,
          split_method: 'none',
        }
        const parts = [slice(0, where), slice(where, right.length)]
        const left_ = { row: left.map((_, i) => i), ...tableOf(left) }
        if (expected.length === 0) {
          await expect(make(left_, parts, parameters)).rejects.toMatchObject({ code: 'empty_result' })
          return
        }
        const result = await make(left_, parts, parameters)
        expect(rowsOf(result).map((row) => [row.row, row.objectId, row._dist_arcsec])).toEqual(
          expected.map(({ left: l, right: r, separation }) => [l, ids[r], separation]),
        )
      }),
      { numRuns: 150 },
    )
  })

  function expectedPairs(
    left: readonly (readonly [number, number])[],
    right: readonly (readonly [number, number])[],
    ids: readonly bigint[],
    { radius, n, find }: { radius: number; n: number; find: string },
  ) {
    const all = bruteForce(places(left), places(right), radius).map(([l, r, separation]) => ({
      left: l,
      right: r,
      separation,
    }))
    const byId = (a: { right: number }, b: { right: number }) =>
      ids[a.right]! < ids[b.right]! ? -1 : ids[a.right]! > ids[b.right]! ? 1 : a.right - b.right
    const sorted = all.sort((a, b) => a.left - b.left || a.separation - b.separation || byId(a, b))
    if (find === 'all') return sorted
    if (find === 'best') {
      return sorted.filter((pair) => sorted.filter((other) => other.left === pair.left).indexOf(pair) < n)
    }
    return sorted.filter((pair) =>
      sorted.every(
        (other) =>
          other.right !== pair.right ||
          other.separation > pair.separation ||
          (other.separation === pair.separation && other.left >= pair.left),
      ),
    )
  }

  const places = (points: readonly (readonly [number, number])[]) =>
    positionsOf(
      Float64Array.from(points, (p) => p[0]),
      Float64Array.from(points, (p) => p[1]),
    )

  it('is strict: an object at the very radius is no match', async () => {
    const radius = 3600 / 1024 // both declinations are exact in binary
    const redshifts = { ra: [10], dec: [0] }
    const objects = [{ objectId: [1n], ra: [10], dec: [1 / 1024] }]
    await expect(make(redshifts, objects, { crossmatch: { radius_arcsec: radius } })).rejects.toThrow(/No redshift/)
    const wider = await make(redshifts, objects, { crossmatch: { radius_arcsec: radius * (1 + 1e-9) } })
    expect(wider.table.rows).toBe(1)
  })

  it('matches over a pole and over RA 0', async () => {
    const redshifts = { ra: [0, 359.9999], dec: [89.9999, 10] }
    const objects = [{ objectId: [1n, 2n], ra: [180, 0.0001], dec: [89.9999, 10] }]
    const rows = rowsOf(await make(redshifts, objects))
    expect(rows.map(({ objectId }) => objectId)).toEqual([1n, 2n])
  })

  it('gives ties in distance to the smaller id, also between parts', async () => {
    const part = (id: bigint): Table => ({ objectId: [id], ra: [10], dec: [0.0001] })
    for (const ids of [
      [5n, 3n],
      [3n, 5n],
    ]) {
      const [row] = rowsOf(await make({ ra: [10], dec: [0] }, ids.map(part)))
      expect(row!.objectId).toBe(3n)
    }
  })

  it('compares text ids as text, and takes the place where there are none', async () => {
    const at = { ra: [10, 10], dec: [0.0001, 0.0001] }
    const text = await make({ ra: [10], dec: [0] }, [{ objectId: ['b', 'a'], ...at }])
    expect(rowsOf(text)[0]!.objectId).toBe('a')
    const none = await make({ ra: [10], dec: [0] }, [{ n: [1, 2], ...at }], {}, { roles: { id: null } })
    expect(rowsOf(none)[0]!.n).toBe(1)
  })

  it('leaves out objects without a position', async () => {
    const objects = [{ objectId: [1n, 2n], ra: [null, 10], dec: [0, 0] }]
    const result = await make({ ra: [10], dec: [0] }, objects)
    expect(rowsOf(result)[0]!.objectId).toBe(2n)
    expect(result.report.objects).toMatchObject({ objectsRead: 2, objectsWithoutPosition: 1 })
  })
})

describe('columns', () => {
  const objects: Table = {
    objectId: [42n],
    ra: [10.00001],
    dec: [0],
    i_cModelFlux: [1000],
    i_cModelFluxErr: [10],
    u_cModelFlux: [-3],
    u_cModelFluxErr: [1],
    ebv: [0.1],
    label: ['x'],
  }
  const redshifts: Table = { id: [7n], ra: [10], dec: [0], z: [1.5], tie_result: [1] }

  it('come in order: redshifts, objects, distance, split; colliding redshift columns get _specz', async () => {
    const { table, columnsAssoc } = await make(redshifts, [objects], { dereddening: 'none' })
    expect(table.columns.map(({ name }) => name)).toEqual([
      ...['z', 'id', 'ra_specz', 'dec_specz', 'tie_result'],
      ...Object.keys(objects),
      ...['u_cModelMag', 'u_cModelMagErr', 'i_cModelMag', 'i_cModelMagErr'],
      ...['_dist_arcsec', 'is_training_set'],
    ])
    expect(columnsAssoc).toEqual({ id: 'id', ra: 'ra_specz', dec: 'dec_specz', z: 'z' })
  })

  it('computes magnitudes in nJy with zero point 31.4, dereddened with ebv, null for flux <= 0', async () => {
    const result = await make(redshifts, [objects], { flux_type: 'cmodel' })
    const row = rowsOf(result)[0]!
    expect(row.i_cModelMag_dered).toBeCloseTo(31.4 - 7.5 - 2.06 * 0.1, 12)
    expect(row.i_cModelMagErr).toBeCloseTo(0.01 * 1.0857, 6)
    expect(row.u_cModelMag_dered).toBeNull()
    expect(row.u_cModelMagErr).toBeNull()
    expect(result.report).toMatchObject({ fluxType: 'cModel' })
    expect(result.words.i_cModelMag_dered).toMatchObject({ unit: 'mag', ucd: 'phot.mag' })
  })

  it('dereddens what LSSTCam saw as its filters want', async () => {
    const seen = { ...objects, g_cModelMag: [20], griz_model_extendedness: [0] }
    expect(rowsOf(await make(redshifts, [seen]))[0]!.g_cModelMag_dered).toBeCloseTo(20 - 0.365, 12)
    const { griz_model_extendedness: _, ...before } = seen
    expect(rowsOf(await make(redshifts, [before]))[0]!.g_cModelMag_dered).toBeCloseTo(20 - 0.364, 12)
  })

  it('takes magnitudes that the catalog has, and dereddens them', async () => {
    const stored = { ...objects, i_cModelMag: [20], i_cModelMagErr: [0.5] }
    const row = rowsOf(await make(redshifts, [stored]))[0]!
    expect(row.i_cModelMag_dered).toBeCloseTo(20 - 0.206, 12)
    expect(row.i_cModelMagErr).toBe(0.5)
  })

  it('dereddens fluxes when magnitudes are not wanted', async () => {
    const row = rowsOf(await make(redshifts, [objects], { convert_flux_to_mag: false }))[0]!
    expect(row.i_cModelFlux_dered).toBeCloseTo(1000 * 10 ** (0.4 * 0.206), 9)
    expect(Object.keys(row)).not.toContain('i_cModelMag_dered')
  })

  it('takes off no other dust map than that of ebv', async () => {
    await expect(make(redshifts, [objects], { dereddening: 'planck' })).rejects.toMatchObject({
      problems: [{ code: 'unknown_dust_map', message: expect.stringMatching(/^dereddening: .*SFD.*sfd or none/) }],
    })
    await expect(make(redshifts, [objects], { dereddening: 'SFD' })).resolves.toBeDefined()
  })

  it('warns when the extinction cannot be taken off', async () => {
    const { ebv: _, ...dusty } = objects
    const unsplit = { split_method: 'none' }
    const { report } = await make(redshifts, [dusty], unsplit)
    expect(report.warnings).toEqual([expect.stringContaining('not corrected for Galactic extinction')])
    expect((await make(redshifts, [dusty], { ...unsplit, dereddening: 'none' })).report.warnings).toEqual([])
    const corrected = { ...dusty, i_cModelMag_dered: [20], u_cModelMag_dered: [21] }
    expect((await make(redshifts, [corrected], unsplit)).report.warnings).toEqual([])
  })

  it('reads id and position first, then the chosen columns alone', async () => {
    const source = objectCatalog([objects])
    const parameters = readTrainingSetParameters({ selected_cols: ['i_cModelFlux', 'label'] })
    const result = await makeTrainingSet(redshiftCatalog(redshifts), source, parameters)
    expect(source.read).toEqual([
      ['ra', 'dec', 'objectId'],
      ['i_cModelFlux', 'i_cModelFluxErr', 'ebv', 'label'],
    ])
    expect(result.table.columns.map(({ name }) => name).slice(5)).toEqual([
      'i_cModelFlux',
      'label',
      'i_cModelMag_dered',
      'i_cModelMagErr',
      '_dist_arcsec',
      'is_training_set',
    ])
  })

  it('keeps 64-bit ids exact', async () => {
    const id = 2305843019946942123n
    const rows = rowsOf(await make({ ...redshifts, id: [id] }, [{ ...objects, objectId: [id] }]))
    expect(rows[0]).toMatchObject({ id, objectId: id })
  })

  it('gives way to the names of its own columns when a training set is used again', async () => {
    const again = { ...redshifts, _dist_arcsec: [0.1], is_training_set: [1], ra_specz: [10] }
    const { table } = await make(again, [objects])
    const names = table.columns.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names).toContain('_dist_arcsec_specz')
    expect(names).toContain('ra_specz_specz')
  })

  it('makes RAIL names, with 99 where nothing was detected', async () => {
    const result = await make(redshifts, [objects], { rail_ready: true })
    const row = rowsOf(result)[0]!
    expect(row).toMatchObject({ redshift: 1.5, objectId: 42n, mag_u_lsst: 99, mag_err_u_lsst: 99 })
    expect(row.mag_i_lsst).toBeCloseTo(23.694, 9)
    expect(result).toMatchObject({ hdf5Group: 'photometry', columnsAssoc: { z: 'redshift' } })
  })

  it.each([
    ['dc2', 'mag_i_cModel_obj_dered', 'magerr_i_cModel_obj'],
    ['hsc', 'HSCi_cmodel_dered', 'i_cmodel_magerr'],
    ['rubin', 'LSST_obs_i', 'LSST_obs_i_err'],
  ])('makes RAIL names of those that it has for catalogs of %s', async (_, magnitude, error) => {
    const catalog = { objectId: [42n], ra: [10.00001], dec: [0], [magnitude]: [21.5], [error]: [0.25] }
    const row = rowsOf(await make(redshifts, [catalog], { rail_ready: true }))[0]!
    expect(row).toMatchObject({ mag_i_lsst: 21.5, mag_err_i_lsst: 0.25 })
  })
})

describe('a result for RAIL', () => {
  const redshifts: Table = { id: [7n], ra: [10], dec: [0], z: [1.5] }
  const objects: Table = { objectId: [42n], ra: [10], dec: [0], i_cModelFlux: [1000], ebv: [0] }

  it('takes magnitudes from the objects, and says where a column of the redshift catalog of that name has gone', async () => {
    const lines: string[] = []
    const result = await makeTrainingSet(
      redshiftCatalog({ ...redshifts, mag_i_lsst: [17], mag_u_lsst: [18] }),
      objectCatalog([objects]),
      readTrainingSetParameters({ rail_ready: true }),
      { log: (_, line) => lines.push(line) },
    )
    const [row] = rowsOf(result)
    expect(row).toMatchObject({ mag_i_lsst_original: 17, mag_u_lsst_original: 18 })
    expect(row!.mag_i_lsst).toBeCloseTo(23.9, 9)
    expect(row).not.toHaveProperty('mag_u_lsst')
    expect(lines.join()).toContain("'mag_i_lsst' is 'mag_i_lsst_original'")
  })

  it('tells which bands have no magnitudes, and is refused without any', async () => {
    const { report } = await make(redshifts, [{ ...objects, u_cModelFlux: [10] }], {
      rail_ready: true,
      split_method: 'none',
    })
    expect(report.warnings).toEqual([expect.stringContaining('no magnitudes in the bands g, r, z, y')])
    const { i_cModelFlux: _, ...bare } = objects
    for (const [table, columns] of [
      [bare, []],
      [objects, ['objectId']],
    ] as const) {
      const made = make(redshifts, [table], { rail_ready: true, selected_cols: columns })
      await expect(made).rejects.toMatchObject({ problems: [{ code: 'no_magnitudes' }] })
    }
  })
})

describe('selection', () => {
  const redshifts: Table = { ra: [1, 2, 3, 4], dec: [0, 0, 0, 0], tie_result: [0, 1, 2, 3] }
  const objects: Table = { objectId: [1n, 2n, 3n, 4n], ra: [1, 2, 3, 4], dec: [0, 0, 0, 0] }

  it.each([
    ['all', [1n, 2n, 3n, 4n]],
    ['winners', [2n]],
    ['winners_and_ties', [2n, 3n]],
  ])('takes %s by tie_result', async (selection, ids) => {
    const rows = rowsOf(await make(redshifts, [objects], { specz_selection: selection }))
    expect(rows.map(({ objectId }) => objectId)).toEqual(ids)
  })

  it('says why no redshift takes part, before objects are read', async () => {
    const source = objectCatalog([objects])
    const losers = redshiftCatalog({ ra: [1, 2, null], dec: [0, 0, 0], tie_result: [0, 3, 1] })
    const asked = readTrainingSetParameters({ specz_selection: 'winners', on_invalid_rows: 'drop' })
    await expect(makeTrainingSet(losers, source, asked)).rejects.toMatchObject({
      code: 'nothing_selected',
      message: expect.stringMatching(/Of its 3 rows, specz_selection: winners leaves out 2, and 1 has no valid coord/),
    })
    expect(source.read).toEqual([])
  })

  it('tells all problems of both catalogs at once', async () => {
    const redshifts_ = redshiftCatalog({ ra: [1, null], dec: [0, 0] })
    const source = objectCatalog([objects], { roles: { ra: 'alpha' } })
    const parameters = readTrainingSetParameters({ flux_type: 'psf', selected_cols: ['objectid'] })
    const failure = makeTrainingSet(redshifts_, source, parameters)
    await expect(failure).rejects.toMatchObject({
      code: 'invalid_inputs',
      problems: [
        { code: 'invalid_coordinates', rows: [2] },
        { code: 'unknown_flux' },
        { code: 'missing_columns', columns: ['alpha'] },
        { code: 'unknown_columns', message: expect.stringContaining("'objectId'") },
      ],
    })
  })

  it('names missing roles and a missing tie_result', async () => {
    const bare = { ...redshiftCatalog({ ra: [1], dec: [0] }), mapping: { ra: 'ra', dec: 'Dec' } }
    const parameters = readTrainingSetParameters({ specz_selection: 'winners' })
    await expect(makeTrainingSet(bare, objectCatalog([objects]), parameters)).rejects.toMatchObject({
      problems: [{ code: 'missing_roles' }, { code: 'missing_columns' }, { code: 'no_tie_result' }],
    })
  })

  it('says so when RA is written from -180', async () => {
    const result = await make({ ra: [-179], dec: [0] }, [{ objectId: [9n], ra: [181], dec: [0] }])
    expect(result.report).toMatchObject({ rows: 1, redshifts: { rowsWithOtherRa: 1 } })
    expect(result.report.warnings.join()).toContain('[-180, 0)')
  })
})

it('stops when it is told to, and tells how far it is', async () => {
  const stop = new AbortController()
  const stages: string[] = []
  const run = makeTrainingSet(
    redshiftCatalog({ ra: [1], dec: [0] }),
    objectCatalog([{ objectId: [1n], ra: [1], dec: [0] }]),
    readTrainingSetParameters({}),
    {
      signal: stop.signal,
      onProgress: ({ stage }) => {
        stages.push(stage)
        if (stage === 'matching') stop.abort(new Error('stopped'))
      },
    },
  )
  await expect(run).rejects.toThrow('stopped')
  expect(stages).toEqual(['selection', 'matching'])
})
