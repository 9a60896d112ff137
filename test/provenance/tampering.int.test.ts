import { chmod, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeCheckpoint } from '../../src/application/checkpoints.ts'
import { checkLog } from '../../src/application/integrity.ts'
import { hashEvent } from '../../src/eventstore/chain.ts'
import { type RecordedEvent, START } from '../../src/eventstore/port.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { accepted, published, registered } from '../support/products.ts'
import { behindTheBack } from './log.ts'

let app: TestApp
let events: RecordedEvent[]
/** Number of the product whose events are touched. */
let product: number

const tamper = (...statements: readonly string[]) => behindTheBack(app, ...statements)
const check = () => checkLog(app.context)
const all = async () => {
  const found: RecordedEvent[] = []
  for await (const event of app.context.store.readAll(START)) found.push(event)
  return found
}
const at = (index: number): RecordedEvent => events.at(index)!
const number = (event: RecordedEvent) => BigInt(event.position).toString()

beforeAll(async () => {
  app = await testApp()
  const alice = app.as('alice')
  product = await published(alice, { display_name: 'Touched' })
  await published(alice, { display_name: 'Beside it' })
  for (const name of ['One', 'Two', 'Three', 'Four'])
    accepted(await alice.patch(`/api/products/${product}/`, { display_name: name }))
  await registered(app.as('bob'), { display_name: 'Of somebody else' })
  accepted(await alice.patch(`/api/products/${product}/`, { description: 'The last word' }))
  events = await all()
  await app.context.database.query('create table public.kept as select * from log.events')
})
afterAll(() => app.close())

/** The log as it was, and the checkpoints gone. */
beforeEach(async () => {
  await tamper(
    'delete from log.events',
    'insert into log.events select * from public.kept',
    'update log.head set position = (select max(position) from log.events)',
    'delete from log.streams',
    'insert into log.streams select stream, max(revision) from log.events group by stream',
  )
  // The server may have taken in what stood beyond the end.
  await app.context.database.query(`update read.checkpoints set position = '${at(-1).position}'`)
  await app.context.projections.rebuild()
  await rm(join(app.dataDir, 'checkpoints'), { recursive: true, force: true })
})

/** Edits in the middle of the stream of the product: not its first event, not its last. */
const middle = () => {
  const own = events.filter((event) => event.stream === `product-${product}`)
  return own[own.length - 3]!
}

describe('verify', () => {
  it('finds nothing in a log that nobody touched', async () => {
    await makeCheckpoint(app.context)
    const report = await check()
    expect(report.findings).toEqual([])
    expect(report).toMatchObject({ sound: true, events: events.length, checkpoints: 1, readModels: 'compared' })
    expect(report.head.position).toBe(at(-1).position)
    expect(report.blobs.referenced).toBeGreaterThan(1)
  })

  it('names an event that was changed', async () => {
    const event = middle()
    await tamper(
      `update log.events set data = jsonb_set(data, '{changes,displayName,to}', '"Forged"') where position = ${number(event)}`,
    )
    const report = await check()
    expect(report.findings).toEqual([
      expect.objectContaining({
        kind: 'changed',
        position: event.position,
        stream: event.stream,
        revision: event.revision.toString(),
      }),
    ])
    expect(report.sound).toBe(false)
    expect(report.readModels).toMatch(/not compared/)
  })

  it.each([
    ['the time of the command', `metadata = jsonb_set(metadata, '{at}', '"2020-01-01T00:00:00Z"')`],
    ['the person', `metadata = jsonb_set(metadata, '{actor,username}', '"mallory"')`],
    ['the type', `type = 'ProductDeleted'`],
    ['the id', `id = 'aaaaaaaa-0000-4000-8000-000000000000'`],
  ])('names an event of which %s was changed, also the newest of all', async (what, change) => {
    await tamper(`update log.events set ${change} where position = ${number(at(-1))}`)
    const { findings } = await check()
    if (what === 'the id') {
      // Another id is another event: one came, one went.
      expect(findings.map(({ kind, position }) => [kind, position]).sort()).toEqual([
        ['deleted', at(-1).position],
        ['inserted', at(-1).position],
      ])
    } else {
      expect(findings).toEqual([expect.objectContaining({ kind: 'changed', position: at(-1).position })])
    }
  })

  it('names an event that was changed and whose followers were linked anew', async () => {
    await makeCheckpoint(app.context)
    const event = middle()
    const later = events.filter((each) => each.stream === event.stream && each.revision >= event.revision)
    let previous = String(event.metadata.previous)
    for (const each of later) {
      const forged: RecordedEvent = {
        ...each,
        metadata: { ...each.metadata, previous, ...(each === event ? { at: '2020-01-01T00:00:00.000Z' } : {}) },
      }
      previous = hashEvent(forged)
      await tamper(
        `update log.events set metadata = '${JSON.stringify(forged.metadata)}' where position = ${number(each)}`,
      )
    }
    const { findings } = await check()
    const changed = findings.filter((finding) => finding.kind === 'changed')
    expect(changed.map((finding) => finding.position)).toEqual(later.map((each) => each.position))
    expect(findings.filter((finding) => finding.kind !== 'changed')).toEqual([
      expect.objectContaining({ kind: 'checkpoint' }),
    ])

    // and the whole ledger was made to agree: the signature does not
    await app.context.projections.rebuild()
    const after = await check()
    expect(after.findings).toEqual([expect.objectContaining({ kind: 'checkpoint' })])
    expect(after.findings[0]?.message).toMatch(/^The first \d+ events are not those that were signed/)
    await expect(makeCheckpoint(app.context)).rejects.toThrow(/are not what they were/)
  })

  it('names what was changed when the read models were rebuilt from it', async () => {
    const event = middle()
    await makeCheckpoint(app.context)
    await tamper(
      `update log.events set data = jsonb_set(data, '{changes,displayName,to}', '"Forged"') where position = ${number(event)}`,
    )
    await app.context.projections.rebuild()
    const { findings } = await check()
    expect(findings).toContainEqual(
      expect.objectContaining({ kind: 'changed', position: event.position, revision: event.revision.toString() }),
    )
    expect(findings).toHaveLength(2) // the checkpoint too
    await rm(join(app.dataDir, 'checkpoints'), { recursive: true })
    expect((await check()).findings).toEqual([
      expect.objectContaining({ kind: 'broken_link', position: event.position, stream: event.stream }),
    ])
  })

  it('names an event that was deleted', async () => {
    const event = middle()
    await tamper(`delete from log.events where position = ${number(event)}`)
    const { findings } = await check()
    expect(findings).toEqual([
      expect.objectContaining({
        kind: 'deleted',
        position: event.position,
        stream: event.stream,
        revision: event.revision.toString(),
        eventType: event.type,
      }),
    ])
    await app.context.projections.rebuild(['ledger'])
    expect((await check()).findings).toContainEqual(
      expect.objectContaining({ kind: 'deleted', stream: event.stream, revision: event.revision.toString() }),
    )
  })

  it('names an event that was inserted between others', async () => {
    const event = middle()
    const here = number(event)
    await tamper(
      `update log.events set position = -position where position >= ${here}`,
      'update log.events set position = 1 - position where position < 0',
      `insert into log.events select ${here}, 'product-777', 0, 'bbbbbbbb-0000-4000-8000-000000000000', type, data, metadata, recorded_at
       from public.kept where position = ${here}`,
      'update log.head set position = position + 1',
    )
    const { findings } = await check()
    expect(findings).toContainEqual(
      expect.objectContaining({ kind: 'inserted', position: event.position, stream: 'product-777', revision: '0' }),
    )
    // The server may have seen its last event again at the new position, and stopped a read model over it: that is said too.
    const others = findings.filter(({ kind }) => kind !== 'inserted' && kind !== 'read_model')
    expect(others).toEqual([
      expect.objectContaining({ kind: 'moved', position: `${BigInt(here) + 1n}`.padStart(20, '0') }),
    ])
  })

  it('names an event that was inserted at the end, also when the server took it in', async () => {
    const last = at(-1)
    const next = BigInt(last.position) + 1n
    await tamper(
      `insert into log.events select ${next}, stream, revision + 1, 'cccccccc-0000-4000-8000-000000000000', 'ProductDeleted', '{}', metadata, recorded_at
       from public.kept where position = ${number(last)}`,
      `update log.head set position = ${next}`,
    )
    const inserted = { position: next.toString().padStart(20, '0'), stream: last.stream, eventType: 'ProductDeleted' }
    await makeCheckpoint(app.context) // covers what was there before
    await app.context.projections.rebuild()
    const { findings } = await check()
    expect(findings).toEqual([expect.objectContaining({ kind: 'inserted', ...inserted })])
  })

  it('names events that changed places', async () => {
    const [a, b] = [at(-1), at(-3)]
    await tamper(
      `update log.events set position = -1 where position = ${number(a)}`,
      `update log.events set position = ${number(a)} where position = ${number(b)}`,
      `update log.events set position = ${number(b)} where position = -1`,
    )
    const { findings } = await check()
    expect(findings.map(({ kind, position, stream }) => ({ kind, position, stream }))).toEqual([
      { kind: 'moved', position: b.position, stream: a.stream },
      { kind: 'moved', position: a.position, stream: b.stream },
    ])
    expect(findings[0]?.message).toContain(`was recorded at position ${a.position} and stands at ${b.position}`)
  })

  it('says that the end of the log is gone, and what was there', async () => {
    await makeCheckpoint(app.context)
    await tamper(
      `delete from log.events where position > ${number(at(-4))}`,
      `update log.head set position = ${number(at(-4))}`,
    )
    const { findings } = await check()
    expect(findings).toEqual([expect.objectContaining({ kind: 'truncated', position: at(-3).position })])
    for (const event of events.slice(-3)) expect(findings[0]?.message).toContain(event.position)
    await expect(makeCheckpoint(app.context)).resolves.toMatchObject({ checkpoint: { size: events.length } })

    // the read models were thrown away too: the checkpoint remembers
    await app.context.database.query('delete from ledger_segments')
    await app.context.database.query(`update read.checkpoints set position = '${at(-4).position}'`)
    const again = (await check()).findings.filter(({ kind }) => kind === 'truncated')
    expect(again.map(({ message }) => message).join()).toMatch(/3 of the newest events are gone/)
  })

  it('names a file of which one bit was flipped, and one that is gone', async () => {
    const attached = events.filter((event) => event.type === 'FileAttached')
    const sha256 = String(attached[0]?.data.sha256)
    const path = await app.context.blobs.path(sha256)
    const bytes = await readFile(path)
    await chmod(path, 0o644)
    await writeFile(
      path,
      bytes.map((byte, n) => (n === 7 ? byte ^ 1 : byte)),
    )
    const flipped = (await check()).findings
    expect(flipped).toEqual([expect.objectContaining({ kind: 'blob_changed', sha256 })])
    expect(flipped[0]?.message).toContain(attached[0]?.stream)
    expect((await checkLog(app.context, { content: false })).findings).toEqual([])
    await rm(path)
    expect((await checkLog(app.context, { content: false })).findings).toEqual([
      expect.objectContaining({ kind: 'blob_missing', sha256 }),
    ])
    await writeFile(path, bytes)
  })

  it.each([
    ['products', `update products set display_name = 'Edited' where id = 1`],
    ['files', `update files set name = 'other.csv' where id = 1`],
    ['history', `delete from history where position = (select max(position) from history)`],
    ['columns', `update columns set alias = 'forged' where id = 1`],
  ])('names the row of the read model %s that was edited', async (table, statement) => {
    await app.context.database.query(statement)
    const { findings } = await check()
    expect(findings).toEqual([expect.objectContaining({ kind: 'read_model', table })])
    if (table === 'products') expect(findings[0]?.message).toContain('Edited')
  })

  it('tells an edited ledger from an edited log', async () => {
    await app.context.database.query(
      `update ledger_segments set hashes = set_byte(hashes, 40, get_byte(hashes, 40) # 1) where segment = 0`,
    )
    const report = await check()
    expect(report.findings.map(({ kind, table }) => [kind, table])).toEqual([
      ['ledger', 'ledger_segments'],
      ['read_model', 'ledger_segments'],
    ])
    expect(report.findings[0]?.message).toContain('the log is as its chain says')
  })

  it.each([
    [
      'the end of the log',
      'update log.head set position = position - 2',
      /log.head says that the log ends at position/,
    ],
    [
      'the end of a stream',
      `update log.streams set revision = revision + 3 where stream = 'product-1'`,
      /log.streams says that product-1 ends with revision/,
    ],
  ])('notices when %s is not where the log believes', async (_, statement, words) => {
    await tamper(statement)
    const { findings } = await check()
    expect(findings).toEqual([expect.objectContaining({ kind: 'bookkeeping', message: expect.stringMatching(words) })])
  })

  it('says so when the log cannot be written because of that, and blames nobody', async () => {
    await tamper('update log.head set position = position - 2')
    const answer = await app.as('alice').patch(`/api/products/${product}/`, { description: 'One more word' })
    expect([answer.status, answer.json.code]).toEqual([503, 'event_store_unavailable'])
  })

  it('goes on when a checkpoint is damaged, and names its file', async () => {
    const { checkpoint } = await makeCheckpoint(app.context)
    const name = `${String(checkpoint.size).padStart(16, '0')}.json`
    await chmod(join(app.dataDir, 'checkpoints', name), 0o644)
    await writeFile(join(app.dataDir, 'checkpoints', name), '{"checkpoint": {')
    const report = await check()
    expect(report.findings).toEqual([
      expect.objectContaining({ kind: 'checkpoint', message: expect.stringContaining(name) }),
    ])
    expect(report).toMatchObject({ events: events.length, checkpoints: 0, readModels: 'compared' })
  })

  it('does not accept a checkpoint that was changed', async () => {
    const { checkpoint } = await makeCheckpoint(app.context)
    const path = join(app.dataDir, 'checkpoints', `${String(checkpoint.size).padStart(16, '0')}.json`)
    await writeFile(path, (await readFile(path, 'utf8')).replace(checkpoint.time, '2020-01-01T00:00:00.000Z'))
    const { findings } = await check()
    expect(findings).toEqual([expect.objectContaining({ kind: 'checkpoint' })])
    expect(findings[0]?.message).toContain('was not signed with the key of this server')
  })
})
