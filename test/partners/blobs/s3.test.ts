import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseBucketUrl } from '../../../src/blobs/s3/address.ts'
import { S3BlobStore } from '../../../src/blobs/s3/s3-blob-store.ts'
import { blobStoreContract } from '../../blobs/contract.ts'
import { accepted, CATALOG, columnsOf, registered } from '../../support/products.ts'
import { logIn } from '../../support/remote.ts'
import { startProcess } from '../../support/server-process.ts'

/** Against moto, a server of S3 in Python that others wrote (`PARTNER_PYTHON` has it). */
const PYTHON = process.env.PARTNER_PYTHON ?? 'python3'
const START = `
import sys, time
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
import boto3
host, port = server.get_host_and_port()
client = boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s")
for name in sys.argv[1:]:
    client.create_bucket(Bucket=name)
print(port, flush=True)
sys.stdin.read()
`

let moto: ChildProcess
let port: string
const urlOf = (bucket: string) => `s3+http://key:secret@127.0.0.1:${port}/${bucket}/files`

beforeAll(async () => {
  moto = spawn(PYTHON, ['-c', START, 'contract', 'server'], { stdio: ['pipe', 'pipe', 'inherit'] })
  port = await new Promise((resolve, reject) => {
    moto.stdout?.once('data', (line) => resolve(String(line).trim()))
    moto.once('exit', (code) => reject(new Error(`moto ended with ${code}`)))
  })
})
afterAll(() => void moto.kill())

let opened = 0
blobStoreContract('S3BlobStore on moto', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'blobs-'))
  const address = parseBucketUrl(`${urlOf('contract')}/${++opened}`)
  if (address === null) throw new Error('not an address')
  const onTrouble = (error: unknown) => {
    throw error
  }
  return {
    store: await S3BlobStore.open(address, folder, { limit: 1e9, inUseMs: 0, onTrouble }),
    temporaryFiles: async () => (await readdir(join(folder, 'tmp'))).length,
    dispose: () => rm(folder, { recursive: true }),
  }
})

describe('a server whose files are in a bucket', () => {
  it('receives, inspects, gives back and checks them, and another process finds them there', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'photoz-'))
    const server = await startProcess({ dataDir, env: { BLOBS_URL: urlOf('server') } })
    const alice = await logIn(server.url, 'admin', server.adminPassword)
    const id = await registered(alice)
    const { id: file } = accepted(await alice.upload(id, 'catalog.csv', CATALOG))
    expect([...(await columnsOf(alice, id)).keys()]).toEqual(['objectId', 'RA', 'Dec', 'z'])
    expect(accepted(await alice.get('/health/ready')).blobs).toEqual({ ok: true, kind: 's3' })
    const checked = accepted(await alice.send('POST', '/api/admin/verify/'))
    expect(checked).toMatchObject({ sound: true, blobs: { referenced: 2, orphans: 0 } })
    await server.stop()
    expect((await readdir(dataDir)).includes('blobs')).toBe(false)

    // Without the copies, as on another machine.
    await rm(join(dataDir, 'blob-cache'), { recursive: true })
    const again = await startProcess({ dataDir, env: { BLOBS_URL: urlOf('server') } })
    const reader = await logIn(again.url, 'admin', again.adminPassword)
    expect((await reader.get(`/api/product-files/${file}/download/`)).text).toBe(CATALOG)
    const range = await reader.send('GET', `/api/product-files/${file}/download/`, { headers: { Range: 'bytes=9-10' } })
    expect([range.status, range.text]).toEqual([206, 'RA'])
    await again.stop()
    await rm(dataDir, { recursive: true })
  })

  it('does not start without its bucket, and says so in one line', async () => {
    const failed = startProcess({ env: { BLOBS_URL: urlOf('nowhere') } })
    await expect(failed).rejects.toThrow(/ended with 1: The store of files cannot be used: there is no such bucket\.\n/)
  })
})
