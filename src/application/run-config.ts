import { parse } from 'yaml'
import type { AppContext } from '../context.ts'
import type { RunRow } from '../projections/runs/tables.ts'

/** The configuration of a run, as the reference server gives it: parameters, and the rules file read. */
export async function processConfig(context: AppContext, run: RunRow) {
  const config = { param: run.parameters, output_format: run.outputFormat }
  if (run.rules === null) return { config }
  return { config, flag_translation: parse(await rulesText(context, run.rules)) as unknown }
}

/** The rules file of a run, as it was. */
export async function rulesText(context: AppContext, sha256: string): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of context.blobs.read(sha256)) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
