import { describe, expect, it } from 'vitest'
import type { Column } from '../../../../src/pipelines/combine/columns.ts'
import { NORMALISED_NUMBERS } from '../../../../src/pipelines/combine/normalise.ts'
import { parseExpression } from '../../../../src/pipelines/combine/rules/expression.ts'
import { applyRule, faultsOf } from '../../../../src/pipelines/combine/rules/translate.ts'
import { column } from '../catalogs.ts'

type Cell = number | bigint | string | boolean | null

/** Whether a condition is true for a row with these columns. */
function matches(source: string, row: Record<string, Cell | readonly Cell[]>): boolean {
  // A second row with a value tells the type of a column whose first cell is null.
  const columns = new Map(
    Object.entries(row).map(([name, cells]) => [
      name,
      column(Array.isArray(cells) ? cells : [cells as Cell, cells as Cell]),
    ]),
  )
  const rule = {
    fallback: 0,
    direct: new Map<number, number>(),
    conditions: [{ source, expression: parseExpression(source), result: 1 }],
  }
  const ruleColumns = { columns, normalised: NORMALISED_NUMBERS }
  expect(faultsOf(rule, ruleColumns)).toEqual([])
  return applyRule(rule, () => null, Uint32Array.of(0), ruleColumns)[0] === 1
}

describe('conditions', () => {
  it.each<[string, Record<string, Cell | readonly Cell[]>, boolean]>([
    // Normalised columns and text are three-valued.
    ['z_flag != 0', { z_flag: null }, false],
    ['not z_flag == 0', { z_flag: null }, false],
    ['z_flag == 0 or z > 1', { z_flag: null, z: 2 }, true],
    ['z_flag == 0 and z > 1', { z_flag: null, z: 2 }, false],
    ['not (z_flag == 0 and z > 1)', { z_flag: null, z: 0 }, true],
    ["SPECTYPE != 'STAR'", { SPECTYPE: [null, 'x'] }, false],
    ["s != '-'", { s: [null, '-'] }, false],
    ["s != '-'", { s: 'a' }, true],
    // Raw numbers are IEEE.
    ['zspec != -99', { zspec: null }, true],
    ['zspec == -99', { zspec: null }, false],
    ['a > 1', { a: null }, false],
    ['not (a > 1)', { a: null }, true],
    ['a != a', { a: [null, 1n] }, true],
    ['a + z > 1', { a: 1, z: null }, false],
    ['not (a + z > 1)', { a: 1, z: null }, false],
    // Raw numbers beside normalised ones are three-valued, too.
    ['a != z', { a: null, z: 1 }, false],
    ['not (a < z)', { a: null, z: 1 }, false],
    ['a - z != 0', { a: null, z: 1 }, false],
    ['a != float(b)', { a: null, b: 1 }, false],
    ['a != b', { a: null, b: 1 }, true],
    ['a != ZCAT_PRIMARY', { a: null, ZCAT_PRIMARY: true }, true],
    // np.trunc makes raw numbers, np.abs does not.
    ['np.trunc(z) != 3', { z: null }, true],
    ['np.trunc(z) == 3', { z: null }, false],
    ['np.abs(z) != 3', { z: null }, false],
    // np.isfinite knows no unknown.
    ['np.isfinite(z)', { z: null }, false],
    ['not np.isfinite(z)', { z: null }, true],
    ['not np.isfinite(a)', { a: Number.POSITIVE_INFINITY }, true],
    // Text and numbers.
    ['type == 1', { type: '1' }, false],
    ['type != 1', { type: '1' }, true],
    ['type != 1', { type: [null, 's'] }, false],
    ["z_flag == '1'", { z_flag: 1 }, false],
    ["s < 'b'", { s: 'a' }, true],
    // Functions.
    ['int(z) == 1', { z: null }, false],
    ['not int(z) == 1', { z: null }, false],
    ['not int(a) == 1', { a: null }, false],
    ['int(z) == 1', { z: 1.9 }, true],
    ['int(z) == -1', { z: -1.9 }, true],
    ['np.trunc(z) == -1', { z: -1.9 }, true],
    ["str(z_flag) == '23.0'", { z_flag: 23 }, true],
    ["str(int(z_flag)) == '23'", { z_flag: 23 }, true],
    ["str(n) == '2305843009213693952'", { n: 2305843009213693952n }, true],
    ["str(z_flag)[-3] == '3'", { z_flag: 23 }, true],
    ["str(int(z_flag))[-3] != 'x'", { z_flag: 23 }, false],
    ['len(s) == 3', { s: 'a😀b' }, true],
    ['len(s) >= 0', { s: [null, 'x'] }, false],
    ['int(s) == 12', { s: '12' }, true],
    ['float(s) > 1', { s: 'no number' }, false],
    ['float(s) == 1.5', { s: '1.5' }, true],
    ['np.abs(z) == 2', { z: -2 }, true],
    // Arithmetic and chains.
    ['-z * 2 + 1 == -3 and 7 / 2 == 3.5 and 1 - 2 - 3 == -4', { z: 2 }, true],
    ['0 < z < 1', { z: 0.5 }, true],
    ['0 < z < 1', { z: 1 }, false],
    ['1 <= z >= 1 == 1', { z: 1 }, true],
    // Booleans.
    ['ZCAT_PRIMARY', { ZCAT_PRIMARY: true }, true],
    ['not ZCAT_PRIMARY', { ZCAT_PRIMARY: false }, true],
    ['not ZCAT_PRIMARY', { ZCAT_PRIMARY: [null, true] }, false],
    ['ZCAT_PRIMARY == 1', { ZCAT_PRIMARY: true }, true],
    ['ZCAT_PRIMARY == True', { ZCAT_PRIMARY: false }, false],
    ['not True', { z: 1 }, false],
    ['True or z > 1', { z: null }, true],
    // Precedence.
    ['z == 1 or z == 2 and z == 3', { z: 1 }, true],
    ['not z == 1 and z == 1', { z: 1 }, false],
  ])('%s of %o is %s', (source, row, expected) => {
    expect(matches(source, row)).toBe(expected)
  })

  it.each([
    ['p == 0.9', true],
    ['p >= 0.9 and not p > 0.9', true],
    ['1 - p == 0.1', false],
    ['p * 2 == 1.8', true],
    ['p - 0.9 == 0', true],
    // Beside columns in double precision it is what it is.
    ['p == d', false],
    ['p == z', false],
    ['p - 0.9 < d - 0.9', false],
  ])('%s is %s of single precision', (source, expected) => {
    const columns = new Map<string, Column>([
      ['p', { kind: 'float', values: Float32Array.of(0.9) }],
      ['d', column([0.9])],
      ['z', column([0.9])],
    ])
    const rule = {
      fallback: 0,
      direct: new Map<number, number>(),
      conditions: [{ source, expression: parseExpression(source), result: 1 }],
    }
    const results = applyRule(rule, () => null, Uint32Array.of(0), { columns, normalised: NORMALISED_NUMBERS })
    expect(results).toEqual([Number(expected)])
  })

  it('are refused where columns or types are missing, by name', () => {
    const faults = (source: string, columns: Record<string, Cell>) =>
      faultsOf(
        { fallback: 0, direct: new Map(), conditions: [{ source, expression: parseExpression(source), result: 1 }] },
        {
          columns: new Map(Object.entries(columns).map(([name, cell]) => [name, column([cell])])),
          normalised: NORMALISED_NUMBERS,
        },
      )
    expect(faults('A == 1', { a: 1 })).toEqual([
      { condition: 1, source: 'A == 1', reason: "there is no column 'A' (at character 1)" },
    ])
    expect(faults('not a', { a: 1 })[0]?.reason).toContain("'not' takes a boolean, not a number")
    expect(faults('a', { a: 1 })[0]?.reason).toContain('this one is a number')
  })
})
