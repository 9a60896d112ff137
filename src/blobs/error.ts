/** The bytes are more than allowed; nothing of them was kept. */
export class BlobTooLarge extends Error {
  readonly code = 'blob_too_large'

  /** @param limit bytes */
  constructor(readonly limit: number) {
    super(`The file is larger than the limit of ${readableSize(limit)} (${limit} bytes).`)
    this.name = 'BlobTooLarge'
  }
}

/** The store does not hold these bytes. */
export class BlobMissing extends Error {
  readonly code = 'blob_missing'

  constructor(readonly sha256: string) {
    super(`The store holds no bytes with SHA-256 ${sha256}.`)
    this.name = 'BlobMissing'
  }
}

/** The disk is full, or so nearly that the event log would be next. Nothing of the file was kept. */
export class DiskFull extends Error {
  readonly code = 'disk_full'

  constructor(options?: ErrorOptions) {
    super('The disk of the server is full. Nothing was stored; please tell the administrators.', options)
    this.name = 'DiskFull'
  }
}

/** The place where files are kept does not answer, or not as it should. Trying again later may help. */
export class BlobStoreUnavailable extends Error {
  readonly code = 'blob_store_unavailable'

  /** @param reason for the log and the administrators */
  constructor(reason: string, options?: ErrorOptions) {
    super(`The store of files cannot be used: ${reason}.`, options)
    this.name = 'BlobStoreUnavailable'
  }
}

/** `200 MB` (decimal, as disks and the web pages count). */
function readableSize(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${Number(value.toFixed(1))} ${units[unit]}`
}
