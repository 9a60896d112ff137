import type { AppContext } from '../context.ts'
import { storedBytes } from '../projections/files/stored.ts'

/** A file does not fit into what a person may store; nothing of it was kept. */
export class QuotaExceeded extends Error {
  readonly code = 'quota_exceeded'

  /** @param wanted bytes of the file; null: there is no room for any */
  constructor(
    readonly used: number,
    readonly quota: number,
    readonly wanted: number | null,
  ) {
    const what = wanted === null ? 'no more fits' : `${bytesInWords(wanted)} more do not fit`
    super(
      `${bytesInWords(used)} of ${bytesInWords(quota)} are used for files of yours, so ${what}. Files that were replaced or ` +
        'deleted count until an administrator destroys them: ask one for that, or for more room.',
    )
    this.name = 'QuotaExceeded'
  }
}

/** What a person stores, and the most that they may (bytes); null: no limit. */
export interface Room {
  readonly used: number
  readonly quota: number | null
}

export async function roomOf(context: AppContext, userId: number): Promise<Room> {
  const { personQuota: quota } = context.config
  return { used: await storedBytes(context.database, userId), quota }
}

/**
 * Refuses what does not fit into the room of a person. Uploads at the same moment do not see one another, so the quota is kept
 * to within those that are under way.
 * @param bytes of what is to come; 0 when nobody knows, then there only has to be some room
 * @throws QuotaExceeded
 */
export async function requireRoom(context: AppContext, userId: number, bytes: number): Promise<void> {
  if (context.config.personQuota === null) return
  const { used, quota } = await roomOf(context, userId)
  if (quota !== null && used + Math.max(1, bytes) > quota) throw new QuotaExceeded(used, quota, bytes || null)
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const

/** `1.5 GB`: decimal, as disks and the web pages count. */
function bytesInWords(bytes: number): string {
  const unit = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3))
  return `${Number((bytes / 1000 ** unit).toFixed(1))} ${UNITS[unit]}`
}
