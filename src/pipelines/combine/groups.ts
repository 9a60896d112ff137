import { type Components, connectedComponents } from '../../sky/components.ts'
import type { Neighbours, Pairs } from './neighbours.ts'

/** Groups of duplicates: rows that pairs connect, directly or through others. Stars neither belong to nor bridge groups. */
export function duplicateGroups(rowCount: number, { left, right }: Pairs, isStar: Uint8Array): Components {
  const links = { left: new Uint32Array(left.length), right: new Uint32Array(left.length) }
  let count = 0
  for (let k = 0; k < left.length; k++) {
    if (isStar[left[k]!] || isStar[right[k]!]) continue
    links.left[count] = left[k]!
    links.right[count++] = right[k]!
  }
  return connectedComponents(rowCount, { left: links.left.subarray(0, count), right: links.right.subarray(0, count) })
}

/**
 * `group_id` of each row: the rank (from 1) of its group by the group's first row. A star beside groups of duplicates is
 * labelled with the first of them; any other star is a group of its own.
 */
export function groupIds(groups: Components, neighbours: Neighbours, isStar: Uint8Array): BigInt64Array {
  const { group, size } = groups
  const label = group.slice()
  const isUsed = new Uint8Array(size.length).fill(1)
  for (let row = 0; row < label.length; row++) {
    if (!isStar[row]) continue
    let first = Number.POSITIVE_INFINITY
    for (let k = neighbours.offsets[row]!; k < neighbours.offsets[row + 1]!; k++) {
      const beside = group[neighbours.rows[k]!]!
      if (size[beside]! > 1 && beside < first) first = beside
    }
    if (first === Number.POSITIVE_INFINITY) continue
    isUsed[group[row]!] = 0
    label[row] = first
  }
  const ranks = new BigInt64Array(size.length)
  let rank = 0n
  for (let number = 0; number < size.length; number++) if (isUsed[number]) ranks[number] = ++rank
  const ids = new BigInt64Array(label.length)
  for (let row = 0; row < ids.length; row++) ids[row] = ranks[label[row]!]!
  return ids
}
