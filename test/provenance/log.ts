import type { AppContext } from '../../src/context.ts'
import { hashEvent, linkEvents } from '../../src/eventstore/chain.ts'
import type { JsonObject, NewEvent } from '../../src/eventstore/port.ts'
import type { TestContext } from '../support/context.ts'

/** Does something to the tables of the log that its triggers refuse, as somebody with the password of the database could. */
export async function behindTheBack({ context }: TestContext, ...statements: readonly string[]): Promise<void> {
  const tables = ['log.events', 'log.streams', 'log.head']
  for (const table of tables) await context.database.query(`alter table ${table} disable trigger user`)
  for (const statement of statements) await context.database.query(statement)
  for (const table of tables) await context.database.query(`alter table ${table} enable trigger user`)
}

/** An event that could stand at the end of a stream, and its hash. */
export async function forged(
  context: AppContext,
  stream: string,
  event: { readonly type: string; readonly data: JsonObject },
): Promise<{ readonly event: NewEvent; readonly revision: bigint }> {
  for await (const last of context.store.readStream(stream, { backwards: true, max: 1 })) {
    const draft = { id: context.newId(), ...event, metadata: { ...last.metadata } }
    const linked = linkEvents(stream, hashEvent(last), last.revision + 1n, [draft])
    return { event: linked.events[0]!, revision: last.revision + 1n }
  }
  throw new Error(`${stream} has no events`)
}
