/** One step of tie resolution: among the rows still in the race, those with the best value of a column stay. */
export interface Priority {
  /** `z_flag_homogenized`, `instrument_type_homogenized` or any numeric column. */
  readonly column: string
  readonly better: 'higher' | 'lower'
}

/** Most columns that may take part in breaking ties. */
export const MOST_PRIORITIES = 20

/**
 * Reads `tiebreaking_priority`: names of columns (higher is better), or `{column, better: higher | lower}`.
 * Problems are handed to `report`; what can be read is returned.
 */
export function readPriorities(value: unknown, report: (message: string) => void): Priority[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_PRIORITIES) {
    report(
      `tiebreaking_priority must be a non-empty list of (at most ${MOST_PRIORITIES}) columns, the most important first`,
    )
    return []
  }
  const priorities: Priority[] = []
  for (const [i, item] of value.entries()) {
    const priority = readPriority(item)
    if (priority === null)
      report(
        `tiebreaking_priority[${i}] must be the name of a column, or {column: <name>, better: higher or lower}; got ${JSON.stringify(item)}`,
      )
    else if (priorities.some(({ column }) => column === priority.column))
      report(`tiebreaking_priority names '${priority.column}' twice`)
    else priorities.push(priority)
  }
  return priorities
}

function readPriority(item: unknown): Priority | null {
  if (typeof item === 'string') return item.trim() === '' ? null : { column: item.trim(), better: 'higher' }
  if (typeof item !== 'object' || item === null) return null
  const { column, better = 'higher', ...rest } = item as Record<string, unknown>
  if (typeof column !== 'string' || column.trim() === '' || Object.keys(rest).length > 0) return null
  return better === 'higher' || better === 'lower' ? { column: column.trim(), better } : null
}
