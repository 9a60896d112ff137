import { invalidField, notFound } from '../error.ts'
import { optionalText } from '../text.ts'
import { type ColumnRole, isUcd, NO_ROLE, standardRole } from './column-role.ts'
import type { CommandOf } from './commands.ts'
import type { ProductEvent } from './events.ts'
import { after, type Product, type ProductColumn } from './product.ts'
import { requireRoles } from './publishable.ts'

/** Decides what a column means from now on. @throws DomainError */
export function associateColumn(command: CommandOf<'AssociateColumn'>, product: Product): readonly ProductEvent[] {
  const events = association(command, product)
  if (product.status === 'published') requireRoles(after(product, events))
  return events
}

/** The same for several at once: only the outcome must have all roles that its type needs. @throws DomainError */
export function associateColumns(command: CommandOf<'AssociateColumns'>, product: Product): readonly ProductEvent[] {
  const roles = command.roles.map(({ columnId, alias }) => ({ columnId, alias, ...(alias === null && { ucd: null }) }))
  const events = associateAll(roles, product)
  if (product.status === 'published') requireRoles(after(product, events))
  return events
}

/** Gives several columns their roles, one after the other, whatever the outcome lacks. @throws DomainError */
export function associateAll(roles: readonly Association[], product: Product): ProductEvent[] {
  const events: ProductEvent[] = []
  for (const role of roles) events.push(...association(role, after(product, events)))
  return events
}

type Association = Pick<CommandOf<'AssociateColumn'>, 'columnId' | 'alias' | 'ucd'>

function association(command: Association, product: Product): readonly ProductEvent[] {
  const column = product.columns.find((each) => each.id === command.columnId)
  if (column === undefined) throw notFound()
  const role = newRole(command, column.role)
  if (role.alias === column.role.alias && role.ucd === column.role.ucd) return []
  // A role moves: it is never held by two columns, whatever order a client sets them in.
  const holder =
    role.alias === null
      ? undefined
      : product.columns.find(
          (each) => each.id !== column.id && each.role.alias?.toLowerCase() === role.alias?.toLowerCase(),
        )
  return [...(holder === undefined ? [] : [associated(holder, NO_ROLE)]), associated(column, role)]
}

const associated = (column: ProductColumn, role: ColumnRole): ProductEvent => ({
  type: 'ColumnAssociated',
  data: {
    columnId: column.id,
    columnName: column.name,
    alias: role.alias,
    ucd: role.ucd,
    previous: { alias: column.role.alias, ucd: column.role.ucd },
  },
})

/** A standard alias brings its UCD and its spelling along; an alias of the person's own does not keep a standard UCD. */
function newRole(command: Association, current: ColumnRole): ColumnRole {
  const alias = command.alias === undefined ? current.alias : optionalText('alias', command.alias, 255)
  const given = command.ucd === undefined ? undefined : optionalText('ucd', command.ucd, 255)
  if (given && !isUcd(given))
    throw invalidField('ucd', `"${given}" is not a UCD, like src.redshift or pos.eq.ra;meta.main.`)
  const standard = alias === null ? undefined : standardRole(alias)
  if (standard !== undefined) return standard
  if (given !== undefined) return { alias, ucd: given }
  return { alias, ucd: command.alias === undefined ? current.ucd : null }
}
