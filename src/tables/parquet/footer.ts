import { type FileMetaData, parquetMetadataAsync } from 'hyparquet'
import type { RandomAccessFile } from '../random-access-file.ts'
import { TableError } from '../table.ts'

/** What the footer of a Parquet file says. */
export interface Footer {
  readonly rows: number
  readonly metadata: FileMetaData
  /** The key-value metadata, e.g. `IVOA.VOTable-Parquet.content`, `pandas`. */
  readonly keyValues: ReadonlyMap<string, string>
  /** Where the key of the writer's Arrow schema lies in the file; null when there is none. */
  readonly arrowSchemaKey: number | null
}

/** The key under which Arrow writers keep the types that they had in memory. */
export const ARROW_SCHEMA = 'ARROW:schema'
/** The key as Thrift's compact protocol writes it: field 1, binary, its length. */
const ARROW_SCHEMA_KEY = Buffer.concat([Buffer.from([0x18, ARROW_SCHEMA.length]), Buffer.from(ARROW_SCHEMA)])

/** A footer longer than this (a million column chunks) is not read. */
const MAX_FOOTER_BYTES = 128 * 1024 * 1024
const TAIL_BYTES = 8

/**
 * Reads the footer of a Parquet file, without its values.
 *
 * @throws TableError not_a_table (no Parquet), malformed (cut off), unsupported (encrypted)
 */
export async function readFooter(file: RandomAccessFile, fileName: string): Promise<Footer> {
  const head = magic(file, 0)
  const tail = magic(file, file.size - 4)
  if (head === 'PARE' || tail === 'PARE') throw encrypted(fileName)
  if (head !== 'PAR1')
    throw new TableError('not_a_table', `${fileName} is not a Parquet file: it does not begin with PAR1.`)
  if (tail !== 'PAR1' || file.size < TAIL_BYTES + 4) {
    throw new TableError('malformed', `${fileName} is cut off: a Parquet file ends with PAR1. Please upload it again.`)
  }
  const length = new DataView(file.slice(file.size - TAIL_BYTES, 4).buffer).getUint32(0, true)
  if (length > file.size - TAIL_BYTES - 4) {
    throw new TableError(
      'malformed',
      `${fileName} is damaged: its footer claims ${length} bytes, more than the file has.`,
    )
  }
  if (length > MAX_FOOTER_BYTES) {
    throw new TableError('too_large', `${fileName}: the Parquet footer of ${length} bytes is too long to be read.`)
  }
  const metadata = await parseFooter(file, fileName)
  const isEncrypted = metadata.row_groups.some((group) =>
    group.columns.some((column) => column.crypto_metadata !== undefined),
  )
  if (isEncrypted) throw encrypted(fileName)
  const rows = Number(metadata.num_rows)
  const inGroups = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0)
  if (!Number.isSafeInteger(rows) || rows < 0 || rows !== inGroups) {
    throw new TableError(
      'malformed',
      `${fileName} is damaged: its footer claims ${rows} rows, its row groups ${inGroups}.`,
    )
  }
  const keyValues = new Map((metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value ?? '']))
  const footerStart = file.size - TAIL_BYTES - length
  const key = Buffer.from(file.slice(footerStart, length)).lastIndexOf(ARROW_SCHEMA_KEY)
  return { rows, metadata, keyValues, arrowSchemaKey: key < 0 ? null : footerStart + key + 2 }
}

function magic(file: RandomAccessFile, position: number): string {
  return position < 0 ? '' : new TextDecoder('latin1').decode(file.slice(position, 4))
}

async function parseFooter(file: RandomAccessFile, fileName: string): Promise<FileMetaData> {
  const slice = (start: number, end = file.size): ArrayBuffer => {
    const bytes = file.slice(start, end - start)
    const copy = new ArrayBuffer(bytes.length)
    new Uint8Array(copy).set(bytes)
    return copy
  }
  try {
    return await parquetMetadataAsync({ byteLength: file.size, slice }, { geoparquet: false })
  } catch (error) {
    throw new TableError('malformed', `${fileName}: the Parquet footer cannot be read (${String(error)}).`)
  }
}

function encrypted(fileName: string): TableError {
  return new TableError('unsupported', `${fileName} is an encrypted Parquet file. Please upload it without encryption.`)
}
