import { type FileHandle, open, rm } from 'node:fs/promises'

/** A file that is being written, from its beginning or at any place. */
export class OutputFile {
  /** Where `append` goes on. */
  position = 0

  private constructor(private readonly handle: FileHandle) {}

  /** Writes a file with `write`; when that fails, nothing is left of it. An existing file is replaced. */
  static async write(path: string, write: (file: OutputFile) => Promise<void>): Promise<void> {
    const handle = await open(path, 'w')
    try {
      await write(new OutputFile(handle))
      await handle.close()
    } catch (error) {
      await handle.close()
      await rm(path, { force: true })
      throw error
    }
  }

  async append(bytes: Uint8Array): Promise<void> {
    await this.writeAt(bytes, this.position)
    this.position += bytes.length
  }

  async writeAt(bytes: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.handle.write(bytes, done, bytes.length - done, position + done)
      done += bytesWritten
    }
  }
}
