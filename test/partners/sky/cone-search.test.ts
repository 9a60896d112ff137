import { execFile } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { accepted, CATALOG, giveRole, registered } from '../../support/products.ts'
import { logIn } from '../../support/remote.ts'
import { type ServerProcess, startProcess } from '../../support/server-process.ts'

/** STILTS, which is TOPCAT without windows, as somebody's program: it searches a product around its own rows. */
let server: ServerProcess
let token: string
let product: number

const OBJECTS = ['name,ra,dec', 'near,10.5001,-29.87', 'far,77,77', 'exact,10.6,-29.88']

beforeAll(async () => {
  server = await startProcess()
  const admin = await logIn(server.url, 'admin', server.adminPassword)
  product = await registered(admin)
  accepted(await admin.upload(product, 'catalog.csv', CATALOG))
  for (const [column, role] of Object.entries({ objectId: 'ID', RA: 'RA', Dec: 'Dec', z: 'z' })) {
    await giveRole(admin, product, column, role)
  }
  accepted(await admin.patch(`/api/products/${product}/`, { status: '1' }))
  token = accepted(await admin.post('/api/tokens/', { name: 'TOPCAT', scope: 'read' })).token
})

afterAll(async () => {
  await server.stop()
  await rm(server.dataDir, { recursive: true, force: true })
})

it('serves STILTS, which signs in with a token as its password', async () => {
  const objects = join(server.dataDir, 'objects.csv')
  await writeFile(objects, `${OBJECTS.join('\n')}\n`)
  const service = `${server.url}/api/products/${product}/cone/?format=votable&`
  const stilts = (secret: string) =>
    promisify(execFile)('stilts', [
      '-Dstar.basicauth.user=admin',
      `-Dstar.basicauth.password=${secret}`,
      'coneskymatch',
      ...['ifmt=csv', `in=${objects}`, 'ra=ra', 'dec=dec', 'sr=0.001', `serviceurl=${service}`],
      ...['usefoot=false', 'find=best', 'ocmd=keepcols "name objectId z"', 'ofmt=csv'],
    ])
  const { stdout } = await stilts(token)
  expect(stdout.trim().split('\n')).toEqual([
    'name,objectId,z',
    'near,2305843019946942123,0.5',
    'exact,2305843019946942124,1.25',
  ])
  await expect(stilts('wrong')).rejects.toThrow(/401|[Cc]one search failed/)
})
