import type { Problem as CatalogProblem } from '../combine/problems.ts'

/** Something that is wrong with an input of the Training Set Maker, told so that its owner can mend it. */
export type Problem = Omit<CatalogProblem, 'code'> & {
  readonly code:
    | CatalogProblem['code']
    | 'missing_roles'
    | 'no_tie_result'
    | 'unknown_columns'
    | 'unknown_flux'
    | 'unknown_dust_map'
    | 'no_magnitudes'
    | 'not_a_position'
}

/** Why a training set cannot be made. `problems` lists everything found in both inputs; `message` says it all in text. */
export class TrainingSetError extends Error {
  constructor(
    readonly code:
      | 'invalid_inputs'
      | 'no_object_catalog'
      | 'object_catalog_changed'
      | 'object_catalog_unreadable'
      | 'nothing_selected'
      | 'empty_result',
    message: string,
    readonly problems: readonly Problem[] = [],
  ) {
    super(message)
    this.name = 'TrainingSetError'
  }

  /** One error that lists all problems. */
  static ofProblems(problems: readonly Problem[]): TrainingSetError {
    const count = problems.length === 1 ? 'There is 1 problem' : `There are ${problems.length} problems`
    const lines = problems.map(({ message }) => `- ${message}`)
    return new TrainingSetError('invalid_inputs', [`${count} with the inputs:`, ...lines].join('\n'), problems)
  }
}

/** A problem that concerns columns rather than rows. */
export function columnProblem(
  code: Problem['code'],
  input: string | null,
  columns: readonly string[],
  message: string,
): Problem {
  return { code, input, columns, message, rows: [], examples: [] }
}
