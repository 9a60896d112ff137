import { describe, expect, it } from 'vitest'
import { type ColumnFacts, suggestRoles } from '../../src/domain/product/role-suggestion.ts'
import { type RoleHolder, valueProblems } from '../../src/domain/product/value-problems.ts'

const ROWS = 100

const column = (name: string, facts: Partial<ColumnFacts> = {}): ColumnFacts => ({
  name,
  type: 'float64',
  unit: null,
  ucd: null,
  nulls: 0,
  min: 0.1,
  max: 1.2,
  distinct: ROWS,
  distinctIsExact: true,
  ...facts,
})
const position = (name: string, facts: Partial<ColumnFacts> = {}) => column(name, { min: -60, max: 60, ...facts })
const whole = (name: string, facts: Partial<ColumnFacts> = {}) => column(name, { type: 'int64', ...facts })
const text = (name: string, facts: Partial<ColumnFacts> = {}) =>
  column(name, { type: 'string', min: 'a', max: 'b', distinct: 3, ...facts })

/** The suggested role of each column, by its name. */
function rolesOf(...columns: readonly ColumnFacts[]): Record<string, string> {
  const suggestions = suggestRoles(columns, ROWS)
  return Object.fromEntries(
    columns.flatMap(({ name }, index) => (suggestions[index] ? [[name, suggestions[index].role]] : [])),
  )
}
const reasonOf = (one: ColumnFacts) => suggestRoles([one], ROWS)[0]?.reason

describe('suggested roles', () => {
  it.each([
    'RA',
    'ra',
    'TARGET_RA',
    'RAJ2000',
    'ra_j2000_deg',
    'ALPHA_J2000',
    'coord_ra',
    'RightAscension',
    'photometry/ra',
    'RA_TARG',
  ])('take %s for a right ascension', (name) => {
    expect(rolesOf(column(name, { min: 0, max: 359.9 }))).toEqual({ [name]: 'RA' })
  })

  it.each([
    'Dec',
    'DEC',
    'dec',
    'TARGET_DEC',
    'DEJ2000',
    'dec_j2000_deg',
    'DELTA_J2000',
    'coord_dec',
    'declination',
    'Dec_TARG',
  ])('take %s for a declination', (name) => {
    expect(rolesOf(position(name))).toEqual({ [name]: 'Dec' })
  })

  it.each(['z', 'Z', 'redshift', 'zspec', 'z_Spec', 'SPEC_Z', 'zSpec', 'redshift_true', 'zphot'])(
    'take %s for a redshift',
    (name) => {
      expect(rolesOf(column(name))).toEqual({ [name]: 'z' })
    },
  )

  it.each(['ZERR', 'e_z', 'z_err', 'redshift_err', 'zspec_err', 'sigma_z'])('take %s for its error', (name) => {
    expect(rolesOf(column(name))).toEqual({ [name]: 'z_err' })
  })

  it.each(['ZWARN', 'quality', 'qual', 'zflag', 'z_flag', 'Q_z', 'QF', 'z_Spec_flag'])(
    'take %s for its flag',
    (name) => {
      expect(rolesOf(whole(name, { distinct: 5 }))).toEqual({ [name]: 'z_flag' })
    },
  )

  it.each(['TARGETID', 'objectId', 'id', 'ID', 'unique_id', 'coadd_object_id', 'ID_VIMOS'])(
    'take %s for an id',
    (name) => {
      expect(rolesOf(whole(name))).toEqual({ [name]: 'ID' })
    },
  )

  it.each(['survey_name', 'survey', 'SURVEY'])('take %s for the survey', (name) => {
    expect(rolesOf(text(name))).toEqual({ [name]: 'survey' })
  })

  it.each([
    'pmra',
    'PMRA',
    'ra_err',
    'e_RA',
    'MEAN_FIBER_RA',
    'PLATE_RA',
    'ra_b1950_deg',
    'ra_j2000_h',
    'DELRA',
    'zmag',
    'ERR_ZMAG',
    'grade',
    'decals_id_x',
    'x',
    'FLUX_Z',
    'SHAPE_R',
    'Z_ABS',
  ])('make nothing of %s', (name) => {
    expect(rolesOf(column(name, { type: 'float64' }))).toEqual({})
  })

  it('give each role once, to the column that fits best', () => {
    const roles = rolesOf(
      column('RA_NIRCam'),
      column('RA_TARG'),
      column('RA', { min: 0, max: 300 }),
      column('z_helio'),
      column('z'),
      text('SURVEY'),
      text('survey_name'),
    )
    expect(roles).toEqual({ RA: 'RA', z: 'z', survey_name: 'survey' })
  })

  it('go by the values where names mislead: a band called z is no redshift', () => {
    const roles = rolesOf(column('z', { min: 14.2, max: 27.9 }), column('redshift'))
    expect(roles).toEqual({ redshift: 'z' })
    expect(rolesOf(column('z', { unit: 'mag' }))).toEqual({})
    expect(rolesOf(column('some_ra', { min: -400, max: 4000 }))).toEqual({})
  })

  it('say why, and what does not fit', () => {
    expect(reasonOf(column('RA', { min: 0, max: 359 }))).toBe('its name, and all values lie between 0 and 360')
    expect(reasonOf(column('RA', { min: -99, max: 359 }))).toBe('its name; but its smallest value is −99')
    expect(reasonOf(column('alpha1', { ucd: 'pos.eq.ra;meta.main' }))).toBe(
      'its UCD pos.eq.ra;meta.main, and all values lie between 0 and 360',
    )
  })

  it('need degrees, numbers and values', () => {
    expect(rolesOf(column('RA', { unit: 'rad' }))).toEqual({})
    expect(rolesOf(column('RA', { unit: 'hourangle' }))).toEqual({})
    expect(rolesOf(text('RA'))).toEqual({})
    expect(rolesOf(column('z', { nulls: ROWS, min: null, max: null }))).toEqual({})
    expect(rolesOf(column('RA', { unit: 'deg' }))).toEqual({ RA: 'RA' })
  })

  it('take 1,300 columns and odd names', () => {
    const many = Array.from({ length: 1300 }, (_, index) => column(`c${index}`))
    expect(rolesOf(...many, column('z'))).toEqual({ z: 'z' })
    expect(rolesOf(column(''), column('___'), column('<script>'), column('__proto__'))).toEqual({})
  })
})

describe('problems of values', () => {
  const problems = (role: string, facts: Partial<ColumnFacts>) =>
    valueProblems([{ ...column(role, facts), role }], ROWS)

  it('are none where all is well', () => {
    expect(problems('RA', { min: 0, max: 360 })).toEqual([])
    expect(problems('Dec', { min: -90, max: 90 })).toEqual([])
    expect(problems('z', { min: -0.005, max: 7 })).toEqual([])
    expect(problems('survey', { type: 'string', nulls: 5 })).toEqual([])
  })

  it('are serious for places that no sky has', () => {
    expect(problems('RA', { min: 0, max: 400 })).toMatchObject([{ serious: true, cells: { low: 0, high: 360 } }])
    expect(problems('Dec', { min: -90.5, max: 10 })).toMatchObject([{ serious: true, cells: { low: -90, high: 90 } }])
    expect(problems('RA', { unit: 'rad', min: 0, max: 6 })).toMatchObject([{ serious: true }])
    expect(problems('RA', { type: 'string', min: '10:00:00', max: '11:00:00' })).toMatchObject([{ serious: true }])
    expect(problems('z', { nulls: ROWS, min: null, max: null })).toMatchObject([{ serious: true }])
  })

  it('are odd where something is probably meant otherwise', () => {
    expect(problems('RA', { min: -10, max: 10 })).toMatchObject([{ serious: false }])
    expect(problems('z', { min: -99, max: 3 })).toMatchObject([{ serious: false, cells: { value: -99 } }])
    expect(problems('z', { min: -1, max: 3 })).toMatchObject([{ serious: false, cells: { value: -1 } }])
    expect(problems('z', { nulls: 3 })[0]?.text).toBe('z (z) is empty in 3 rows.')
    expect(problems('ID', { type: 'int64', distinct: 90 })[0]?.text).toBe(
      'ID (ID) is not unique: 90 different values in 100 rows.',
    )
  })

  it('tell a mark for "no value" from a wrong position', () => {
    expect(problems('Dec', { min: -99, max: 40 })).toMatchObject([{ serious: false, cells: { value: -99 } }])
    expect(problems('Dec', { min: -99, max: 140 })).toMatchObject([{ serious: false }, { serious: true }])
  })

  it('are not serious where right ascensions are counted both ways', () => {
    for (const [min, max] of [
      [-180, 179],
      [-10, 350],
      [-10, 360],
    ]) {
      const found = problems('RA', { min: min!, max: max! })
      expect(found).toMatchObject([{ serious: false, text: expect.stringContaining('below 0') }])
    }
    expect(problems('RA', { min: -181, max: 10 })).toMatchObject([{ serious: true }])
    expect(problems('RA', { min: -10, max: 361 })).toMatchObject([{ serious: true }])
  })

  it('name the values that are no numbers, as far as they are known', () => {
    const told = (facts: Partial<RoleHolder>) =>
      valueProblems([{ ...column('zspec'), type: 'string', ...facts, role: 'z' }], ROWS)[0]?.text
    expect(told({ min: '0.1', max: 'unknown' })).toBe(
      'zspec (z) is not a column of numbers: it has “unknown”. Leave those cells empty.',
    )
    const frequent = [
      { value: '0.1', count: 90 },
      { value: 'n/a', count: 1 },
      { value: 'bad', count: 3 },
    ]
    expect(told({ min: '0.1', max: 'n/a', frequent })).toContain('it has “n/a” in 1 row, “bad” in 3 rows.')
    expect(told({ min: '0.1', max: '0.9' })).toBe('zspec (z) is not a column of numbers.')
  })

  it('begin with the table itself, where columns have roles', () => {
    const z = { ...column('z', { min: null, max: null }), role: 'z' }
    expect(valueProblems([z], 0)).toMatchObject([{ serious: true, text: 'The table has no rows.' }])
    expect(valueProblems([], 0)).toEqual([])
  })
})
