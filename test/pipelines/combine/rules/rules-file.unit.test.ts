import { describe, expect, it } from 'vitest'
import { RulesError } from '../../../../src/pipelines/combine/rules/rules-error.ts'
import { readDefaultRules, readRules } from '../../../../src/pipelines/combine/rules/rules-file.ts'

const problemsOf = (text: string): string => {
  try {
    readRules(text)
  } catch (error) {
    if (error instanceof RulesError) return error.message
    throw error
  }
  return ''
}

describe('rules files', () => {
  it('ours says what it is', () => {
    const rules = readDefaultRules()
    expect(rules).toMatchObject({
      version: '3',
      deltaZThreshold: 0.001,
      crossmatchRadiusArcsec: 0.5,
      tiebreakingPriority: [
        { column: 'z_flag_homogenized', better: 'higher' },
        { column: 'instrument_type_homogenized', better: 'higher' },
      ],
      saveExpressionColumns: false,
      notes: [],
    })
    expect(rules.instrumentTypePriority).toEqual(
      new Map([
        ['s', 3],
        ['g', 2],
        ['p', 1],
      ]),
    )
    expect(rules.digest).toMatch(/^[0-9a-f]{64}$/)
  })

  it("a user's may leave settings out, and is told what is used", () => {
    const rules = readRules('translation_rules: {Mine: {z_flag_translation: {default: 3}}}\ncrossmatch_n_neighbors: 10')
    expect([...rules.surveys.keys()]).toEqual(['MINE'])
    expect(rules).toMatchObject({ deltaZThreshold: 0, crossmatchRadiusArcsec: 0.75 })
    expect(rules.notes.join('\n')).toContain('gives no crossmatch_radius_arcsec: 0.75 is used')
    expect(rules.notes.join('\n')).toContain('crossmatch_n_neighbors has no effect')
  })

  it('of newer versions of the reference are taken, and what has no effect is told', () => {
    const rules = readRules(`
margin_threshold_arcsec: 5
validate_expr_columns: true
crossmatch_saturation_neighbors: 10
upstream: {a: 1}
translation_rules:
  A:
    z_flag_translation: {A: 3, "2": 1, 3.0: 2, default: 0}
    instrument_type_translation: {default: s, allow_condition_overlap: true}
    object_type_translation: {conditions: [{expr: "Class.isin(['STAR'])", value: star}]}
  B: {object_type_translation: {default: galaxy}}
`)
    expect([...rules.surveys.get('A')!.flag!.direct]).toEqual([
      [2, 1],
      [3, 2],
    ])
    const without = 'The rules file has keys without effect: '
    expect(rules.notes).toContain(
      `${without}'margin_threshold_arcsec', 'validate_expr_columns', 'crossmatch_saturation_neighbors', 'upstream' (this server has no such settings)`,
    )
    expect(rules.notes).toContain(
      `${without}'A' (in translation_rules.A.z_flag_translation keys are numbers (values of z_flag))`,
    )
    expect(rules.notes).toContain(
      `${without}'object_type_translation', 'allow_condition_overlap' (in translation_rules this server has no such rules)`,
    )
  })

  it.each([
    ['delta_z_treshold: 0.1', 'did you mean delta_z_threshold?'],
    ['crossmatch_radius: 1', 'did you mean crossmatch_radius_arcsec?'],
    ['n_neighbors: 1', 'did you mean crossmatch_n_neighbors?'],
  ])('refuse what looks misspelt: %s', (line, reason) => {
    expect(problemsOf(`${line}\ntranslation_rules: {A: {z_flag_translation: {default: 3}}}`)).toContain(reason)
  })

  it('a condition without a value gives the default', () => {
    const rules = readRules('translation_rules: {A: {z_flag_translation: {default: 2, conditions: [{expr: "z > 1"}]}}}')
    expect(rules.surveys.get('A')?.flag?.conditions[0]?.result).toBe(2)
  })

  it('are refused with all problems at once, each with its place', () => {
    const problems = problemsOf(`
delta_z_threshold: -1
crossmatch_radius_arcsec: wide
tiebreaking_priority: []
instrument_type_priority: [s, g]
translation_rule: {}
save_expr_columns: perhaps
expr_column_schema: {a: complex}
translation_rules:
  DESI:
    z_flag_translation:
      defualt: 0
      3: 5
      conditions:
        - {expr: "ZWARN in [1, 2]", value: 1}
        - {expr: "len(z) == 1", value: 1}
        - {expression: "z > 1"}
    instrument_type_translation: {default: spectrum}
  desi:
    flags: {}
  OTHER: 3
`)
    for (const text of [
      'line 2, delta_z_threshold must be non-negative; got -1',
      'crossmatch_radius_arcsec must be above 0',
      'tiebreaking_priority must be a non-empty list',
      'instrument_type_priority must be a mapping',
      'line 6, translation_rule: unknown key; did you mean translation_rules?',
      'save_expr_columns: must be true or false; got "perhaps"',
      "expr_column_schema.a: 'complex' is not a type",
      'translation_rules.DESI.z_flag_translation.defualt: unknown key; keys are numbers',
      'line 13, translation_rules.DESI.z_flag_translation.3: 5 is not a result; results are 0, 1, 2, 3, 4, 6 or null',
      `line 15, translation_rules.DESI.z_flag_translation.conditions[0].expr: "ZWARN in [1, 2]" is outside the rule language`,
      'len takes a text, not a number (at character 1)',
      'translation_rules.DESI.z_flag_translation.conditions[2]: must be {expr',
      `translation_rules.DESI.instrument_type_translation.default: "spectrum" is not a result; results are 's', 'g', 'p' or null`,
      'the survey DESI is there twice',
      'translation_rules.desi.flags: unknown key',
      'translation_rules.OTHER: must be a mapping',
    ])
      expect(problems).toContain(text)
  })

  it.each([
    ['a: [1', 'this is not YAML'],
    ['a: 1\na: 2', 'this is not YAML'],
    ['- 1', 'it must be a mapping with the key translation_rules'],
    ['', 'it must be a mapping'],
    ['version: 1', 'translation_rules: must be a mapping'],
    [`x: "${'x'.repeat(1_000_001)}"`, 'larger than 1000000 bytes'],
    [
      `a: &a [${'x,'.repeat(100)}]\n${[...'bcdefgh'].map((c, i) => `${c}: &${c} [${`*${'abcdefgh'[i]},`.repeat(50)}]`).join('\n')}`,
      'aliases cannot be resolved',
    ],
  ])('refuses %#', (text, reason) => {
    expect(problemsOf(text)).toContain(reason)
  })
})
