/** What is wrong at one place of a rules file. */
export interface RulesProblem {
  /** e.g. `translation_rules.DESI.z_flag_translation.conditions[2]`. */
  readonly place: string
  /** 1-based line, when known. */
  readonly line: number | null
  readonly message: string
}

/** A rules file that cannot be used, with everything that is wrong in it. */
export class RulesError extends Error {
  readonly code = 'invalid_rules'

  constructor(
    fileName: string,
    readonly problems: readonly RulesProblem[],
  ) {
    const lines = [...problems]
      .sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
      .map(({ place, line, message }) => {
        const where = [line === null ? '' : `line ${line}`, message.startsWith(place) ? '' : `${place}:`]
        return `- ${where.filter(Boolean).join(', ')}${where[1] ? ' ' : where[0] ? ', ' : ''}${message}`
      })
    super([`The rules file ${fileName} cannot be used:`, ...lines].join('\n'))
    this.name = 'RulesError'
  }
}
