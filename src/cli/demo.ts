import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../config.ts'
import { DemoClock } from '../demo/clock.ts'
import { DEMO_PASSWORD, DEMO_PEOPLE, tellStory } from '../demo/story.ts'
import { createLog } from '../log.ts'
import { startServer } from '../server.ts'
import { reportStartFailure } from '../start-failure.ts'

const DAYS = 130

/**
 * `npm run demo`: a server with a synthetic sky in a folder of its own, which is thrown away at the end. PORT, HOST and
 * LOG_LEVEL count as always; databases of yours are not touched.
 */
async function main(): Promise<void> {
  const { config } = readConfig()
  const dataDir = await mkdtemp(join(tmpdir(), 'photoz-demo-'))
  const removeFolder = () => rm(dataDir, { recursive: true, force: true })
  try {
    const clock = new DemoClock(new Date(Date.now() - DAYS * 24 * 3_600_000))
    const started = performance.now()
    const server = await startServer(
      {
        ...config,
        dataDir,
        database: 'pglite',
        eventStore: 'postgres',
        blobs: 'files',
        environmentName: 'demo',
        rateLimits: null,
      },
      { databaseUrl: null, eventStoreUrl: null, bucket: null, adminPassword: DEMO_PASSWORD },
      createLog(config.logLevel === 'info' ? 'error' : config.logLevel),
      clock.read,
    )
    let stopping: Promise<void> | null = null
    const stop = () => {
      stopping ??= server.close().finally(removeFolder)
      stopping.catch((error: unknown) => {
        console.error(error)
        process.exitCode = 1
      })
    }
    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
    console.log('\n  Making a sky, surveys and people …')
    try {
      await tellStory(server.context, clock)
    } catch (error) {
      if (stopping === null) {
        stop()
        throw error
      }
      return
    }
    console.log(`  Ready after ${Math.round((performance.now() - started) / 1000)} s.\n`)
    console.log(`  Photo-z Server: ${server.url}\n`)
    for (const { username, displayName } of DEMO_PEOPLE) console.log(`  ${username.padEnd(6)} ${displayName}`)
    console.log(
      `  admin  Administrator\n\n  Everybody's password is "${DEMO_PASSWORD}". Ctrl+C ends the demo and removes its data.\n`,
    )
  } catch (error) {
    await removeFolder()
    throw error
  }
}

main().catch(reportStartFailure)
