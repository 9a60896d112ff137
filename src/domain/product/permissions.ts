import type { Actor } from '../actor.ts'
import type { ProductStatus } from './product.ts'

/** What decides who may see a release. */
export interface ReleaseAccess {
  readonly isPublic: boolean
  readonly accessGroups: readonly number[]
}

/** A release is open to all when it is public or names no groups; otherwise to the members of one of its groups, and to admins. */
export const mayUseRelease = (actor: Actor, release: ReleaseAccess): boolean =>
  actor.isAdmin ||
  release.isPublic ||
  release.accessGroups.length === 0 ||
  release.accessGroups.some((group) => actor.groupIds.includes(group))

/** Only the owner and administrators change a product. */
export const mayChange = (actor: Actor, ownerId: number): boolean => actor.isAdmin || actor.userId === ownerId

/**
 * Published products are seen by everybody who may use their release; drafts, failures and deleted ones only by those who
 * may change them. `release` is null when the product belongs to none.
 */
export const maySee = (
  actor: Actor,
  product: { readonly ownerId: number; readonly status: ProductStatus; readonly release: ReleaseAccess | null },
): boolean =>
  mayChange(actor, product.ownerId) ||
  (product.status === 'published' && (product.release === null || mayUseRelease(actor, product.release)))
