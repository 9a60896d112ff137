import { extensionOf } from './file-name.ts'
import { byCodeUnits } from './text.ts'

/** What a download of everything holds besides the files. Readers look for these names, so no file takes them. */
export const METADATA_FILE = 'product_metadata.yaml'
export const CRATE_FILE = 'ro-crate-metadata.json'
export const MANIFEST_FILE = 'MANIFEST.sha256'

/** The names that files have in a download of everything, by the numbers of the files. */
export function archiveNames(
  files: readonly { readonly id: number; readonly name: string }[],
): ReadonlyMap<number, string> {
  const place = namePlacer([METADATA_FILE, CRATE_FILE, MANIFEST_FILE])
  const sorted = files.toSorted((a, b) => byCodeUnits(a.name, b.name) || a.id - b.id)
  return new Map(sorted.map(({ id, name }) => [id, place(name)]))
}

/**
 * Gives the members of an archive names, one after the other: `notes.txt`, then `notes (2).txt`. Names that some file system
 * takes for the same count as the same. Names may have folders; what would leave the archive's own folder is cut off.
 * @param reserved names that none of them gets
 */
export function namePlacer(reserved: readonly string[]): (name: string) => string {
  const taken = new Set(reserved.map(looks))
  return (given) => {
    const name = safeName(given)
    const extension = extensionOf(name)
    const stem = name.slice(0, name.length - extension.length)
    let candidate = name
    for (let n = 2; taken.has(looks(candidate)); n += 1) candidate = `${stem} (${n})${extension}`
    taken.add(looks(candidate))
    return candidate
  }
}

function safeName(name: string): string {
  const parts = name.split(/[/\\]/).filter((part) => !/^\.{0,2}$/.test(part) && !/^[A-Za-z]:$/.test(part))
  return parts.join('/').replaceAll(/\p{Cc}/gu, '_') || 'file'
}

const looks = (name: string): string => name.normalize('NFKC').toLowerCase()
