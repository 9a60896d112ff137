import type { Inspection } from './inspection.ts'
import type { TableSource } from './table.ts'

/** What a look into a file found. */
export interface Examination {
  readonly inspection: Inspection
  /** The table that was taken out of a .gz or a zip; the caller removes the file when it is done with it. */
  readonly unpacked: { readonly path: string; readonly fileName: string; readonly size: number } | null
}

/**
 * Looks through a file in a child process with limits of memory and time, so that no file stops the server.
 * @throws TableError when it is not a table that we can read, or too much of one.
 */
export type Examine = (source: TableSource, options: { readonly signal?: AbortSignal }) => Promise<Examination>
