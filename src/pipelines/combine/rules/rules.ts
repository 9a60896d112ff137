import type { CastType } from '../extra-columns.ts'
import type { Priority } from '../priority.ts'
import { type Expression, variablesOf } from './expression.ts'

/** How a survey's own flags (or instrument types) become homogenized ones; null results are "no value". */
export interface Rule<T> {
  /** The result when nothing else applies. */
  readonly fallback: T | null
  /** Results by the value of `z_flag` (numbers) or `instrument_type` (lower-case text). */
  readonly direct: ReadonlyMap<T, T | null>
  /** Evaluated in order; the last one that is true gives the result. */
  readonly conditions: readonly Condition<T>[]
}

export interface Condition<T> {
  readonly source: string
  readonly expression: Expression
  readonly result: T | null
}

export interface SurveyRules {
  readonly flag: Rule<number> | null
  readonly type: Rule<string> | null
}

/** A rules file: how surveys' flags are translated, and the settings of matching that go with them. */
export interface Rules {
  /** What the file says of its own version. */
  readonly version: string | null
  /** SHA-256 of the file's text, in hexadecimal. */
  readonly digest: string
  readonly tiebreakingPriority: readonly Priority[]
  /** Largest redshift difference between consecutive rows that are taken as one measurement; 0 turns the rule off. */
  readonly deltaZThreshold: number
  readonly crossmatchRadiusArcsec: number
  /** Score of each instrument type; higher wins, types not named score 0. */
  readonly instrumentTypePriority: ReadonlyMap<string, number>
  /** Whether the columns that conditions read become columns of the output. */
  readonly saveExpressionColumns: boolean
  readonly expressionColumnTypes: ReadonlyMap<string, CastType>
  /** By survey, in upper case. */
  readonly surveys: ReadonlyMap<string, SurveyRules>
  /** What the reader should know: defaults taken, settings and keys that have no effect here. */
  readonly notes: readonly string[]
}

/** The columns that the conditions of these surveys read (of all surveys, when none are named). */
export function columnsReadBy(rules: Rules, surveys: Iterable<string> = rules.surveys.keys()): Set<string> {
  const names = new Set<string>()
  for (const survey of surveys)
    for (const rule of [rules.surveys.get(survey)?.flag, rules.surveys.get(survey)?.type])
      for (const { expression } of rule?.conditions ?? []) for (const name of variablesOf(expression)) names.add(name)
  return names
}
