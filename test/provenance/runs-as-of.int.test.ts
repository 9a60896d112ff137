import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { execute, type Request } from '../../src/application/command.ts'
import { settleProduct } from '../../src/application/run-product.ts'
import { keepText } from '../../src/application/runs.ts'
import { SYSTEM } from '../../src/domain/actor.ts'
import { type RunCommand, runDecider, runStream } from '../../src/domain/run/run.ts'
import { type Json, type TestApp, testApp } from '../support/app.ts'
import { accepted, CATALOG, published } from '../support/products.ts'
import { requestCombine } from '../support/runs.ts'

/** What was told of a product when the log had reached a position. */
interface Told {
  readonly position: string
  readonly status: string
  readonly listed: string
  readonly lock: string
  readonly crate: string
  readonly zip: Buffer
}

let app: TestApp
let product: number
let name: string
const told: Told[] = []

const get = async (path: string) => {
  const answer = await app.as('alice').get(path)
  expect(answer.status, answer.text).toBe(200)
  return answer
}

async function tell(asOf: string | null): Promise<Told> {
  const query = asOf === null ? {} : { as_of: asOf }
  const at = (path: string, more: Readonly<Record<string, string>> = {}) =>
    get(`${path}?${new URLSearchParams({ ...query, ...more })}`)
  const provenance = `/api/products/${product}/provenance/`
  const list: Json[] = (await at('/api/products/')).json.results
  const zip = await app.as('alice').get(`/product/${name}/zip?${new URLSearchParams(query)}`)
  return {
    position: asOf ?? (await app.context.store.head()),
    status: (await at(`/api/products/${product}/`)).json.process_status,
    listed: list.find(({ id }) => id === product).process_status,
    lock: (await at(provenance, { format: 'run-lock' })).text,
    crate: (await at(provenance, { format: 'ro-crate' })).text,
    zip: Buffer.from(zip.status === 200 ? zip.bytes : []),
  }
}

beforeAll(async () => {
  app = await testApp({ env: { PUBLIC_URL: 'https://pz.example.org' } })
  const alice = app.as('alice')
  const input = await published(alice)
  const run = await requestCombine(alice, [input])
  product = run.upload
  name = encodeURIComponent((await get(`/api/products/${product}/`)).json.internal_name)
  const request: Request = { actor: SYSTEM, correlationId: 'worker' }
  const report = (command: RunCommand) => execute(app.context, request, runDecider, runStream(run.id), command)
  const keep = async () => told.push(await tell(null))
  await keep()
  await report({ type: 'ClaimRun', worker: 'w' })
  await keep()
  await report({
    type: 'ReportSuccess',
    worker: 'w',
    outputs: [{ role: 'main', name: 'combined.csv', ...(await keepText(app.context, CATALOG)), rows: 2 }],
    associations: { RA: 'RA', Dec: 'Dec', z: 'z' },
    metrics: {},
  })
  await settleProduct(app.context, run.id)
  await keep()
  accepted(await alice.patchJson(`/api/processes/${run.id}/`, { display_name: 'Another name' }))
})
afterAll(() => app.close())

describe('the run of a product as of a moment', () => {
  it('is told as it was, and not as it ended', async () => {
    expect(told.map(({ status }) => status)).toEqual(['Pending', 'Running', 'Successful'])
    expect(told.map(({ listed }) => listed)).toEqual(['Pending', 'Running', 'Successful'])
    for (const then of told) expect(await tell(then.position), then.position).toEqual(then)
    expect(JSON.parse(told[1]?.lock ?? '')).toMatchObject({ status: 'running', outputs: [] })
  })

  it('goes with the zip of then, byte for byte', async () => {
    expect(told[2]?.zip.length).toBeGreaterThan(1000)
    expect((await tell(null)).zip.equals(told[2]?.zip ?? Buffer.alloc(0))).toBe(false)
    expect((await tell(told[2]?.position ?? '')).zip.equals(told[2]?.zip ?? Buffer.alloc(0))).toBe(true)
  })

  it('leaves it open in lists of the past whether anything is out of date by now', async () => {
    const [listed] = (await get(`/api/products/?as_of=${told[2]?.position}&id=${product}`)).json.results
    expect(listed).not.toHaveProperty('stale')
    const [today] = (await get(`/api/products/?id=${product}`)).json.results
    expect(today).toHaveProperty('stale', false)
  })
})
