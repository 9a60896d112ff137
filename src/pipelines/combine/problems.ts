/** Something that is wrong with one input (or with the whole request), told so that its owner can mend it. */
export interface Problem {
  readonly code:
    | 'missing_columns'
    | 'not_numeric'
    | 'no_numeric_prefix'
    | 'same_prefix'
    | 'invalid_homogenized'
    | 'missing_translation'
    | 'rule_error'
    | 'nothing_homogenized'
    | 'invalid_coordinates'
    | 'invalid_extra_column'
    | 'missing_priority_columns'
    | 'empty_input'
  /** Internal name of the input, null when the problem lies between several. */
  readonly input: string | null
  /** The columns concerned, by the pipeline's names (`z_flag`) or the catalog's own. */
  readonly columns: readonly string[]
  /** What is wrong and what to do, in one or a few sentences. */
  readonly message: string
  /** What helps with every problem of the kind, and is told with the first of them alone. */
  readonly hint?: string
  /** The first few rows concerned, 1-based in file order. */
  readonly rows: readonly number[]
  /** The first few values concerned. */
  readonly examples: readonly string[]
}

/** Why catalogs cannot be combined. `problems` lists everything found in every input; `message` says it all in text. */
export class CombineError extends Error {
  constructor(
    readonly code: 'invalid_inputs' | 'no_inputs' | 'everything_cut' | 'empty_result',
    message: string,
    readonly problems: readonly Problem[] = [],
  ) {
    super(message)
    this.name = 'CombineError'
  }

  /** One error that lists all problems of all inputs. */
  static ofProblems(found: readonly Problem[]): CombineError {
    const problems = withHints(found)
    const count = problems.length === 1 ? 'There is 1 problem' : `There are ${problems.length} problems`
    const lines = problems.map(({ message }) => `- ${message}`)
    return new CombineError('invalid_inputs', [`${count} with the input catalogs:`, ...lines].join('\n'), problems)
  }
}

function withHints(problems: readonly Problem[]): Problem[] {
  const told = new Set<string>()
  return problems.map(({ hint, ...problem }) => {
    if (hint === undefined || told.has(hint)) return problem
    told.add(hint)
    return { ...problem, message: `${problem.message} ${hint}` }
  })
}

/** Most rows and values that a problem shows. */
export const EXAMPLES = 5
