import { promisify } from 'node:util'
import { createGunzip } from 'node:zlib'
import { type Entry, getFileNameLowLevel, open, type ZipFile } from 'yauzl'
import { TableError, type TableLimits, type TableSource } from '../table.ts'
import { checkUnpacked, writeBounded } from './bounded-writer.ts'

const MAX_ENTRIES = 10_000
const MAX_DIRECTORY_BYTES = 1_000_000
const LISTED_NAMES = 20

/** The extensions of tables. */
const TABULAR = /\.(csv|tsv|txt|dat|ascii|ecsv|fits|fit|h5|hf5|hdf5|hdf|parquet|parq|pq|vo|vot|votable|xml)(\.gz)?$/i
/** Texts about a table. */
const ABOUT = /(^|\/)(read_?me|licen[cs]e|copying|citation|changes|changelog|notice|authors)([-_. ][^/]*)?\.txt$/i

/** A file in a zip. */
export interface Member {
  readonly name: string
  readonly entry: Entry
}

/**
 * Unpacks the only table of a zip to a file.
 *
 * @throws TableError unsafe_archive, not_a_table (none, or several), malformed, unsupported (method)
 */
export async function unpackZip(source: TableSource, packedBytes: number, limits: TableLimits, writeTo: string) {
  const zip = await openZip(source)
  try {
    const members = await readMembers(zip, source.fileName)
    const budget = { fileName: source.fileName, packedBytes, unpackedBytes: limits.unpackedBytes }
    checkUnpacked(
      members.reduce((sum, { entry }) => sum + entry.uncompressedSize, 0),
      budget,
    )
    const table = onlyTable(members, source.fileName)
    const size = await extract(zip, table, writeTo, budget)
    return {
      fileName: baseName(table.name).replace(GZIPPED, ''),
      path: writeTo,
      size,
      members: members.map(({ name }) => name),
    }
  } finally {
    zip.close()
  }
}

/** The caller closes it. @throws TableError malformed when it is no whole zip file */
export async function openZip({ path, fileName }: TableSource): Promise<ZipFile> {
  try {
    return await promisify<string, object, ZipFile>(open)(path, {
      lazyEntries: true,
      autoClose: false,
      decodeStrings: false,
      validateEntrySizes: true,
    })
  } catch (error) {
    throw damaged(fileName, error)
  }
}

function damaged(fileName: string, error: unknown): TableError {
  const reason = error instanceof Error ? error.message : String(error)
  return new TableError('malformed', `${fileName}: the zip file is damaged or cut off (${reason}).`)
}

/** The files of the zip; directories and the litter of macOS are left out. */
export async function readMembers(zip: ZipFile, fileName: string): Promise<Member[]> {
  if (zip.entryCount > MAX_ENTRIES) {
    throw new TableError(
      'unsafe_archive',
      `${fileName} holds ${zip.entryCount} files; at most ${MAX_ENTRIES} are allowed.`,
    )
  }
  const entries = await allEntries(zip, fileName)
  const members: Member[] = []
  const seen = new Set<string>()
  let directoryBytes = 0
  for (const entry of entries) {
    directoryBytes += 46 + entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength
    if (directoryBytes > MAX_DIRECTORY_BYTES) {
      throw new TableError(
        'unsafe_archive',
        `${fileName}: the directory of the zip is larger than ${MAX_DIRECTORY_BYTES} bytes.`,
      )
    }
    const name = memberName(entry)
    const reason = refusal(name, entry, seen)
    if (reason !== null) {
      throw new TableError('unsafe_archive', `${fileName}: the member ${JSON.stringify(name)} ${reason}.`)
    }
    seen.add(sameName(name))
    if (!name.endsWith('/') && !isLitter(name)) members.push({ name, entry })
  }
  return members
}

function memberName(entry: Entry): string {
  // Without decodeStrings the raw bytes are kept, also of names that are not allowed.
  return getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, true)
}

function allEntries(zip: ZipFile, fileName: string): Promise<Entry[]> {
  return new Promise((resolve, reject) => {
    const entries: Entry[] = []
    zip.on('entry', (entry: Entry) => {
      entries.push(entry)
      if (entries.length > MAX_ENTRIES) {
        reject(new TableError('unsafe_archive', `${fileName} holds more than ${MAX_ENTRIES} files.`))
      } else zip.readEntry()
    })
    zip.once('end', () => resolve(entries))
    zip.once('error', (error: unknown) => reject(damaged(fileName, error)))
    zip.readEntry()
  })
}

const SYMBOLIC_LINK = 0o120000
const FILE_TYPE = 0o170000

/** Why a member makes us refuse the whole zip; null when it is harmless. */
function refusal(name: string, entry: Entry, seen: ReadonlySet<string>): string | null {
  if (name.includes('\0')) return 'has a NUL in its name'
  if (/^([/\\]|[a-z]:)/i.test(name)) return 'has an absolute path'
  if (name.split(/[/\\]/).includes('..')) return 'has ".." in its path'
  if (((entry.externalFileAttributes >>> 16) & FILE_TYPE) === SYMBOLIC_LINK) return 'is a symbolic link'
  if (seen.has(sameName(name))) return 'is there twice'
  if ((entry.generalPurposeBitFlag & 1) !== 0) return 'is encrypted'
  return null
}

/** Names that some file systems take for the same. */
function sameName(name: string): string {
  return name.normalize('NFC').toLowerCase()
}

function isLitter(name: string): boolean {
  return name.startsWith('__MACOSX/') || /(^|\/)(\.DS_Store|Thumbs\.db|\._[^/]*)$/.test(name)
}

function onlyTable(members: readonly Member[], fileName: string): Member {
  const tabular = members.filter(({ name }) => TABULAR.test(name))
  const data = tabular.filter(({ name }) => !ABOUT.test(name))
  const candidates = tabular.length === 0 && members.length === 1 ? members : data.length > 0 ? data : tabular
  const [table] = candidates
  if (table !== undefined && candidates.length === 1) return table
  const names = (candidates.length > 1 ? candidates : members).map(({ name }) => name)
  const listed = names.slice(0, LISTED_NAMES).join(', ') + (names.length > LISTED_NAMES ? ', …' : '')
  const found =
    candidates.length > 1
      ? `${candidates.length} tables: ${listed}`
      : listed === ''
        ? 'no file'
        : `no table, but ${listed}`
  throw new TableError(
    'not_a_table',
    `Please provide your data as a single table in one of the supported formats; ${fileName} holds ${found}.`,
  )
}

/** A table that is packed once more: it comes out with the zip. */
const GZIPPED = /\.gz$/i

async function extract(
  zip: ZipFile,
  { name, entry }: Member,
  writeTo: string,
  budget: Parameters<typeof writeBounded>[3],
) {
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) {
    throw new TableError(
      'unsupported',
      `${budget.fileName}: "${name}" is compressed with a method (${entry.compressionMethod}) that we cannot read. Please use the usual one (deflate).`,
    )
  }
  try {
    const stream = await promisify(zip.openReadStream.bind(zip))(entry)
    return await writeBounded(stream, GZIPPED.test(name) ? [createGunzip()] : [], writeTo, budget)
  } catch (error) {
    throw error instanceof TableError ? error : damaged(budget.fileName, error)
  }
}

function baseName(name: string): string {
  return name.split(/[/\\]/).at(-1) ?? name
}
