/**
 * The name of a product in URLs: its id and a slug of its first display name, never changed later. The rule is the
 * production server's: spaces become `_`, lower case, then only letters and digits of any script and `_` stay.
 */
export function internalName(id: number, displayName: string): string {
  const slug = displayName
    .replaceAll(' ', '_')
    .toLowerCase()
    .trim()
    .replace(/[^\p{L}\p{N}_]/gu, '')
  return `${id}_${slug}`
}
