import type { Alias } from './column-role.ts'
import type { ProductType } from './product-type.ts'

/** The roles that columns must have before a product of this type can be published, and that no column has. */
export function missingRoles(type: ProductType, held: Iterable<string | null>): Alias[] {
  const roles = new Set(held)
  return type.mandatoryRoles.filter((alias) => !roles.has(alias))
}

export const lacksMainFile = (type: ProductType, hasMainFile: boolean): boolean => !hasMainFile && !type.metadataOnly

/** What a draft still lacks, in words; empty when it can be published. */
export function whatIsMissing(
  type: ProductType,
  draft: { readonly hasMainFile: boolean; readonly roles: Iterable<string | null> },
): string[] {
  if (lacksMainFile(type, draft.hasMainFile)) {
    return [`A product of type ${type.displayName} needs a main file.`]
  }
  return missingRoles(type, draft.roles).map((role) => `No column has the role ${role}.`)
}
