import { Type } from '@sinclair/typebox'
import type { Decider } from '../decider.ts'
import { defineEvent, type EventOf, eventGuard } from '../event-definition.ts'

/**
 * Acts that change what a person may do, without secrets. The accounts themselves are ordinary tables (they must be
 * erasable); this stream is their audit trail.
 */
const Id = Type.Integer({ minimum: 1 })
const Subject = { userId: Id, username: Type.String() }

export const RoleGranted = defineEvent({
  type: 'RoleGranted',
  version: 1,
  description: 'A person was given a role; `member` says that the account was made.',
  schema: Type.Object(
    { ...Subject, role: Type.Union([Type.Literal('member'), Type.Literal('admin')]) },
    { additionalProperties: false },
  ),
})
export const RoleRevoked = defineEvent({
  type: 'RoleRevoked',
  version: 1,
  description: 'A role was taken from a person; `member` says that the account was closed.',
  schema: Type.Object(
    { ...Subject, role: Type.Union([Type.Literal('member'), Type.Literal('admin')]) },
    { additionalProperties: false },
  ),
})
export const TokenIssued = defineEvent({
  type: 'TokenIssued',
  version: 1,
  description: 'An API token was made; the token itself is never recorded.',
  schema: Type.Object(
    {
      ...Subject,
      tokenId: Id,
      name: Type.String(),
      scopes: Type.Array(Type.String()),
      expiresAt: Type.Union([Type.String(), Type.Null()]),
    },
    { additionalProperties: false },
  ),
})
export const TokenRevoked = defineEvent({
  type: 'TokenRevoked',
  version: 1,
  description: 'An API token stopped working.',
  schema: Type.Object({ ...Subject, tokenId: Id, name: Type.String() }, { additionalProperties: false }),
})
export const GroupMembershipChanged = defineEvent({
  type: 'GroupMembershipChanged',
  version: 1,
  description: 'A person joined or left groups; all groups after the change.',
  schema: Type.Object(
    { ...Subject, groups: Type.Array(Type.Object({ id: Id, name: Type.String() }, { additionalProperties: false })) },
    { additionalProperties: false },
  ),
})

export const SECURITY_EVENTS = [RoleGranted, RoleRevoked, TokenIssued, TokenRevoked, GroupMembershipChanged] as const
export type SecurityEvent = EventOf<(typeof SECURITY_EVENTS)[number]>
export const isSecurityEvent = eventGuard(SECURITY_EVENTS)

export const securityStream = (userId: number): string => `security-${userId}`

/** The accounts decide; the stream records. So a command is the events themselves, and there is no state to keep. */
export interface RecordSecurityActs {
  readonly type: 'RecordSecurityActs'
  readonly acts: readonly SecurityEvent[]
}

export const securityDecider: Decider<null, RecordSecurityActs, SecurityEvent> = {
  initialState: null,
  isEvent: isSecurityEvent,
  evolve: () => null,
  decide: (command) => command.acts,
}
