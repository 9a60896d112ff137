import type { ColumnMetadata } from '../column-metadata.ts'

/** A column that a comment line of its own describes. */
export interface NumberedColumn extends ColumnMetadata {
  readonly name: string
}

const LINE = /^(\d+)[ \t]+([A-Za-z_][^\s[\]]*)(?:[ \t]+(.*))?$/
/** Names as SExtractor gives them. */
const CAPITALS = /^[A-Z][A-Z0-9_-]*$/

/**
 * The columns of a table whose comments list them one by one, `# 4 MAG_AUTO Kron-like magnitude [mag]`: catalogs of
 * SExtractor (its ASCII_HEAD) and BPZ. SExtractor leaves out the numbers of a vector's other elements: these become
 * `FLUX_APER_1`, `FLUX_APER_2` …, as in astropy.
 *
 * @param comments the comment lines before the rows, without `#`
 * @param width columns of the rows; null when there is no row
 * @returns null when the comments are no such list
 */
export function numberedColumns(comments: readonly string[], width: number | null): NumberedColumn[] | null {
  const listed = comments.flatMap((comment) => {
    const [, number, name, rest] = LINE.exec(comment.trim()) ?? []
    return name === undefined ? [] : [{ number: Number(number), column: { name, ...described(rest ?? '') } }]
  })
  const last = listed.at(-1)?.number ?? 0
  if (listed.length < 2 || listed[0]!.number !== 1 || last > (width ?? last)) return null
  if (listed.some(({ number }, index) => index > 0 && number <= listed[index - 1]!.number)) return null
  const isComplete = listed.length === (width ?? last)
  if (!isComplete && !listed.every(({ column }) => CAPITALS.test(column.name))) return null
  return listed.flatMap(({ number, column }, index) => {
    const next = listed[index + 1]?.number ?? (width ?? last) + 1
    return Array.from({ length: next - number }, (_, element) =>
      element === 0 ? column : { ...column, name: `${column.name}_${element}` },
    )
  })
}

function described(text: string): ColumnMetadata {
  const [, before, unit] = /^(.*?)\[([^[\]]*)\][ \t]*$/.exec(text) ?? []
  return { unit: unit?.trim() || null, ucd: null, description: (before ?? text).trim() || null }
}
