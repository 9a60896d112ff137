import type { Child } from 'hono/jsx'
import { bytes } from '../format.ts'

/** A file of a product. */
export interface FileEntry {
  readonly id: number
  readonly name: string
  readonly role: 'main' | 'description' | 'auxiliary'
  /** Size in bytes. */
  readonly size: number
  readonly href: string
  readonly sha256: string
  /** What else to say: a warning about a pickle, "3 versions". */
  readonly note?: Child
}

/** Files with their sizes; each name downloads that file. */
export const FileList = ({ files }: { files: readonly FileEntry[] }) => (
  <ul class="files">
    {files.map((file) => (
      <li>
        <a href={file.href} title={`sha-256 ${file.sha256}`}>
          {file.name}
        </a>
        <span>
          {bytes(file.size)}
          {file.role === 'auxiliary' ? null : ` · ${file.role}`}
        </span>
        {file.note ? <div class="note">{file.note}</div> : null}
      </li>
    ))}
  </ul>
)
