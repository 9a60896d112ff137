import { DomainError } from '../error.ts'
import type { Alias } from './column-role.ts'
import type { Product } from './product.ts'
import { type ProductType, productType } from './product-type.ts'

/** The roles that columns must have before a product of this type can be published, and that no column has. */
function missingRoles(type: ProductType, held: Iterable<string | null>): Alias[] {
  const roles = new Set(held)
  return type.mandatoryRoles.filter((alias) => !roles.has(alias))
}

const lacksMainFile = (type: ProductType, hasMainFile: boolean): boolean => !hasMainFile && !type.metadataOnly

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

/**
 * @throws DomainError without the main file that its type needs: `roles_missing` where it would bring the mandatory columns, else
 * `conflict`; `roles_missing` when its columns lack roles
 */
export function requirePublishable(product: Product): void {
  const type = productType(product.productType)
  const hasMainFile = product.files.some((file) => file.role === 'main')
  if (lacksMainFile(type, hasMainFile)) {
    throw new DomainError(
      type.mandatoryRoles.length > 0 ? 'roles_missing' : 'conflict',
      `A published product of type ${type.displayName} needs a main file: add one, or replace the one that it has.`,
      { file: ['A main file is needed.'] },
    )
  }
  requireRoles(product)
}

/** The roles that a product of this type needs and no column has. */
export const lackingRoles = (product: Product): Alias[] =>
  missingRoles(
    productType(product.productType),
    product.columns.map((column) => column.role.alias),
  )

/** @throws DomainError `roles_missing`, with the words of the reference server, whose client shows them. */
export function requireRoles(product: Product): void {
  const missing = lackingRoles(product).toSorted()
  if (missing.length > 0) {
    throw new DomainError('roles_missing', `The column(s) was not filled in: ${missing.join(',')}`)
  }
}
