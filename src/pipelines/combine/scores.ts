import { quoted } from '../names.ts'
import { isAllNull, textsOf, toNumbers } from './columns.ts'
import type { PreparedCatalog } from './prepare.ts'
import type { Problem } from './problems.ts'
import type { Settings } from './settings.ts'
import { scoresOf } from './ties.ts'
import { concatenate, type Union } from './union.ts'

const HOMOGENIZED = ['z_flag_homogenized', 'instrument_type_homogenized']

/** Priorities that no catalog has, or that are text where numbers are needed. */
export function priorityProblems(catalogs: readonly PreparedCatalog[], settings: Settings): Problem[] {
  if (catalogs.length === 0) return []
  const names = settings.tiebreakingPriority.map(({ column }) => column).filter((name) => !HOMOGENIZED.includes(name))
  const missing = names.filter((name) => catalogs.every(({ priorities }) => !priorities.has(name)))
  const problems: Problem[] = []
  if (missing.length > 0)
    problems.push({
      code: 'missing_priority_columns',
      input: null,
      columns: missing,
      message: `Missing priority columns in main: ${quoted(missing)}. No catalog has these columns of tiebreaking_priority; name columns as the catalogs do (or ra, dec, z, z_err, z_flag).`,
      rows: [],
      examples: missing,
    })
  for (const { name: input, priorities } of catalogs)
    for (const name of names) {
      const column = priorities.get(name)
      if (column?.kind !== 'text' || isAllNull(column)) continue
      problems.push({
        code: 'not_numeric',
        input,
        columns: [name],
        message: `[${input}] '${name}' is text, but tiebreaking_priority needs numbers: name another column.`,
        rows: [],
        examples: column.values
          .strings()
          .filter((text) => text !== null)
          .slice(0, 5),
      })
    }
  return problems
}

/** The scores of all rows by each priority, the most important first. */
export function scoresOfPriorities(
  catalogs: readonly PreparedCatalog[],
  union: Union,
  settings: Settings,
): readonly Float64Array[] {
  const rows = catalogs.map(({ rows: count }) => count)
  return settings.tiebreakingPriority.map(({ column: name, better }) => {
    if (name === 'instrument_type_homogenized') {
      const score = new Map(Object.entries(settings.instrumentTypePriority))
      const types = textsOf(union.get(name)!)
      return scoresOf(
        types.numbers((type) => score.get(type) ?? 0, score.get('') ?? 0),
        better,
      )
    }
    const column = HOMOGENIZED.includes(name)
      ? union.get(name)!
      : concatenate(
          catalogs.map(({ priorities }) => priorities.get(name) ?? null),
          rows,
          'float',
        )
    return scoresOf(toNumbers(column), better)
  })
}
