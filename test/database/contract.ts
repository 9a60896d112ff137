import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  doublePrecision,
  integer,
  jsonb,
  numeric,
  pgTable,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/database/database.ts'
import { tableDefinition } from '../../src/database/ddl.ts'
import { SqlError, sqlState, UnstorableText } from '../../src/database/errors.ts'

const samples = pgTable('samples', {
  id: integer('id').primaryKey(),
  big: bigint('big', { mode: 'number' }),
  huge: bigint('huge', { mode: 'bigint' }),
  exact: numeric('exact'),
  real: doublePrecision('real'),
  flag: boolean('flag'),
  seen: timestamp('seen', { withTimezone: true, mode: 'string', precision: 3 }),
  day: timestamp('day', { withTimezone: true, mode: 'date' }),
  document: jsonb('document'),
  names: text('names').array(),
  numbers: bigint('numbers', { mode: 'number' }).array(),
})

/** What every `Database` must do, whatever the driver. */
export function databaseContract(open: () => Promise<Database>): void {
  describe('a database', () => {
    let database: Database
    beforeAll(async () => {
      database = await open()
      for (const statement of tableDefinition(samples).create) await database.query(statement)
    })
    afterAll(() => database.close())

    it('gives values in one form', async () => {
      const [row] = await database.query(
        `select 9007199254740993::int8 as int8, 1.50::numeric as numeric, 0.1::float8 as float8, 'NaN'::float8 as nan,
                '{"a":[1,"é"]}'::jsonb as jsonb, '"text"'::json as json, true as bool, 'x'::bytea as bytea,
                '2026-11-22 12:44:51.13+00'::timestamptz as stamp, '2026-11-22 14:44:51+02'::timestamptz as whole,
                '2026-11-22 12:44:51.130999+00'::timestamptz as micro, '2026-11-22 12:44:51'::timestamp as local,
                'infinity'::timestamptz as never, '2026-11-22'::date as date, count(*) as count, null as nothing,
                array['a', null, 'NULL', 'b"\\,{}'] as texts, array[1, null]::int8[] as int8s, '{}'::text[] as none,
                array['2026-11-22 12:44:51+00']::timestamptz[] as stamps, array[[1,2],[3,4]] as nested`,
      )
      expect(row).toEqual({
        int8: '9007199254740993',
        numeric: '1.50',
        float8: 0.1,
        nan: Number.NaN,
        jsonb: { a: [1, 'é'] },
        json: 'text',
        bool: true,
        bytea: Uint8Array.of(120),
        stamp: '2026-11-22T12:44:51.130Z',
        whole: '2026-11-22T12:44:51.000Z',
        micro: '2026-11-22T12:44:51.130Z',
        local: '2026-11-22T12:44:51.000',
        never: 'infinity',
        date: '2026-11-22',
        count: '1',
        nothing: null,
        texts: ['a', null, 'NULL', 'b"\\,{}'],
        int8s: ['1', null],
        none: [],
        stamps: ['2026-11-22T12:44:51.000Z'],
        nested: [
          [1, 2],
          [3, 4],
        ],
      })
    })

    it('takes values in one form', async () => {
      const [row] = await database.query(
        `select $1::int8 as a, $2::int8 as b, $3::jsonb as c, $4::jsonb as d, $5::timestamptz as e, $6::timestamptz as f,
                $7::text[] as g, $8::bool as h, $9::bool[] as i, $10::bytea as j, $11::jsonb as k, $12::int[] as l,
                $13::text as m, $14::jsonb[] as n, $15::float8 as o`,
        [
          12n,
          '9007199254740993',
          { x: 1 },
          '{"text": true}',
          new Date(0),
          '2026-11-22T12:44:51.130Z',
          ['a"', '\\', 'ü', null, ''],
          false,
          [true, false],
          Uint8Array.of(1, 255),
          [1, 'two'],
          [],
          null,
          [{ a: 1 }, '2'],
          1e-300,
        ],
      )
      expect(row).toEqual({
        a: '12',
        b: '9007199254740993',
        c: { x: 1 },
        d: { text: true },
        e: '1970-01-01T00:00:00.000Z',
        f: '2026-11-22T12:44:51.130Z',
        g: ['a"', '\\', 'ü', null, ''],
        h: false,
        i: [true, false],
        j: Uint8Array.of(1, 255),
        k: [1, 'two'],
        l: [],
        m: null,
        n: [{ a: 1 }, 2],
        o: 1e-300,
      })
    })

    it('agrees with drizzle', async () => {
      const row = {
        id: 1,
        big: 2 ** 52,
        huge: 2n ** 62n,
        exact: '1.10',
        real: 0.5,
        flag: true,
        seen: '2026-11-22T12:44:51.130Z',
        day: new Date('2026-11-22T12:44:51.130Z'),
        document: { deep: [1, null, 'x'] } as unknown,
        names: ['a', 'b,c'],
        numbers: [1, 2],
      }
      await database.drizzle.insert(samples).values(row)
      expect(await database.drizzle.select().from(samples)).toEqual([row])
      for (const document of ['123', '"quoted"', 'plain', 5, [1], null]) {
        await database.drizzle.update(samples).set({ document })
        expect((await database.drizzle.select({ document: samples.document }).from(samples))[0]?.document).toEqual(
          document,
        )
      }
      const [aggregate] = await database.drizzle
        .select({ count: sql<string>`count(*)`, all: sql<unknown>`jsonb_agg(jsonb_build_object('id', ${samples.id}))` })
        .from(samples)
      expect(aggregate).toEqual({ count: '1', all: [{ id: 1 }] })
      expect(await database.query('select seen, big, names from samples')).toEqual([
        { seen: row.seen, big: String(row.big), names: row.names },
      ])
      expect(await database.drizzle.execute(sql`select big from samples`)).toEqual([{ big: String(row.big) }])
    })

    it('gives errors with their SQLSTATE and constraint', async () => {
      await database.query('create table once (id int primary key)')
      await database.query('insert into once values (1)')
      const error = await database.query('insert into once values (1)').catch((e: unknown) => e)
      expect(error).toBeInstanceOf(SqlError)
      expect(error).toMatchObject({ code: '23505', constraint: 'once_pkey' })
      const once = pgTable('once', { id: integer('id') })
      expect(
        sqlState(
          await database.drizzle
            .insert(once)
            .values({ id: 1 })
            .catch((e: unknown) => e),
        ),
      ).toBe('23505')
    })

    it('refuses U+0000 and undefined, and goes on working', async () => {
      await expect(database.query('select $1::text', ['a\0b'])).rejects.toBeInstanceOf(UnstorableText)
      await expect(database.query('select $1::text[]', [['a', 'b\0']])).rejects.toBeInstanceOf(UnstorableText)
      await expect(database.query('select $1::jsonb', [{ a: 'x\0' }])).rejects.toBeInstanceOf(UnstorableText)
      await expect(database.query('select $1::text', [undefined])).rejects.toBeInstanceOf(TypeError)
      await expect(
        database.transaction(async (tx) => {
          await tx.query('insert into once values (77)')
          await tx.query('select $1::text', ['\0'])
        }),
      ).rejects.toBeInstanceOf(UnstorableText)
      expect(await database.query('select * from once where id = 77')).toEqual([])
    })

    it('commits what resolves and rolls back what throws', async () => {
      await database.transaction((tx) => tx.query('insert into once values (10)'))
      const failure = new Error('no')
      const failed = database.transaction(async (tx) => {
        await tx.query('insert into once values (11)')
        throw failure
      })
      await expect(failed).rejects.toBe(failure)
      expect(await database.query('select id from once where id >= 10')).toEqual([{ id: 10 }])
    })

    it('does not commit when a statement failed, even if the error was caught', async () => {
      const swallowed = database.transaction(async (tx) => {
        await tx.query('insert into once values (30)')
        await tx.query('insert into once values (30)').catch(() => undefined)
      })
      await expect(swallowed).rejects.toMatchObject({ code: '25P02' })
      expect(await database.query('select id from once where id = 30')).toEqual([])
    })

    it('refuses statements of a transaction that is over', async () => {
      const escaped = await database.transaction(async (tx) => () => tx.query('select 1'))
      await expect(escaped()).rejects.toThrow('is over')
    })

    it('uses the running transaction in all that it calls', async () => {
      const failed = database.transaction(async (tx) => {
        await tx.query('insert into once values (20)')
        expect(await database.query('select id from once where id = 20')).toHaveLength(1)
        expect(await database.drizzle.execute(sql`select id from once where id = 20`)).toHaveLength(1)
        const inner = database.transaction(async (nested) => {
          await nested.query('insert into once values (21)')
          await nested.query('insert into once values (20)')
        })
        await expect(inner).rejects.toMatchObject({ code: '23505' })
        await Promise.all([22, 23].map((id) => database.transaction((n) => n.query(`insert into once values (${id})`))))
        expect(await tx.query('select id from once where id between 20 and 29 order by id')).toEqual([
          { id: 20 },
          { id: 22 },
          { id: 23 },
        ])
        throw new Error('undo all')
      })
      await expect(failed).rejects.toThrow('undo all')
      expect(await database.query('select id from once where id between 20 and 29')).toEqual([])
    })

    it('keeps parallel transactions apart', async () => {
      await database.query('create table counter (value int not null)')
      await database.query('insert into counter values (0)')
      await Promise.all(
        Array.from({ length: 20 }, () =>
          database.transaction(async (tx) => {
            const [row] = await tx.query<{ value: number }>('select value from counter for update')
            await tx.query('update counter set value = $1', [row!.value + 1])
          }),
        ),
      )
      expect(await database.query('select value from counter')).toEqual([{ value: 20 }])
    })

    it('passes notifications on after the commit', async () => {
      const heard: string[] = []
      const stop = await database.listen('Some channel', (payload) => heard.push(payload))
      await database.transaction(async (tx) => {
        await tx.query(`select pg_notify('Some channel', 'one')`)
        await new Promise((resolve) => setTimeout(resolve, 30))
        expect(heard).toEqual([])
      })
      await expect.poll(() => heard).toEqual(['one'])
      await stop()
      await database.query(`select pg_notify('Some channel', 'two')`)
      await new Promise((resolve) => setTimeout(resolve, 30))
      expect(heard).toEqual(['one'])
    })

    it('gives a named lock to one at a time', async () => {
      const first = await database.tryLock('work')
      expect(first?.lost.aborted).toBe(false)
      expect(await database.tryLock('work')).toBeUndefined()
      const other = await database.tryLock('other work')
      await other?.release()
      await first?.release()
      const second = await database.tryLock('work')
      expect(second).toBeDefined()
      await second?.release()
    })

    it('lets many share a lock, and one have it alone when its turn comes', async () => {
      const order: string[] = []
      const take = async (name: string, mode: 'shared' | 'exclusive') => {
        const lock = await database.lock('turns', mode)
        order.push(name)
        return lock
      }
      const [first, second] = await Promise.all([take('shared', 'shared'), take('shared', 'shared')])
      const alone = take('alone', 'exclusive')
      expect(await Promise.race([alone, new Promise((resolve) => setTimeout(resolve, 100, 'waits'))])).toBe('waits')
      const late = take('late', 'shared')
      await first.release()
      await second.release()
      await (await alone).release()
      await (await late).release()
      expect(order).toEqual(['shared', 'shared', 'alone', 'late'])
      expect(await database.tryLock('turns').then((lock) => lock?.release())).toBeUndefined()
    })

    it('looks for tables in the schema read first', async () => {
      expect(await database.query('show search_path')).toEqual([{ search_path: 'read, public' }])
      expect(await database.query(`select schemaname from pg_tables where tablename = 'samples'`)).toEqual([
        { schemaname: 'read' },
      ])
    })
  })
}
