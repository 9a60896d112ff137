import { and, asc, eq } from 'drizzle-orm'
import { AccountError, invalid } from './error.ts'
import { checkedName } from './names.ts'
import { type Accounts, groups, memberships, users } from './tables.ts'

/** A set of people; releases are opened to groups. */
export interface Group {
  readonly id: number
  readonly name: string
}

/** @throws AccountError */
export async function createGroup({ database }: Accounts, name: string): Promise<Group> {
  const checked = checkedName('name', name)
  if (checked === '') throw invalid('name', 'This field may not be blank.')
  const [group] = await database.drizzle.insert(groups).values({ name: checked }).onConflictDoNothing().returning()
  if (group) return group
  const taken = 'A group with that name already exists.'
  throw new AccountError('conflict', taken, { name: taken })
}

export function listGroups({ database }: Accounts): Promise<Group[]> {
  return database.drizzle.select().from(groups).orderBy(asc(groups.name))
}

/** Does nothing when the person is in the group already. @throws AccountError when there is no such user or group */
export async function addMember({ database }: Accounts, groupId: number, userId: number): Promise<void> {
  const user = await database.drizzle.select({ id: users.id }).from(users).where(eq(users.id, userId))
  const group = await database.drizzle.select({ id: groups.id }).from(groups).where(eq(groups.id, groupId))
  if (!user[0] || !group[0]) throw new AccountError('not_found', 'There is no such user or group.')
  await database.drizzle.insert(memberships).values({ groupId, userId }).onConflictDoNothing()
}

export async function removeMember({ database }: Accounts, groupId: number, userId: number): Promise<void> {
  const membership = and(eq(memberships.groupId, groupId), eq(memberships.userId, userId))
  await database.drizzle.delete(memberships).where(membership)
}

/** Removes the group and all memberships of it; does nothing when there is none. */
export async function deleteGroup({ database }: Accounts, groupId: number): Promise<void> {
  await database.drizzle.delete(memberships).where(eq(memberships.groupId, groupId))
  await database.drizzle.delete(groups).where(eq(groups.id, groupId))
}

/** Who is in which group, in order of the names of groups. */
export async function listMemberships({
  database,
}: Accounts): Promise<{ readonly userId: number; readonly group: Group }[]> {
  return database.drizzle
    .select({ userId: memberships.userId, group: { id: groups.id, name: groups.name } })
    .from(memberships)
    .innerJoin(groups, eq(groups.id, memberships.groupId))
    .orderBy(asc(groups.name))
}
