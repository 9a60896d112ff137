import type { FileRole } from './events.ts'

/** What a file is to its product, with the numbers of the JSON API. */
export const FILE_ROLES: readonly { readonly role: FileRole; readonly number: number; readonly label: string }[] = [
  { role: 'main', number: 0, label: 'Main' },
  { role: 'description', number: 1, label: 'Description' },
  { role: 'auxiliary', number: 2, label: 'Auxiliary' },
]

/** Number and label of a role. */
export function fileRole(role: FileRole): (typeof FILE_ROLES)[number] {
  const found = FILE_ROLES.find((each) => each.role === role)
  if (found === undefined) throw new Error(`No file role is called ${role}`)
  return found
}
