import { pairs } from './compared.ts'

export interface FileFacts {
  readonly role: string
  readonly name: string
  /** Bytes. */
  readonly size: number
  readonly sha256: string
  readonly rows: number | null
}

export interface ComparedFile {
  readonly role: string
  readonly left: FileFacts | null
  readonly right: FileFacts | null
  /** The same bytes, whatever they are called. */
  readonly same: boolean
}

/** Files by what they are for: there is one main file; the others are told apart by their names. */
export function compareFiles(left: readonly FileFacts[], right: readonly FileFacts[]): ComparedFile[] {
  const keyOf = ({ role, name }: FileFacts) => (role === 'main' ? role : `${role}/${name}`)
  return pairs(left, right, keyOf).map((pair) => ({
    role: pair.left?.role ?? pair.right?.role ?? '',
    left: pair.left && factsOf(pair.left),
    right: pair.right && factsOf(pair.right),
    same: pair.left !== null && pair.left.sha256 === pair.right?.sha256,
  }))
}

const factsOf = ({ role, name, size, sha256, rows }: FileFacts): FileFacts => ({ role, name, size, sha256, rows })
