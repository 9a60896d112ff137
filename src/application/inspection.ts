import type { AppContext } from '../context.ts'
import type { FileRow } from '../projections/files/tables.ts'
import type { Inspection } from '../tables/inspection.ts'

/** The inspection document of a main file; null when it could not be read as a table. */
export async function readInspection(context: AppContext, file: FileRow): Promise<Inspection | null> {
  if (file.inspection === null) return null
  const chunks: Uint8Array[] = []
  for await (const chunk of context.blobs.read(file.inspection)) chunks.push(chunk)
  const document: Inspection = JSON.parse(Buffer.concat(chunks).toString('utf8'))
  return document
}
