import type { AppContext } from '../context.ts'
import { invalidField } from '../domain/error.ts'
import type { ColumnAlias, ProductCommand } from '../domain/product/commands.ts'
import { productDecider } from '../domain/product/decider.ts'
import { productStream } from '../domain/product/product.ts'
import { type ProductTypeName, productType } from '../domain/product/product-type.ts'
import { type RoleSuggestion, suggestRoles } from '../domain/product/role-suggestion.ts'
import { productColumns } from '../projections/columns/queries.ts'
import { execute, type Request } from './command.ts'
import { type IncomingFile, withExamined } from './files.ts'
import { nextNumber } from './numbers.ts'
import { changeProduct, productCommands, registration } from './products.ts'
import { requireRoom } from './quota.ts'

/**
 * Makes a draft of a file, in one step: the product is registered under the name of the file, the file attached and looked
 * through, and each column given the role that it seems to have. Its owner sees and corrects all of it before publishing.
 * The type is a redshift catalog when positions and redshifts were found, else `other`. When the file is refused, nothing
 * stays behind, not even a number.
 * @returns the number of the product.
 * @throws DomainError, TableError
 */
export async function draftFromFile(
  context: AppContext,
  request: Request,
  file: IncomingFile,
  signal?: AbortSignal,
): Promise<number> {
  try {
    await requireRoom(context, request.actor.userId, file.blob.size)
    const incoming = { file, role: 'main', replace: false, ...(signal === undefined ? {} : { signal }) } as const
    return await withExamined(context, request, incoming, async ({ command, inspection, store }) => {
      const suggestions = inspection === null ? [] : suggestRoles(inspection.columns, inspection.rows)
      const register = await registration(context, request, {
        displayName: nameFrom(file.name),
        productType: guessedType(suggestions, file.name),
        official: false,
      })
      productCommands.decide([{ ...register, productId: 1 }, command], productDecider.initialState)
      const attach = await store()
      const productId = await nextNumber(context.database, 'product')
      await execute(context, request, productCommands, productStream(productId), [
        { ...register, productId },
        attach,
        ...associations(request, attach, suggestions),
      ])
      return productId
    })
  } finally {
    await file.blob.discard()
  }
}

/** The name of the file without its endings, as a name to begin with. */
const nameFrom = (fileName: string): string =>
  fileName.replace(/(\.(tar|csv|txt|fits?|parquet|hdf5?))?\.[A-Za-z0-9]{1,8}$/, '').trim() || fileName

function guessedType(suggestions: readonly (RoleSuggestion | null)[], fileName: string): ProductTypeName {
  const roles = new Set(suggestions.map((each) => each?.role))
  if (productType('redshift_catalog').mandatoryRoles.every((role) => roles.has(role))) return 'redshift_catalog'
  return /\.(pkl|pickle)$/i.test(fileName) ? 'training_results' : 'other'
}

function associations(
  request: Request,
  { inspection }: Extract<ProductCommand, { readonly type: 'AttachFile' }>,
  suggestions: readonly (RoleSuggestion | null)[],
): ProductCommand[] {
  if (inspection?.kind !== 'table') return []
  return suggestions.flatMap((suggestion, index) => {
    const columnId = inspection.columnIds[index]
    if (suggestion === null || columnId === undefined) return []
    return [{ type: 'AssociateColumn', by: request.actor, columnId, alias: suggestion.role }]
  })
}

/** A role that a form asks for a column; an empty text is none. */
export interface RoleWish {
  readonly columnId: number
  readonly name: string
  readonly alias: string
}

/**
 * The commands that give columns the roles of a form; none when nothing differs. A role that stays with one column is not
 * touched by what another one wants.
 * @throws DomainError `invalid` when two columns are to have the same role; `fields` names the second.
 */
export function roleCommands(
  current: readonly { readonly id: number; readonly alias: string | null }[],
  wishes: readonly RoleWish[],
): { readonly type: 'AssociateColumns'; readonly roles: readonly ColumnAlias[] }[] {
  const takers = new Map<string, string>()
  for (const { columnId, name, alias } of wishes) {
    const key = alias.trim().toLowerCase()
    const other = takers.get(key)
    if (other !== undefined && key !== '') {
      throw invalidField(`role-${columnId}`, `${other} and ${name} cannot both have the role ${alias}.`)
    }
    takers.set(key, name)
  }
  const before = new Map(current.map(({ id, alias }) => [id, alias ?? '']))
  const roles = wishes
    .filter(({ columnId, alias }) => before.has(columnId) && before.get(columnId) !== alias.trim())
    .map(({ columnId, alias }) => ({ columnId, alias: alias.trim() === '' ? null : alias }))
  return roles.length === 0 ? [] : [{ type: 'AssociateColumns', roles }]
}

/** Gives columns their roles by name, e.g. `{ TARGET_RA: 'RA' }`; names that the file does not have are left out. */
export async function giveRoles(
  context: AppContext,
  request: Request,
  id: number,
  roles: Readonly<Record<string, string>>,
): Promise<void> {
  const columns = await productColumns(context.database.drizzle, id)
  const wanted = columns.flatMap(({ id: columnId, name }) => {
    const alias = roles[name]
    return alias === undefined ? [] : [{ columnId, alias }]
  })
  await changeProduct(context, request, id, { type: 'AssociateColumns', roles: wanted })
}

/** Publishes a draft. @throws DomainError `conflict` when its values are impossible, or what the domain says */
export const publishDraft = (context: AppContext, request: Request, id: number): Promise<void> =>
  changeProduct(context, request, id, { type: 'PublishProduct' })
