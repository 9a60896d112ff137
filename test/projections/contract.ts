import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '../../src/database/database.ts'
import { type EventStore, type NewEvent, type RecordedEvent, START } from '../../src/eventstore/port.ts'
import { compareTables } from '../../src/projections/compare.ts'
import { type EngineOptions, ProjectionEngine } from '../../src/projections/engine.ts'
import type { Projection } from '../../src/projections/projection.ts'
import { RebuildFailed } from '../../src/projections/rebuild.ts'
import { MemoryEventStore } from '../support/memory-event-store.ts'
import {
  added,
  appendMany,
  linesProjection,
  noted,
  notesProjection,
  registry,
  totalsProjection,
  witnessProjection,
} from './samples.ts'

/** What the engine must do on every database. */
export function engineContract(open: () => Promise<Database>): void {
  let database: Database
  let store: EventStore
  let abort: AbortController
  const engines: ProjectionEngine[] = []

  beforeAll(async () => {
    database = await open()
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    store = new MemoryEventStore()
    abort = new AbortController()
    await database.query('DELETE FROM read.checkpoints')
    await database.query('DROP TABLE IF EXISTS read.totals, read.lines, read.notes')
    await database.query(`SELECT setval('numbers.file_id', 1, false)`)
  })
  afterEach(async () => {
    abort.abort()
    for (const engine of engines.splice(0)) await engine.stopped()
  })

  function engineOf(projections: readonly Projection[], options: Partial<EngineOptions> = {}): ProjectionEngine {
    const engine = new ProjectionEngine({ database, store, registry, projections, pollMs: 50, ...options })
    engines.push(engine)
    return engine
  }

  /** What the read models must hold, computed from the log the simple way. */
  async function expectTrue(): Promise<void> {
    const sums = new Map<string, { total: number; events: number }>()
    const labels: string[] = []
    for await (const event of store.readAll(START)) {
      labels.push(String(event.data.label))
      if (event.type !== 'Added') continue
      const sum = sums.get(event.stream) ?? { total: 0, events: 0 }
      sums.set(event.stream, { total: sum.total + Number(event.data.amount), events: sum.events + 1 })
    }
    const rows = await database.query<{ stream: string; total: string; events: number }>('SELECT * FROM totals')
    expect(new Map(rows.map((row) => [row.stream, { total: Number(row.total), events: row.events }]))).toEqual(sums)
    const lines = await database.query<{ label: string }>('SELECT label FROM lines ORDER BY position')
    expect(lines.map((line) => line.label)).toEqual(labels)
  }

  describe('the projection engine', () => {
    it('builds from the log, then follows it', async () => {
      await appendMany(store, 1_000)
      const engine = engineOf([totalsProjection(), linesProjection()])
      expect(engine.ready).toBe(false)
      await engine.start(abort.signal)
      expect(engine.ready).toBe(true)
      await expectTrue()
      for (let i = 0; i < 20; i++) {
        const { position } = await store.append('thing-0', [added(`live ${i}`)], 'any')
        expect(await engine.waitFor(position, 2_000)).toBe(true)
        expect(await database.query('SELECT 1 FROM lines WHERE label = $1', [`live ${i}`])).toHaveLength(1)
      }
      await expectTrue()
      const head = await store.head()
      expect(await engine.status()).toEqual([
        { name: 'totals', version: 1, position: head, lag: 0, status: 'running', error: null },
        { name: 'lines', version: 1, position: head, lag: 0, status: 'running', error: null },
      ])
    })

    it('starts on an empty log, and ends when told', async () => {
      const engine = engineOf([totalsProjection(), linesProjection()])
      await engine.start(abort.signal)
      expect(await engine.waitFor(START, 0)).toBe(true)
      abort.abort()
      await engine.stopped()
      await appendMany(store, 10)
      expect(await engine.waitFor(await store.head(), 60)).toBe(false)
    })

    it('applies each event once, wherever it is interrupted', async () => {
      let failures = 0
      const fragile: Projection = {
        ...totalsProjection(),
        async apply(events, tx) {
          await totalsProjection().apply(events, tx)
          // the server ends the transaction when rows are written but the checkpoint is not
          if (Math.random() < 0.4 && failures++ < 8) await tx.query(`DO $$ BEGIN RAISE SQLSTATE '40001'; END $$`)
        },
      }
      const engine = engineOf([fragile, linesProjection()], { batchSize: 50 })
      await engine.start(abort.signal)
      const position = await appendMany(store, 800)
      expect(await engine.waitFor(position, 15_000)).toBe(true)
      await expectTrue()
    })

    it('goes on where it was after a stop between batches', async () => {
      const first = new AbortController()
      const engine = engineOf([totalsProjection(), linesProjection()], { batchSize: 20 })
      await engine.start(first.signal)
      const position = await appendMany(store, 500)
      first.abort()
      await engine.stopped()
      const again = engineOf([totalsProjection(), linesProjection()], { batchSize: 20 })
      await again.start(abort.signal)
      expect(await again.waitFor(position, 0)).toBe(true)
      await expectTrue()
    })

    it('makes again what a crash of the database took back', async () => {
      const engine = engineOf([totalsProjection(), linesProjection()])
      await engine.start(abort.signal)
      expect(await engine.waitFor(await appendMany(store, 100), 5_000)).toBe(true)
      // commits of projections need not reach the disk: rows and checkpoints go back together
      await database.transaction(async (tx) => {
        await tx.query('UPDATE read.checkpoints SET position = $1', [START])
        await tx.query('DELETE FROM totals')
        await tx.query('DELETE FROM lines')
      })
      const position = await appendMany(store, 20, 'later ')
      await expect
        .poll(async () => (await engine.status()).map((each) => each.position), { timeout: 5_000 })
        .toEqual([position, position])
      await expectTrue()
    })

    it('takes many rows at once, whatever their texts hold, and names the event that gives a bad one', async () => {
      const texts = ['tab\there', 'line\nbreak\r', 'back\\slash \\N', '\\N', '', '"quoted"', "it's", 'ü 🌌 z', null]
      const event = (index: number, amount: number | null): NewEvent => ({
        id: randomUUID(),
        type: 'Added',
        data: { label: texts[index % texts.length] ?? null, amount, nested: { texts, number: index / 7 } },
        metadata: {},
      })
      const many = (length: number) => Array.from({ length }, (_, index) => event(index, index))
      const good = many(200)
      await store.append('thing-1', good, 'no_stream')
      const engine = engineOf([notesProjection])
      await engine.start(abort.signal)
      const rows = await database.query('SELECT label, number, data FROM notes ORDER BY position')
      expect(rows).toEqual(
        good.map(({ data }, index) => ({
          label: texts[index % texts.length] ?? null,
          number: index,
          data,
        })),
      )
      const { position } = await store.append('thing-2', [...many(90), event(5, null)], 'no_stream')
      await expect.poll(async () => (await engine.status())[0]?.status, { timeout: 5_000 }).toBe('stopped')
      const place = `Added at ${position} (thing-2, revision 90)`
      expect((await engine.status())[0]?.error).toContain(place)
      await expect(engine.rebuild()).rejects.toThrow(place)
      expect(await database.query('SELECT count(*) FROM notes')).toEqual([{ count: '290' }])
    })

    it('stops a projection before the event it cannot take, and the others go on', async () => {
      const refused = new Set(['e137'])
      const engine = engineOf([totalsProjection(), linesProjection(refused)])
      await engine.start(abort.signal)
      const position = await appendMany(store, 300)
      expect(await engine.waitFor(position, 5_000)).toBe(true)
      expect(engine.ready).toBe(false)
      const [healthy, stopped] = await engine.status()
      expect(healthy).toMatchObject({ name: 'totals', position, lag: 0, status: 'running' })
      expect(stopped).toMatchObject({ name: 'lines', position: '137'.padStart(20, '0'), lag: 163, status: 'stopped' })
      expect(stopped?.error).toMatch(/^Added at 0*138 \(thing-2, revision 37\): I do not take e137$/)
      expect(await database.query('SELECT count(*) FROM lines')).toEqual([{ count: '137' }])
      await expect(engine.rebuild(['lines'])).rejects.toBeInstanceOf(RebuildFailed)
      expect(await database.query('SELECT count(*) FROM lines')).toEqual([{ count: '137' }])

      abort.abort()
      await engine.stopped()
      abort = new AbortController()
      const repaired = engineOf([totalsProjection(), linesProjection()])
      await repaired.start(abort.signal)
      expect(repaired.ready).toBe(true)
      await expectTrue()
    })

    it('gives events in their current version, and as they were recorded to those that read all', async () => {
      const seen: RecordedEvent[] = []
      const engine = engineOf([linesProjection(), witnessProjection(seen)])
      await engine.start(abort.signal)
      const events = [noted(1, { text: 'old', amount: 1 }), noted(2, { label: 'new', amount: 2 })]
      const { position } = await store.append('note-1', events, 'no_stream')
      expect(await engine.waitFor(position, 5_000)).toBe(true)
      expect(await database.query('SELECT label FROM lines ORDER BY position')).toEqual([
        { label: 'old' },
        { label: 'new' },
      ])
      expect(seen.map((event) => event.data)).toEqual(events.map((event) => event.data))
    })

    it.each([
      ['a newer program wrote', noted(3, { title: 'from tomorrow' }), 'Noted version 3 is newer than the version 2'],
      [
        'its upcaster cannot bring up to date',
        noted(1, { text: 'old', amount: null }),
        'data/amount: does not fit Noted',
      ],
    ])('stops those that read an event which %s before it, and only those', async (_, event, reason) => {
      const seen: RecordedEvent[] = []
      const projections = [totalsProjection(), linesProjection(), witnessProjection(seen)]
      const engine = engineOf(projections)
      await engine.start(abort.signal)
      const before = await appendMany(store, 100)
      const { position } = await store.append('note-1', [event], 'no_stream')
      const last = await appendMany(store, 100, 'after ')
      const stopped = async () => {
        const [totals, lines, witness] = await engine.status()
        expect(totals).toMatchObject({ status: 'running', position: last, lag: 0 })
        expect(witness).toMatchObject({ status: 'running', position: last, lag: 0 })
        expect(lines).toMatchObject({ status: 'stopped', position: before, lag: 101 })
        expect(lines?.error).toContain(`Noted at ${position} (note-1, revision 0): ${reason}`)
      }
      // whoever writes is not held up by what stands still
      expect(await engine.waitFor(last, 5_000)).toBe(true)
      await stopped()
      expect(engine.ready).toBe(false)
      // a batch that somebody could not take came twice, to be kept once
      expect(new Set(seen.map((each) => each.position)).size).toBe(201)
      await expect(engine.rebuild(['lines'])).rejects.toThrow(`Noted at ${position} (note-1, revision 0): ${reason}`)
      await engine.rebuild(['totals'])

      abort.abort()
      await engine.stopped()
      abort = new AbortController()
      const again = engineOf(projections)
      await again.start(abort.signal)
      await expect.poll(() => again.ready, { timeout: 5_000 }).toBe(false)
      await stopped()
      await database.query('DELETE FROM read.checkpoints')
      await database.query('DROP TABLE read.totals, read.lines')
      abort.abort()
      await again.stopped()
      abort = new AbortController()
      await engineOf(projections).start(abort.signal)
      await stopped()
    })

    it('tells how far it is behind while the subscription is broken', async () => {
      const subscribeAll = store.subscribeAll.bind(store)
      let broken = false
      store.subscribeAll = async function* (after, signal) {
        if (broken) throw new Error('nobody answers')
        for await (const message of subscribeAll(after, signal)) {
          if (broken) throw new Error('the connection broke')
          yield message
        }
      }
      const engine = engineOf([totalsProjection(), linesProjection()])
      await engine.start(abort.signal)
      await engine.waitFor(await appendMany(store, 100), 5_000)
      broken = true
      await appendMany(store, 100, 'unseen ')
      expect((await engine.status()).map((each) => each.lag)).toEqual([100, 100])
      broken = false
      expect(await engine.waitFor(await store.head(), 5_000)).toBe(true)
      expect((await engine.status()).map((each) => each.lag)).toEqual([0, 0])
    })

    it('builds a new version, and serves even if that stops at an event', async () => {
      const engine = engineOf([totalsProjection(), linesProjection()])
      await engine.start(abort.signal)
      await appendMany(store, 100)
      abort.abort()
      await engine.stopped()
      abort = new AbortController()
      await appendMany(store, 100, 'f')
      const doubled: Projection = {
        ...totalsProjection(2),
        async apply(events, tx) {
          const twice = events.map((event) => ({
            ...event,
            data: { ...event.data, amount: 2 * Number(event.data.amount) },
          }))
          await totalsProjection().apply(twice, tx)
        },
      }
      const pickier: Projection = { ...linesProjection(new Set(['e50'])), version: 2 }
      const next = engineOf([doubled, pickier])
      await next.start(abort.signal)
      const [row] = await database.query<{ sum: string }>('SELECT sum(total) FROM totals')
      let sum = 0
      for await (const event of store.readAll(START)) sum += 2 * Number(event.data.amount)
      expect(Number(row?.sum)).toBe(sum)
      const status = await next.status()
      expect(status.map((each) => [each.version, each.status])).toEqual([
        [2, 'running'],
        [2, 'stopped'],
      ])
      expect(await database.query('SELECT count(*) FROM lines')).toEqual([{ count: '50' }])
    })

    it('lets a new projection catch up, and drops the tables of an old version', async () => {
      const first = new AbortController()
      const engine = engineOf([totalsProjection()])
      await engine.start(first.signal)
      const position = await appendMany(store, 300)
      await engine.waitFor(position, 5_000)
      first.abort()
      await engine.stopped()
      const without: Projection = { ...totalsProjection(2), tables: [], async apply() {} }
      const next = engineOf([without, linesProjection()])
      await next.start(abort.signal)
      expect(await database.query('SELECT count(*) FROM lines')).toEqual([{ count: '300' }])
      expect(await database.query(`SELECT to_regclass('read.totals') AS old`)).toEqual([{ old: null }])
    })

    it('brings a projection that is behind to where the others are', async () => {
      const engine = engineOf([totalsProjection(), linesProjection()], { batchSize: 50 })
      await engine.start(abort.signal)
      await engine.waitFor(await appendMany(store, 400), 5_000)
      abort.abort()
      await engine.stopped()
      abort = new AbortController()
      // as if it had stopped in the middle
      await database.query(`UPDATE read.checkpoints SET position = $1 WHERE name = 'lines'`, ['123'.padStart(20, '0')])
      await database.query('DELETE FROM lines WHERE position > $1', ['123'.padStart(20, '0')])
      const again = engineOf([totalsProjection(), linesProjection()], { batchSize: 50 })
      await again.start(abort.signal)
      await again.waitFor(await appendMany(store, 100, 'g'), 5_000)
      await expectTrue()
    })

    it('rebuilds while events keep arriving, equal to the live tables row by row', async () => {
      await appendMany(store, 2_000)
      const engine = engineOf([totalsProjection(), linesProjection()], { batchSize: 100 })
      await engine.start(abort.signal)
      let writing = true
      const writer = (async () => {
        for (let i = 0; writing; i++) {
          await store.append(`thing-${i % 5}`, [added(`w${i}`, i % 3)], 'any')
          await new Promise((resolve) => setTimeout(resolve, 3))
        }
      })()
      const reader = (async () => {
        while (writing) {
          // no reader ever misses a table, sees a column gone, or fewer rows than before
          const [row] = await database.query<{ count: string }>('SELECT count(*) FROM totals t JOIN lines l ON true')
          expect(Number(row?.count)).toBeGreaterThan(0)
          await new Promise((resolve) => setTimeout(resolve, 5))
        }
      })()
      const oids = () => database.query(`SELECT 'read.lines'::regclass::oid AS oid`)
      const before = await oids()
      expect(await engine.compareWithLog()).toEqual([])
      expect(await oids()).toEqual(before)
      const phases = new Set<string>()
      await engine.rebuild(undefined, { onProgress: (progress) => phases.add(progress.phase) })
      expect([...phases]).toEqual(['reading', 'indexing', 'switching', 'done'])
      expect(await oids()).not.toEqual(before)
      expect(await engine.compareWithLog()).toEqual([])
      writing = false
      await Promise.all([writer, reader])
      expect(await engine.waitFor(await store.head(), 5_000)).toBe(true)
      await expectTrue()
      const indexes = await database.query(
        `SELECT indexname FROM pg_indexes WHERE schemaname = 'read' AND tablename = 'totals' ORDER BY 1`,
      )
      expect(indexes).toEqual([{ indexname: 'totals_pkey' }, { indexname: 'totals_total' }])
    })

    it('finds a row that the log does not explain', async () => {
      const engine = engineOf([totalsProjection(), linesProjection()])
      await engine.start(abort.signal)
      await engine.waitFor(await appendMany(store, 200), 5_000)
      await database.query(`UPDATE totals SET total = total + 1 WHERE stream = 'thing-2'`)
      const [difference, ...others] = await engine.compareWithLog()
      expect(others).toEqual([])
      expect(difference).toMatchObject({ table: 'totals', missing: 1, extra: 1 })
      expect(difference?.examples[0]).toMatch(/^read only: \(thing-2,/)
      await engine.rebuild(['totals'])
      expect(await engine.compareWithLog()).toEqual([])
      await expect(engine.rebuild(['nothing'])).rejects.toThrow('There is no projection nothing')
    })

    it('never gives a number again that the log has used', async () => {
      await store.append('thing-1', [added('high', 41)], 'no_stream')
      const next = async () =>
        (await database.query<{ id: string }>(`SELECT nextval('numbers.file_id')::text AS id`))[0]?.id
      const engine = engineOf([totalsProjection(), linesProjection()])
      await engine.start(abort.signal)
      expect(await next()).toBe('42')
      await database.query(`SELECT setval('numbers.file_id', 100)`)
      await engine.rebuild()
      expect(await next()).toBe('101')
    })

    it('clears what a rebuild left whose process died', async () => {
      await database.query('CREATE SCHEMA read_next')
      await database.query('CREATE TABLE read_next.lines (half int)')
      const engine = engineOf([totalsProjection(), linesProjection()])
      await engine.start(abort.signal)
      expect(await database.query(`SELECT 1 FROM pg_namespace WHERE nspname = 'read_next'`)).toEqual([])
      await database.query('CREATE SCHEMA read_next')
      await database.query('CREATE TABLE read_next.lines (half int)')
      await engine.rebuild()
      expect(await compareTables(database, 'read', 'read', ['lines', 'totals'])).toEqual([])
    })

    it('gives up a rebuild that is aborted, and leaves the live tables', async () => {
      const engine = engineOf([totalsProjection(), linesProjection()], { batchSize: 50 })
      await engine.start(abort.signal)
      await engine.waitFor(await appendMany(store, 500), 5_000)
      const stop = new AbortController()
      const rebuilding = engine.rebuild(undefined, { signal: stop.signal, onProgress: () => stop.abort() })
      await expect(rebuilding).rejects.toThrow('aborted')
      expect(await database.query(`SELECT 1 FROM pg_namespace WHERE nspname = 'read_next'`)).toEqual([])
      await expectTrue()
    })

    it('works with several engines on one database', async () => {
      const many = Array.from({ length: 3 }, () => engineOf([totalsProjection(), linesProjection()], { batchSize: 40 }))
      await Promise.all(many.map((engine) => engine.start(abort.signal)))
      const position = await appendMany(store, 600)
      expect(await Promise.all(many.map((engine) => engine.waitFor(position, 10_000)))).toEqual([true, true, true])
      await expectTrue()
      await Promise.all([many[0]?.rebuild(), appendMany(store, 200, 'more')])
      expect(await many[1]?.waitFor(await store.head(), 5_000)).toBe(true)
      await expectTrue()
      // one that does not project sees what the others did
      const onlooker = engineOf([totalsProjection(), linesProjection()])
      expect(await onlooker.waitFor(await store.head(), 1_000)).toBe(true)
      expect(await onlooker.waitFor('9'.repeat(20), 80)).toBe(false)
    })
  })
}
