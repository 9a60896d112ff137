import type { PipelineOutcome } from './pipeline.ts'

/** Why inputs or parameters do not allow a run, as an error of a pipeline tells it. */
interface RefusingError extends Error {
  readonly code: string
  /** What is wrong, one by one; left out when the message says it all. */
  readonly problems?: readonly { readonly message: string }[]
}

/** The end of a run that was refused. One problem is its own reason; several are counted, and listed. */
export function refused({ code, message, problems = [] }: RefusingError): PipelineOutcome {
  const [only] = problems
  if (only === undefined) return { kind: 'refused', code, reason: message, problems: [] }
  if (problems.length === 1) return { kind: 'refused', code, reason: only.message, problems: [] }
  const [heading = ''] = message.split('\n', 1)
  return { kind: 'refused', code, reason: heading, problems: problems.map((problem) => problem.message) }
}
