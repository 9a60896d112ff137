import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { link, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { keyFingerprint } from './checkpoint.ts'

export interface SigningKey {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** SHA-256 of the public key (SPKI, DER), in hex. */
  readonly fingerprint: string
  /** The public key for others, as PEM. */
  readonly publicPem: string
}

/** The Ed25519 key under the data folder, made when it is first needed and readable by its owner alone (0600). */
export async function loadSigningKey(dataDir: string): Promise<SigningKey> {
  const path = join(dataDir, 'checkpoint.key')
  const pem = (await readKey(path)) ?? (await makeKey(path))
  const privateKey = privateKeyOf(pem, path)
  const publicKey = createPublicKey(privateKey)
  const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  return { privateKey, publicKey, fingerprint: keyFingerprint(publicKey), publicPem }
}

/** @throws Error naming the file that is no key */
function privateKeyOf(pem: string, path: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch (error) {
    throw new Error(`${path} is not a private key: ${error instanceof Error ? error.message : error}`)
  }
}

async function readKey(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
}

/** Written aside and linked, so that of two processes that make one at the same time the first wins, and no half key is read. */
async function makeKey(path: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('ed25519')
  const partial = `${path}.${process.pid}.${Date.now()}.part`
  const handle = await open(partial, 'wx', 0o600)
  try {
    await handle.writeFile(privateKey.export({ type: 'pkcs8', format: 'pem' }))
    await handle.sync()
  } finally {
    await handle.close()
  }
  try {
    await link(partial, path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    await rm(partial, { force: true })
  }
  return readFile(path, 'utf8')
}
