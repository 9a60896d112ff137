/** Who does something: the stable id of the account, its username at that time, and what it may do. */
export interface Actor {
  readonly userId: number
  readonly username: string
  readonly isAdmin: boolean
  /** Ids of the groups that open releases. */
  readonly groupIds: readonly number[]
}

/** The server itself: pipelines, migrations. */
export const SYSTEM: Actor = { userId: 0, username: 'system', isAdmin: true, groupIds: [] }

/** What events keep of a person. */
export interface Person {
  readonly userId: number
  readonly username: string
}

export const personOf = (actor: Actor): Person => ({ userId: actor.userId, username: actor.username })
