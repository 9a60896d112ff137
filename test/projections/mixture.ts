import * as fc from 'fast-check'
import { v5 as uuidv5 } from 'uuid'
import { type Actor, SYSTEM } from '../../src/domain/actor.ts'
import type { Decider } from '../../src/domain/decider.ts'
import { DomainError } from '../../src/domain/error.ts'
import { type DomainEvent, EVENT_DEFINITIONS } from '../../src/domain/events.ts'
import type { ProductCommand } from '../../src/domain/product/commands.ts'
import { productDecider } from '../../src/domain/product/decider.ts'
import { productStream } from '../../src/domain/product/product.ts'
import { type ReleaseCommand, releaseDecider, releaseStream } from '../../src/domain/release/release.ts'
import { type SecurityEvent, securityDecider, securityStream } from '../../src/domain/security/security.ts'
import { handleCommand } from '../../src/eventstore/handle-command.ts'
import type { EventStore } from '../../src/eventstore/port.ts'
import { SchemaRegistry } from '../../src/eventstore/schema-registry.ts'
import { life, numbered } from '../domain/product/commands.ts'
import { admin, attach, noTable, register } from '../domain/product/samples.ts'

const NAMESPACE = '6f6d0c3e-90cb-4f8e-b9a8-0c3d3f2f3a10'
export const registry = new SchemaRegistry(EVENT_DEFINITIONS)

/** Carries commands out as the application does, with times and ids that are the same in every run. */
export class Writer {
  readonly #store: EventStore
  #count = 0

  constructor(store: EventStore) {
    this.#store = store
  }

  /** Refusals of the domain are part of life. */
  async give<State, Command extends { readonly type: string }, Event extends DomainEvent>(
    decider: Decider<State, Command, Event>,
    stream: string,
    command: Command,
    by: Actor,
  ): Promise<void> {
    this.#count += 1
    const commandId = uuidv5(String(this.#count), NAMESPACE)
    try {
      await handleCommand({
        store: this.#store,
        registry,
        decider,
        stream,
        command,
        metadata: {
          actor: { userId: by.userId, username: by.username },
          at: new Date(Date.UTC(2026, 0, 1) + this.#count * 1000).toISOString(),
          commandId,
          $correlationId: commandId,
          $causationId: commandId,
          softwareVersion: 'test',
        },
      })
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
    }
  }
}

/**
 * A realistic log: lives of several products, mixed as they would be, with replaced, removed and purged files; releases that
 * change their groups; accounts that come and go. The same seed gives the same log.
 */
export async function writeMixture(store: EventStore, options: { readonly seed: number; readonly products: number }) {
  const writer = new Writer(store)
  const release = (id: number, command: ReleaseCommand) =>
    writer.give(releaseDecider, releaseStream(id), command, admin)
  await release(1, { type: 'DefineRelease', by: admin, releaseId: 1, fields: { name: 'dp1' } })
  await release(2, { type: 'DefineRelease', by: admin, releaseId: 2, fields: { name: 'dp2', isPublic: false } })

  // Most samples are short; the longest ones have been through the most.
  const lives: ProductCommand[][] = fc
    .sample(life, { seed: options.seed, numRuns: 20 * options.products })
    .toSorted((a, b) => b.length - a.length)
    .slice(0, options.products)
    .concat(RARE)
    .map((commands, index) => numbered(commands, index + 1))
  const longest = Math.max(...lives.map((commands) => commands.length))
  for (let turn = 0; turn < longest; turn++) {
    for (const [index, commands] of lives.entries()) {
      const command = commands[turn]
      if (command) await writer.give(productDecider, productStream(index + 1), command, command.by)
    }
    if (turn === 5) {
      await release(2, {
        type: 'ChangeRelease',
        by: admin,
        fields: { accessGroups: [7], displayName: 'DP2 (internal)' },
      })
      for (const acts of ACTS) {
        await writer.give(securityDecider, securityStream(3), { type: 'RecordSecurityActs', acts }, admin)
      }
    }
    if (turn === 9) await release(2, { type: 'RetireRelease', by: admin })
    if (turn === 10) await release(1, { type: 'RetireRelease', by: admin })
    if (turn === 11) await release(1, { type: 'RestoreRelease', by: admin })
  }
}

/** What seldom happens by chance. */
const RARE: readonly (readonly ProductCommand[])[] = [
  [register({ productType: 'other' }), attach({ inspection: noTable })],
  [
    register({ productType: 'other' }),
    {
      type: 'RecordImport',
      by: admin,
      origin: {
        from: {
          server: null,
          stream: 'product-7',
          events: 12,
          lastHash: 'a'.repeat(64),
          signedBy: 'b'.repeat(64),
          signedAt: '2026-03-14T09:00:00.000Z',
        },
        history: { sha256: 'c'.repeat(64), size: 1 },
        proof: { sha256: 'd'.repeat(64), size: 1 },
        files: [],
      },
    },
  ],
  [
    register({ productType: 'training_set', status: 'processing' }),
    { type: 'FailProcessing', by: SYSTEM, reason: 'No rows.' },
  ],
]

const bob = { userId: 3, username: 'bob' }
const ACTS: readonly (readonly SecurityEvent[])[] = [
  [
    { type: 'RoleGranted', data: { ...bob, role: 'member' } },
    { type: 'RoleGranted', data: { ...bob, role: 'admin' } },
    { type: 'GroupMembershipChanged', data: { ...bob, groups: [{ id: 7, name: 'lsst' }] } },
  ],
  [{ type: 'TokenIssued', data: { ...bob, tokenId: 1, name: 'laptop', scopes: ['read'], expiresAt: null } }],
  [{ type: 'TokenRevoked', data: { ...bob, tokenId: 1, name: 'laptop' } }],
  [{ type: 'RoleRevoked', data: { ...bob, role: 'admin' } }],
]
