/** A file's content, named by its SHA-256 (64 lower-case hex digits). */
export interface Blob {
  readonly sha256: string
  /** Bytes. */
  readonly size: number
}

/** Bytes that have arrived but do not belong to anything yet: keep them or they are gone. */
export interface TemporaryBlob extends Blob {
  /** Where the bytes lie for the moment, for inspection. */
  readonly path: string
  /** Makes the blob permanent: file fsynced, renamed, directory fsynced. Cheap when the same bytes are kept already. */
  keep(): Promise<Blob>
  /** Forgets the bytes; does nothing after `keep`. */
  discard(): Promise<void>
}

/**
 * Content-addressed files. The order of an upload is: receive, inspect, keep, and only then append the event, so that no
 * event ever names bytes that are not on disk.
 */
export interface BlobStore {
  /** @throws when the store cannot be used now */
  check(): Promise<void>
  /** Streams to a temporary file while hashing. @throws BlobTooLarge past `limit` bytes, DiskFull; nothing stays behind then. */
  receive(
    source: AsyncIterable<Uint8Array>,
    options?: { readonly limit?: number; readonly signal?: AbortSignal },
  ): Promise<TemporaryBlob>
  has(sha256: string): Promise<boolean>
  size(sha256: string): Promise<number>
  /** All bytes, or those from `start` to `end`, both included. @throws BlobMissing */
  read(sha256: string, range?: { readonly start: number; readonly end: number }): AsyncIterable<Uint8Array>
  /** A path on this machine that holds the bytes, for programs that read files; never handed to a client. */
  path(sha256: string): Promise<string>
  list(): AsyncIterable<Blob>
  /** Only for an explicit purge. */
  remove(sha256: string): Promise<void>
}
