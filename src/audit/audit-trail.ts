import type { Sql } from '../database/database.ts'
import { type Access, AccessNotes, type AccessRow, writeAccess } from './access.ts'
import { type Download, type DownloadCounts, type DownloadRow, Downloads, writeDownloads } from './downloads.ts'
import { WriteBuffer } from './write-buffer.ts'

interface Options {
  readonly database: Sql
  readonly clock: () => Date
  readonly downloads: 'named' | 'counted' | 'off'
  readonly onTrouble: (message: string, facts: object) => void
}

/**
 * Who took what and who came in, in ordinary tables, because such things must be erasable. Noting costs the request nothing:
 * rows are written a moment later, and when that fails the request has long been answered.
 */
export class AuditTrail {
  readonly #downloads: Downloads
  readonly #access: AccessNotes
  readonly #buffers: readonly [WriteBuffer<DownloadRow>, WriteBuffer<AccessRow>]

  constructor({ database, clock, downloads, onTrouble }: Options) {
    const trouble = (what: string) => ({
      onTrouble: (err: unknown, waiting: number) => onTrouble(`${what} cannot be written now`, { err, waiting }),
      onLoss: (lost: number) => onTrouble(`${what} were lost`, { lost }),
    })
    const taken = new WriteBuffer<DownloadRow>({
      ...trouble('downloads'),
      write: async (rows) => {
        await writeDownloads(database, rows)
        this.#downloads.written(rows)
      },
    })
    const entered = new WriteBuffer<AccessRow>({
      ...trouble('sign-ins'),
      write: (rows) => writeAccess(database, rows, clock()),
    })
    this.#downloads = new Downloads({ database, clock, audit: downloads, buffer: taken })
    this.#access = new AccessNotes({ clock, buffer: entered })
    this.#buffers = [taken, entered]
  }

  /** @param isPart a range was asked for, or the bytes are shown within a page: counted once an hour */
  download(download: Download, isPart: boolean): void {
    this.#downloads.note(download, isPart)
  }

  access(access: Access): void {
    this.#access.note(access)
  }

  /** How often a product was taken: at most a minute old. Null when downloads are not counted. */
  downloadCounts(productId: number): Promise<DownloadCounts | null> {
    return this.#downloads.counts(productId)
  }

  /** What was noted is in the database when this resolves, unless the database is in trouble; it never rejects. */
  async flush(): Promise<void> {
    await Promise.all(this.#buffers.map((buffer) => buffer.flush()))
  }

  async close(): Promise<void> {
    await Promise.all(this.#buffers.map((buffer) => buffer.close()))
  }
}
