import { sqlState } from '../../database/errors.ts'

export const UNIQUE_VIOLATION = '23505'

/** Data exceptions, violated constraints, exceeded limits: classes of SQLSTATE that the same statement meets every time. */
const CLASSES_OF_STATEMENT_ERRORS = new Set(['22', '23', '54'])

/** Whether the statement itself is at fault, so that nothing was written and repeating it is of no use. */
export function isStatementError(error: unknown): boolean {
  return CLASSES_OF_STATEMENT_ERRORS.has(sqlState(error)?.slice(0, 2) ?? '')
}
