import type { CombineParameters } from './parameters.ts'
import type { Priority } from './priority.ts'
import type { Rules } from './rules/rules.ts'

/** What a run works with once parameters and rules file are put together; parameters win. Kept in the run's record. */
export interface Settings {
  readonly rulesVersion: string | null
  /** SHA-256 of the rules file. */
  readonly rulesDigest: string
  readonly tiebreakingPriority: readonly Priority[]
  readonly instrumentTypePriority: Readonly<Record<string, number>>
  readonly crossmatchRadiusArcsec: number
  readonly deltaZThreshold: number
  readonly seed: number
  /** Whether z_flag_homogenized is needed: to break ties, to cut, or to know the stars to remove. */
  readonly needsFlags: boolean
  /** Whether instrument_type_homogenized is needed. */
  readonly needsTypes: boolean
}

/** The settings of a run. */
export function settingsOf(parameters: CombineParameters, rules: Rules): Settings {
  const tiebreakingPriority = parameters.tiebreakingPriority ?? rules.tiebreakingPriority
  const ranks = (column: string) => tiebreakingPriority.some((priority) => priority.column === column)
  return {
    rulesVersion: rules.version,
    rulesDigest: rules.digest,
    tiebreakingPriority,
    instrumentTypePriority: Object.fromEntries(rules.instrumentTypePriority),
    crossmatchRadiusArcsec: parameters.crossmatchRadiusArcsec ?? rules.crossmatchRadiusArcsec,
    deltaZThreshold: parameters.deltaZThreshold ?? rules.deltaZThreshold,
    seed: parameters.seed,
    needsFlags: ranks('z_flag_homogenized') || parameters.flagCut !== null || parameters.removeStars,
    needsTypes: ranks('instrument_type_homogenized'),
  }
}
