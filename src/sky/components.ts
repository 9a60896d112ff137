/** The groups that links make of rows. */
export interface Components {
  /** For each row the number of its group. Groups are numbered from 0 in the order of their first rows. */
  readonly group: Uint32Array
  /** Rows of each group; 1 for a row without links. */
  readonly size: Uint32Array
}

/**
 * Connected components by union-find (R. E. Tarjan, J. ACM 22, 215, 1975): rows that links connect, directly or through
 * others, are one group. Use the pairs of an internal match as links.
 */
export function connectedComponents(
  rows: number,
  links: { readonly left: Uint32Array; readonly right: Uint32Array },
): Components {
  // The root of a group is its first row, so that numbering needs no second look.
  const parent = new Uint32Array(rows)
  for (let i = 0; i < rows; i++) parent[i] = i
  const find = (row: number): number => {
    let i = row
    while (parent[i] !== i) {
      const above = parent[parent[i]!]!
      parent[i] = above
      i = above
    }
    return i
  }
  for (let k = 0; k < links.left.length; k++) {
    const a = find(links.left[k]!)
    const b = find(links.right[k]!)
    if (a < b) parent[b] = a
    else if (b < a) parent[a] = b
  }
  const group = new Uint32Array(rows)
  const size = new Uint32Array(rows)
  let groups = 0
  for (let row = 0; row < rows; row++) {
    const root = find(row)
    const number = root === row ? groups++ : group[root]!
    group[row] = number
    size[number]!++
  }
  return { group, size: size.slice(0, groups) }
}
