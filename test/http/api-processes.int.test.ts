import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { issueToken } from '../../src/accounts/tokens.ts'
import { accountsOf } from '../../src/application/people.ts'
import { workerPorts } from '../../src/application/run-worker.ts'
import { readPythonLiteral } from '../../src/http/api/python-literal.ts'
import { DEFAULT_RULES_TEXT } from '../../src/pipelines/combine/rules/rules-file.ts'
import { carryOut } from '../../src/pipelines/worker/carry-out.ts'
import { type Json, type TestApp, testApp } from '../support/app.ts'
import { carryHere } from '../support/context.ts'
import { accepted, published, registered } from '../support/products.ts'
import {
  MARK,
  publishedCatalog,
  requestCombine,
  startTestWorker,
  type TestWorker,
  twoCatalogs,
  untilProduct,
  untilRun,
} from '../support/runs.ts'

let app: TestApp
let inputs: [number, number]
let worker: TestWorker
let done: Json
beforeAll(async () => {
  app = await testApp()
  inputs = await twoCatalogs(app.as('alice'))
  const run = await requestCombine(app.as('alice'), inputs, { display_name: 'Done' })
  worker = startTestWorker(app)
  await untilProduct(app.as('alice'), run.upload, ({ status }) => status === 1)
  done = await untilRun(app.as('alice'), run.id, ({ status }) => status === 'Successful')
  await worker.stop()
})
afterAll(() => app.close())

/** A multipart request for a run, as the Python client writes it. */
function withRules(fields: readonly (readonly [string, string])[], rules: string) {
  const form = new FormData()
  for (const [name, value] of fields) form.append(name, value)
  form.append('flags_translation_file', new File([rules], 'mine.yaml'))
  return { body: form }
}

const RULES = 'translation_rules:\n  6DFGS: {z_flag_translation: {3: 3}, instrument_type_translation: {default: s}}\n'
const FIELDS = (used: string): [string, string][] => [
  ['display_name', 'With rules'],
  ['pipeline', '1'],
  ['inputs', String(inputs[0])],
  ['inputs', String(inputs[1])],
  ['used_config', used],
]

describe('POST /processes/', () => {
  const ask = (fields: Json) =>
    app.as('alice').post('/api/processes/', { display_name: 'X', pipeline: 1, inputs, ...fields })

  it('takes used_config as an object, as JSON in a text, and as Python prints it', async () => {
    const python =
      "{'param': {'combine_type': 'concatenate', 'z_flag_homogenized_value_to_cut': None, 'remove_stars': True}}"
    for (const used of [{ param: MARK }, JSON.stringify({ param: MARK }), python, '']) {
      const run = accepted(await ask({ used_config: used }))
      expect(run.used_config.param.insert_rubin_footprint_flag).toBe(true)
    }
  })

  it('takes the format where the client and where the web put it', async () => {
    expect(accepted(await ask({ used_config: { param: {}, output_format: 'csv' } })).output_format).toBe('csv')
    expect(accepted(await ask({ output_format: 'FITS' })).output_format).toBe('fits')
    expect(accepted(await ask({ output_format: 'specz' })).output_format).toBe('parquet')
    // The Python client starts from the defaults, which name a format.
    const asDefault = { param: { output_format: 'parquet' }, output_format: 'csv' }
    expect(accepted(await ask({ used_config: asDefault })).output_format).toBe('csv')
    for (const two of [
      { output_format: 'fits', used_config: { param: {}, output_format: 'csv' } },
      { output_format: 'fits', used_config: { param: { output_format: 'csv' } } },
    ]) {
      const { status, json } = await ask(two)
      expect([status, json.output_format[0]]).toEqual([400, expect.stringContaining('leave one of them out')])
    }
    expect((await ask({ output_format: 'xlsx' })).json.output_format[0]).toContain('not a valid choice')
  })

  it('takes rules of one’s own, and keeps them', async () => {
    const { body } = withRules(FIELDS(JSON.stringify({ param: MARK })), RULES)
    const run = accepted(await app.as('alice').send('POST', '/api/processes/', { body }))
    expect(run.inputs).toEqual(inputs)
    const { flag_translation } = accepted(await app.as('alice').get(`/api/processes/${run.id}/process_config/`))
    expect(Object.keys(flag_translation.translation_rules)).toEqual(['6DFGS'])
  })

  it('tells all problems at once, and records nothing', async () => {
    const before = accepted(await app.as('alice').get('/api/processes/')).count
    const draft = await registered(app.as('alice'))
    const other = await published(app.as('alice'), { product_type: 7 })
    const form = new FormData()
    for (const id of [draft, other, 999_999]) form.append('inputs', String(id))
    form.append('pipeline', '1')
    form.append('used_config', '{"param": {"combine_typ": "concatenate", "seed": -1}}')
    form.append(
      'flags_translation_file',
      new File(['translation_rules: {DESI: {z_flag_translation: {conditions: [{expr: "x +", value: 1}]}}}'], 'r.yaml'),
    )
    form.append('release', '5')
    const { status, json } = await app.as('alice').send('POST', '/api/processes/', { body: form })
    expect(status).toBe(400)
    expect(json.inputs).toHaveLength(3)
    expect(json.inputs[2]).toBe('Invalid pk "999999" - object does not exist.')
    expect(json.used_config.join()).toContain("did you mean 'combine_type'")
    expect(json.used_config.join()).toContain('seed')
    expect(json.flags_translation_file[0]).toContain('conditions[0]')
    expect(json.release).toEqual(['Invalid pk "5" - object does not exist.'])
    expect(json.display_name).toEqual(['This field is required.'])
    expect(accepted(await app.as('alice').get('/api/processes/')).count).toBe(before)
  })

  it.each([
    [{ inputs: undefined }, 'inputs', 'This field is required.'],
    [{ input: [1] }, 'input', 'Unknown field. Did you mean inputs?'],
    [{ flags_translation_file: 'a: 1' }, 'flags_translation_file', 'Send the rules file as a file'],
    [{ pipeline: 77 }, 'pipeline', 'Invalid pk "77" - object does not exist.'],
    [{ used_config: '{nonsense' }, 'used_config', 'Invalid JSON format'],
    [{ used_config: { parameters: {} } }, 'used_config', 'Unknown: parameters'],
    [{ used_config: { param: { flags_translation_file: '/etc/passwd' } } }, 'used_config', 'Send the rules file'],
  ])('refuses %j', async (fields, field, message) => {
    const { status, json } = await ask(fields)
    expect(status).toBe(400)
    expect(json[field][0]).toContain(message)
  })

  it('treats products that are hidden like those that do not exist', async () => {
    const hidden = await registered(app.as('bob'))
    const answers = [hidden, 999_999].map(async (id) =>
      (await ask({ inputs: [id] })).json.inputs[0].replace(String(id), 'N'),
    )
    const [one, two] = await Promise.all(answers)
    expect(one).toBe(two)
  })
})

describe('runs of others', () => {
  it('cannot be read, changed, stopped, replayed or deleted, and are not listed', async () => {
    const bob = app.as('bob')
    const path = `/api/processes/${done.id}/`
    const answers = await Promise.all([
      bob.get(path),
      bob.patch(path, { comment: 'mine' }),
      bob.delete(path),
      bob.get(`${path}stop/`),
      bob.post(`${path}stop/`),
      bob.get(`${path}logs/`),
      bob.get(`${path}process_config/`),
      bob.get(`${path}events/`),
      bob.post(`${path}replay/`),
    ])
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404))
    expect(new Set(answers.map(({ json }) => json.detail))).toEqual(new Set(['Not found.']))
    expect(accepted(await bob.get('/api/processes/')).count).toBe(0)
    expect(accepted(await app.as('admin').get('/api/processes/')).count).toBeGreaterThan(0)
    expect((await app.request(path)).status).toBe(401)
  })

  it('are not stopped by links of other sites, nor with tokens that may only read', async () => {
    const alice = app.as('alice')
    const run = await requestCombine(alice, inputs)
    const userId = alice.request.actor.userId
    const { secret } = await issueToken(accountsOf(app.context), userId, { name: 'reader', scope: 'read' })
    expect((await app.withToken(secret).get(`/api/processes/${run.id}/stop/`)).status).toBe(403)
    expect(
      (await app.request(`/api/processes/${run.id}/stop/`, { headers: { 'Sec-Fetch-Site': 'cross-site' } })).status,
    ).toBe(403)
    expect(accepted(await alice.get(`/api/processes/${run.id}/`)).status).toBe('Pending')
  })
})

describe('a run', () => {
  it('is found by status, pipeline, product and words', async () => {
    const alice = app.as('alice')
    const found = async (query: string) =>
      accepted(await alice.get(`/api/processes/?${query}`)).results.map((r: Json) => r.id)
    expect(await found('status=Successful')).toEqual([done.id])
    expect(await found(`upload=${done.upload}&pipeline=1&pipeline__name=combine_redshift_dedup`)).toEqual([done.id])
    expect(await found('search=done')).toEqual([done.id])
    for (const query of [
      'pipeline=combine',
      'pipeline=Combine%20Redshift,CATALOGS',
      'pipeline__or=training,combine',
      `user=${alice.request.actor.userId}`,
      'user=alice',
      'release__isnull=true',
      'status__in=Successful, Failed',
    ])
      expect([query, await found(`${query}&status=Successful`)]).toEqual([query, [done.id]])
    for (const query of [
      'pipeline=combine,training',
      'release=1',
      'release_name=DP1',
      'release_name__or=a,b',
      'user=999',
    ])
      expect([query, await found(query)]).toEqual([query, []])
    expect(await found('release__isnull=false')).toEqual([])
    expect(await found('status=Queued')).toEqual([])
    expect(await found('status__in=Queued,Successful')).toEqual([done.id])
    const nonsense = await alice.get('/api/processes/?status=Nonsense')
    expect([nonsense.status, nonsense.json.status]).toEqual([400, ['"Nonsense" is not a valid choice.']])
    expect((await found('ordering=id'))[0]).toBe(done.id)
    expect(accepted(await alice.get('/api/processes/?page=1&page_size=1')).results).toHaveLength(1)
  })

  it('can be described by its owner, and taken off the lists', async () => {
    const alice = app.as('alice')
    const run = await requestCombine(alice, inputs)
    const path = `/api/processes/${run.id}/`
    expect((await alice.delete(path)).status).toBe(409)
    expect(accepted(await alice.patch(path, { display_name: 'Renamed', comment: 'for the paper' }))).toMatchObject({
      display_name: 'Renamed',
      comment: 'for the paper',
    })
    accepted(await alice.post(`${path}stop/`))
    expect((await alice.delete(path)).status).toBe(204)
    expect(accepted(await alice.get(path)).deleted).toBe(true)
    expect(accepted(await alice.get('/api/processes/')).results.map(({ id }: Json) => id)).not.toContain(run.id)
  })

  it('tells its events live, and again from any place', async () => {
    const alice = app.as('alice')
    const whole = await alice.get(`/api/processes/${done.id}/events/`)
    expect(whole.headers.get('content-type')).toContain('text/event-stream')
    const ids = [...whole.text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => id)
    const types = [...whole.text.matchAll(/^event: (\w+)$/gm)].map(([, type]) => type)
    expect(types[0]).toBe('RunRequested')
    expect(types.at(-1)).toBe('RunSucceeded')
    expect(new Set(ids).size).toBe(ids.length)
    const rest = await alice.get(`/api/processes/${done.id}/events/`, { 'Last-Event-ID': ids[2] ?? '' })
    expect([...rest.text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => id)).toEqual(ids.slice(3))
    expect((await alice.get(`/api/processes/${done.id}/events/`, { 'Last-Event-ID': ids.at(-1) ?? '' })).status).toBe(
      204,
    )

    const run = await requestCombine(alice, inputs)
    const live = alice.get(`/api/processes/${run.id}/events/`)
    const late = startTestWorker(app)
    const { text } = await live
    await late.stop()
    expect(text).toContain('event: RunStarted')
    expect([...text.matchAll(/^event: (\w+)$/gm)].at(-1)?.[1]).toBe('RunSucceeded')
  })

  it('is replayed: identical', async () => {
    const replayed = accepted(await app.as('alice').post(`/api/processes/${done.id}/replay/`))
    expect(replayed.replay).toMatchObject({ identical: true, outputs: [{ name: 'crd.parquet', identical: true }] })
    const open = await requestCombine(app.as('alice'), inputs)
    expect((await app.as('alice').post(`/api/processes/${open.id}/replay/`)).status).toBe(409)
  })
})

describe('pages of runs', () => {
  it('show pipelines, the form, and refuse with every problem', async () => {
    const alice = app.as('alice')
    expect((await alice.send('GET', '/pipelines')).text).toContain('Combine Redshift Catalogs')
    const form = (await alice.send('GET', `/pipelines/combine_redshift_dedup?from=${done.id}`)).text
    expect(form).toContain('value="Done"')
    expect(form).toMatch(new RegExp(`value="${inputs[0]}"[^>]*checked`))
    const empty = new FormData()
    empty.append('crossmatch_radius_arcsec', '-1')
    const refused = await alice.send('POST', '/pipelines/combine_redshift_dedup', { body: empty })
    expect(refused.status).toBe(400)
    expect(refused.text).toContain('This field is required.')
    expect(refused.text).toContain('<a href="#field-crossmatch_radius_arcsec">Radius: Must be &gt; 0')
    expect(refused.text).toMatch(/id="field-crossmatch_radius_arcsec-error">Must be &gt; 0/)
    expect(refused.text).toMatch(/<p class="pad error">This field is required/)
    expect(refused.text).toMatch(/id="field-display_name-error">/)
  })

  it('ask again for what the form does not offer, and tell what is gone', async () => {
    const alice = app.as('alice')
    const gone = await publishedCatalog(alice, 'Gone', 'ra,dec,z\n1,2,0.3\n', { ra: 'RA', dec: 'Dec', z: 'z' })
    const used_config = { param: { ...MARK, z_flag_homogenized_value_to_cut: 5 } }
    const { id } = await requestCombine(alice, [...inputs, gone], { used_config })
    const form = () => alice.send('GET', `/pipelines/combine_redshift_dedup?from=${id}`)
    expect((await form()).text).toMatch(/<option value="5" selected="">/)
    expect((await form()).text).not.toContain('no longer published')
    accepted(await alice.delete(`/api/products/${gone}/`))
    expect((await form()).text).toContain('Gone is no longer published; it was left out.')
  })

  it('lead from a product that could not be made to the run that says why', async () => {
    const alice = app.as('alice')
    const bare = await publishedCatalog(alice, 'Bare', 'ra,dec,z\n1,2,0.3\n', { ra: 'RA', dec: 'Dec', z: 'z' })
    const failing = startTestWorker(app)
    const { id, upload } = await requestCombine(alice, [inputs[0], bare], { used_config: { param: MARK } })
    const product = await untilProduct(alice, upload, ({ status }) => status === 9)
    await failing.stop()
    const { text } = await alice.send('GET', `/product/${product.internal_name}`)
    expect(text).toMatch(
      new RegExp(`There are \\d+ problems with the input catalogs\\. <a href="/runs/${id}">Its run</a> tells more\\.`),
    )
    expect(text).toContain('Its run made no file.')
  })

  it('ask for a run, show it, stop it', async () => {
    const alice = app.as('alice')
    const body = new FormData()
    for (const [name, value] of [
      ['display_name', 'From the page'],
      ['inputs', String(inputs[0])],
      ['inputs', String(inputs[1])],
      ['combine_type', 'concatenate_and_mark_duplicates'],
      ['extra_columns', 'flag int\r\nq flag float'],
      ['tiebreaking_priority', 'z_flag_homogenized, -z_err'],
      ['output_format', 'csv'],
      ['rules', 'server'],
    ] as const)
      body.append(name, value)
    const asked = await alice.send('POST', '/pipelines/combine_redshift_dedup', { body })
    expect(asked.status).toBe(303)
    const place = asked.headers.get('location') ?? ''
    const run = accepted(await alice.get(place.replace('/runs/', '/api/processes/').concat('/')))
    expect(run.used_config.param).toMatchObject({
      extra_columns: { flag: 'int', q: { source: 'flag', type: 'float' } },
      tiebreaking_priority: ['z_flag_homogenized', { column: 'z_err', better: 'lower' }],
      insert_rubin_footprint_flag: false,
    })
    const page = (await alice.send('GET', place)).text
    expect(page).toContain('Waiting for a worker')
    expect(page).toContain(`hx-sse:connect="${place}/events?after=`)
    expect((await alice.send('POST', `${place}/stop`)).status).toBe(303)
    expect((await alice.send('GET', '/runs')).text).toContain('From the page')
    expect((await app.as('bob').send('GET', place)).status).toBe(404)
  })

  it('show the result of a run, its log and its replay', async () => {
    const page = (await app.as('alice').send('GET', `/runs/${done.id}`)).text
    expect(page).toContain('crd.parquet')
    expect(page).toContain('2 pairs within 0.5 arcsec')
    expect(page).toContain('Replayed: identical.')
    expect(page).not.toContain('hx-sse:connect')
  })
})

describe('the rules of a run', () => {
  it('are on its page, with what they and the parameters amount to', async () => {
    const page = (await app.as('alice').send('GET', `/runs/${done.id}`)).text
    expect(page).toContain('Rules for flags')
    expect(page).toContain(`<code title="${createHash('sha256').update(DEFAULT_RULES_TEXT).digest('hex')}">`)
    expect(page).toContain('0.5 arcsec')
    expect(page).toContain('translation_rules:')
    const param = {
      ...MARK,
      crossmatch_radius_arcsec: 0.25,
      tiebreaking_priority: [{ column: 'z_err', better: 'lower' }],
    }
    const form = withRules(FIELDS(JSON.stringify({ param })), `${RULES}version: mine-7\n`)
    const { id } = accepted(await app.as('alice').send('POST', '/api/processes/', form))
    const own = (await app.as('alice').send('GET', `/runs/${id}`)).text
    for (const fact of ['mine.yaml', 'mine-7', '0.25 arcsec', '-z_err', '6DFGS']) expect(own).toContain(fact)
  })
})

describe('a run whose result is not published yet', () => {
  it('is Running still, so that whoever is told of success can take the product', async () => {
    const alice = app.as('alice')
    const { id, upload } = await requestCombine(alice, inputs)
    const ports = workerPorts(app.context, carryHere)
    const run = await ports.command(id, { type: 'ClaimRun', worker: 'w' })
    if (run.status === 'absent') throw new Error('There is no run')
    await ports.command(id, await carryOut(run, 'w', ports, new AbortController().signal))
    const seen = () => untilRun(alice, id, ({ outputs }) => outputs.length > 0)
    expect(await seen()).toMatchObject({ status: 'Running', can_delete: false })
    expect(accepted(await alice.get('/api/processes/')).results[0].status).toBe('Running')
    await ports.settle(id)
    await untilProduct(alice, upload, ({ status }) => status === 1)
    expect(await seen()).toMatchObject({ status: 'Successful', can_delete: true })
  })
})

describe('what Python prints for a dict', () => {
  it('is read', () => {
    expect(
      readPythonLiteral(
        "{'a': [1, -2.5, 1e3], 'b': (None, True,), 'it''s': 'a\\'b', \"c\": {}}".replace("it''s", 'it'),
      ),
    ).toEqual({
      a: [1, -2.5, 1000],
      b: [null, true],
      it: "a'b",
      c: {},
    })
  })
  it.each(['{', "{'a'}", "{'a': b}", "__import__('os')", "{'a': 1} x", '['.repeat(100)])('refuses %s', (text) => {
    expect(() => readPythonLiteral(text)).toThrow(SyntaxError)
  })
})
