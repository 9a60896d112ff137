import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ServerProcess, startProcess } from '../support/server-process.ts'
import { writeObjectCatalog } from './object-catalog.ts'

const run = promisify(execFile)
const HERE = fileURLToPath(new URL('.', import.meta.url))

let server: ServerProcess
let catalogs: string
beforeAll(async () => {
  catalogs = await mkdtemp(join(tmpdir(), 'photoz-catalogs-'))
  await writeObjectCatalog(catalogs)
  server = await startProcess({ env: { OBJECT_CATALOGS: catalogs } })
})
afterAll(async () => {
  await rm(catalogs, { recursive: true, force: true })
  expect(await server.stop()).toBe(0)
})

/** Everything of the client is in the Python files beside this one; pytest tells which of it failed. */
test('the released Python client works unmodified', { timeout: 600_000 }, async () => {
  const python = process.env.PARTNER_PYTHON ?? 'python3'
  const env = { ...process.env, PZ_HOST: `${server.url}/api/`, PZ_ADMIN_PASSWORD: server.adminPassword }
  const result = await run(python, ['-m', 'pytest', '-q', '--no-header', '-p', 'no:cacheprovider', HERE], {
    env,
  }).catch((error: { stdout: string; stderr: string }) => ({ stdout: error.stdout, stderr: `failed: ${error.stderr}` }))
  expect(result.stdout + result.stderr).toMatch(/^\d+ passed/m)
  expect(result.stdout + result.stderr).not.toMatch(/failed|error/i)
})
