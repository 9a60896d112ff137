import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExpressionError, parseExpression, variablesOf } from '../../../../src/pipelines/combine/rules/expression.ts'
import { checkCondition, STANDARD_TYPES } from '../../../../src/pipelines/combine/rules/types.ts'

const refusal = (source: string): string => {
  try {
    checkCondition(
      parseExpression(source),
      (name) => STANDARD_TYPES.get(name) ?? (name === 'nowhere' ? undefined : 'unknown'),
    )
  } catch (error) {
    if (error instanceof ExpressionError) return error.message
    throw error
  }
  return 'accepted'
}

describe('the rule language', () => {
  it.each([
    'z_err == 0',
    '0 < z_err < 0.001',
    'z_flag != 0 and not ZCAT_PRIMARY',
    'SPECTYPE == \'STAR\' or CLASS == "STAR"',
    'np.trunc(z_flag) - 10 * np.trunc(np.trunc(z_flag) / 10) == 9',
    'z_flag < 400 and (len(str(int(z_flag))) == 1 or int(str(int(z_flag))[-2]) <= 3)',
    'not np.isfinite(z) or np.abs(-z) >= 1e-3',
    'True',
    'flux_Ωm > .5',
    "'it\\'s' == name",
  ])('takes %s', (source) => {
    expect(refusal(source)).toBe('accepted')
  })

  it.each([
    ['', 'the expression is empty'],
    ['z_flag =', "'=' is not part"],
    ['z_flag == ', 'ends too early'],
    ['z_flag == 1)', "')' is not expected here (at character 12)"],
    ['(z_flag == 1', "')' is missing"],
    ['z_flag in (1)', "'in' is not part of the rule language"],
    ['abs(z) > 1', "'abs' is not part of the rule language"],
    ['np.exp(z) > 1', "'np.exp' is not part of the rule language"],
    ['__import__("os") == 1', "'__import__' is not part"],
    ['z.__class__ == 1', "'z.__class__' is not part"],
    ['[z for z in (1)] == 1', "'[' is not expected here"],
    ['z ** 2 > 1', "'*' is not expected here"],
    ['z > 1 if z else 2', "'if' is not part"],
    ['str(z)[1:2] == "a"', "':' is not part of the rule language"],
    ['str(z)[1.5] == "a"', 'an index must be a whole number'],
    ['len == 1', 'len is a function'],
    ['z_flag == 1; z', "';' is not part"],
    ["survey == 'a\\n'", 'the escape \\n is not part'],
    ['z_flag', 'a condition must be true or false; this one is a number'],
    ['survey and z > 1', "'and' takes a boolean, not a text"],
    ['len(z) == 1', 'len takes a text, not a number'],
    ['np.isfinite(survey)', 'np.isfinite takes a number, not a text'],
    ['survey < 3', "'<' cannot compare a text with a number"],
    ['survey + 1 == 2', "'+' takes a number, not a text"],
    ['z[0] == 1', 'an index takes a text, not a number'],
    ['nowhere > 1', "there is no column 'nowhere' (at character 1)"],
    [`${'('.repeat(200)}z${')'.repeat(200)} == 1`, 'nested too deeply'],
    [`${'not '.repeat(200)}z == 1`, 'nested too deeply'],
    [`z == ${'1'.repeat(5000)}`, 'longer than 4000 characters'],
  ])('refuses %s', (source, reason) => {
    expect(refusal(source)).toContain(reason)
  })

  it('knows the columns that an expression reads', () => {
    const source = "not (a + b > c) and (d or str(e)[0] == 'x') and -f < np.abs(a)"
    expect([...variablesOf(parseExpression(source))]).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  })

  it('is read or refused, whatever the text', () => {
    const words = "z and or not ( ) [ ] == != <= < > - + * / 1 2.5 'a' str int np.abs True . , ; in é \\".split(' ')
    const text = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom(...words), { maxLength: 30 }).map((parts) => parts.join(' ')),
    )
    fc.assert(
      fc.property(text, (source) => refusal(source).length > 0),
      { numRuns: 2_000, seed: 3 },
    )
  })
})
