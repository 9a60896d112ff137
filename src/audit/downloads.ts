import type { Sql } from '../database/database.ts'
import { Recent } from './recent.ts'
import type { WriteBuffer } from './write-buffer.ts'

/** What can be taken of a product: a zip of it, a file, the archive that a table came in, a description as a page, its history. */
export const DOWNLOAD_PARTS = ['everything', 'main_file', 'file', 'original', 'shown', 'history'] as const
export type DownloadPart = (typeof DOWNLOAD_PARTS)[number]

/** Something that a person was allowed to take, and was given. */
export interface Download {
  readonly productId: number
  readonly part: DownloadPart
  /** Null: several files. */
  readonly fileId: number | null
  readonly fileName: string
  /** Of the bytes, so that parts of another version are another download. */
  readonly sha256: string
  /** Null: nobody in particular. */
  readonly userId: number | null
  readonly via: 'page' | 'api'
}

/** A download as it is written. */
export interface DownloadRow extends Omit<Download, 'sha256'> {
  readonly at: string
}

/** How often a product was taken, and by how many people; null when people are not named. */
export interface DownloadCounts {
  readonly times: number
  readonly people: number | null
}

const HOUR = 3_600_000
/** How long (ms) counts of a product are believed, for another process may have served a download. */
const FRESH = 60_000
const MOST_PRODUCTS = 10_000

/**
 * Counts downloads. A request for a range that follows another one for the same bytes by the same person within an hour
 * belongs to the same download. Nothing waits for the database.
 */
export class Downloads {
  readonly #recent = new Recent({ milliseconds: HOUR, most: 20_000 })
  readonly #counts = new Map<number, { readonly counts: DownloadCounts; readonly at: number }>()

  constructor(
    private readonly options: {
      readonly database: Sql
      readonly clock: () => Date
      /** `counted`: nobody is named. */
      readonly audit: 'named' | 'counted' | 'off'
      readonly buffer: WriteBuffer<DownloadRow>
    },
  ) {}

  /** @param isPart a range was asked for, or the bytes are shown within a page, which happens again and again */
  note(download: Download, isPart: boolean): void {
    const { audit, clock, buffer } = this.options
    if (audit === 'off') return
    const now = clock()
    const { sha256, ...row } = download
    const key = JSON.stringify([row.userId, row.productId, row.part, row.fileId, sha256])
    if (isPart && this.#recent.has(key, now)) return
    this.#recent.note(key, now)
    buffer.add({ ...row, userId: audit === 'named' ? row.userId : null, at: now.toISOString() })
  }

  /** Counts that are at most a minute old; null when downloads are not counted. */
  async counts(productId: number): Promise<DownloadCounts | null> {
    const { audit, database, clock } = this.options
    if (audit === 'off') return null
    const now = clock().getTime()
    const known = this.#counts.get(productId)
    if (known !== undefined && now - known.at < FRESH) return known.counts
    const [row] = await database.query<{ times: string; people: string }>(
      'select count(*) as times, count(distinct user_id) as people from audit.downloads where product_id = $1',
      [productId],
    )
    const counts = { times: Number(row?.times ?? 0), people: audit === 'named' ? Number(row?.people ?? 0) : null }
    if (this.#counts.size >= MOST_PRODUCTS) this.#counts.clear()
    this.#counts.set(productId, { counts, at: now })
    return counts
  }

  /** The rows are in the database: what was counted without them is forgotten. */
  written(rows: readonly DownloadRow[]): void {
    for (const { productId } of rows) this.#counts.delete(productId)
  }
}

/** An account that has gone meanwhile leaves its download without a person. */
export async function writeDownloads(database: Sql, rows: readonly DownloadRow[]): Promise<void> {
  await database.query(
    `insert into audit.downloads (product_id, part, file_id, file_name, user_id, via, at)
     select r."productId", r.part, r."fileId", r."fileName", u.id, r.via, r.at
     from json_to_recordset($1::text::json) as r("productId" integer, part text, "fileId" integer, "fileName" text,
       "userId" integer, via text, at timestamptz, place integer)
     left join accounts.users u on u.id = r."userId" order by r.place`,
    [JSON.stringify(rows.map((row, place) => ({ ...row, place })))],
  )
}
