import { createWriteStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { exportBlobs, exportLog } from '../application/portable-log.ts'
import { command, fileAndBlobs, maintain, maintainText } from './maintenance.ts'

/**
 * `npm run export -- <file.ndjson> [--blobs <folder>]`: writes the whole log into a file, and with `--blobs` copies the files that
 * it refers to into a folder. The server may go on serving.
 */
async function run(): Promise<unknown> {
  const { file, folder } = fileAndBlobs('Usage: npm run export -- <file.ndjson> [--blobs <folder>]')
  // Under its name it is complete.
  const partial = `${file}.part`
  try {
    await maintainText('export', exportLog, async (pieces) => {
      await pipeline(pieces, createWriteStream(partial))
    })
    await rename(partial, file)
  } finally {
    await rm(partial, { force: true })
  }
  const blobs = folder === undefined ? {} : await copyBlobs(resolve(folder))
  return { file, ...JSON.parse(await lastLine(file)), ...blobs }
}

async function copyBlobs(to: string): Promise<object> {
  const copied = await maintain(`export-blobs?folder=${encodeURIComponent(to)}`, (context) => exportBlobs(context, to))
  return { folder: to, ...(typeof copied === 'object' ? copied : {}) }
}

async function lastLine(path: string): Promise<string> {
  const handle = await open(path)
  try {
    const { size } = await handle.stat()
    const length = Math.min(size, 4096)
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length)
    return buffer.toString('utf8').trimEnd().split('\n').at(-1) ?? ''
  } finally {
    await handle.close()
  }
}

command(run)
