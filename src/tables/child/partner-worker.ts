import { parentPort } from 'node:worker_threads'
import { inspectColumns } from '../column-inspection.ts'
import { type SharedWork, takenInTurn } from '../inspect.ts'
import { openTable } from '../open.ts'
import type { PartnerAnswer } from './partner.ts'

/** The thread of a `ThreadPartner`: opens the file for itself and looks at its share of the columns. */
async function answerTo({ source, limits, passes, next }: SharedWork): Promise<PartnerAnswer> {
  try {
    const reader = await openTable(source, limits, { provisional: true })
    try {
      return {
        ok: true,
        columns: await inspectColumns(reader, takenInTurn(passes, next), limits, { readAhead: false }),
      }
    } finally {
      await reader.close()
    }
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) }
  }
}

parentPort?.on('message', async (work: SharedWork) => {
  parentPort?.postMessage(await answerTo(work))
})

parentPort?.postMessage('ready')
