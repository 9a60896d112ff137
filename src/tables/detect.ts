import { open } from 'node:fs/promises'
import { TableError, type TableFormat, type TableSource } from './table.ts'

/** What a file holds, by its bytes: a table format, an archive, or something named that is neither. `foreign` is a table for all that. */
export type Content =
  | { readonly kind: 'table'; readonly format: TableFormat }
  | { readonly kind: 'archive'; readonly name: string }
  | { readonly kind: 'other'; readonly name: string; readonly foreign?: true }

const HEAD_BYTES = 64 * 1024

const FORMAT_NAMES: Record<TableFormat, string> = {
  csv: 'delimited text',
  fits: 'FITS',
  hats: 'a HATS catalog',
  hdf5: 'HDF5',
  parquet: 'Parquet',
  votable: 'VOTable',
}

const EXTENSIONS: Record<string, TableFormat> = {
  csv: 'csv',
  tsv: 'csv',
  tab: 'csv',
  ecsv: 'csv',
  txt: 'csv',
  fits: 'fits',
  fit: 'fits',
  fts: 'fits',
  h5: 'hdf5',
  hf5: 'hdf5',
  hdf5: 'hdf5',
  hdf: 'hdf5',
  parquet: 'parquet',
  parq: 'parquet',
  pq: 'parquet',
  vot: 'votable',
  vo: 'votable',
  votable: 'votable',
}
const ARCHIVE_EXTENSIONS = new Set(['zip', 'gz', 'tgz', 'tar', 'bz2', 'xz', 'zst', '7z', 'rar'])

/** Beginnings of files that are neither tables nor text. */
const SIGNATURES: readonly (readonly [bytes: string, name: string, kind: 'archive' | 'other'])[] = [
  ['\x1f\x8b', 'gzip', 'archive'],
  ['PK\x03\x04', 'zip', 'archive'],
  ['PK\x05\x06', 'zip', 'archive'],
  ['BZh', 'bzip2', 'archive'],
  ['\xfd7zXZ\0', 'xz', 'archive'],
  ['\x28\xb5\x2f\xfd', 'zstd', 'archive'],
  ['7z\xbc\xaf\x27\x1c', '7-Zip', 'archive'],
  ['Rar!\x1a\x07', 'RAR', 'archive'],
  ['%PDF-', 'a PDF document', 'other'],
  ['\x89PNG\r\n\x1a\n', 'a PNG image', 'other'],
  ['\xff\xd8\xff', 'a JPEG image', 'other'],
  ['GIF8', 'a GIF image', 'other'],
  ['II*\0', 'a TIFF image', 'other'],
  ['MM\0*', 'a TIFF image', 'other'],
  ['SQLite format 3\0', 'an SQLite database', 'other'],
  ['\x93NUMPY', 'a NumPy array', 'other'],
  ['ARROW1', 'an Arrow file', 'other'],
  ['ORC', 'an ORC file', 'other'],
  ['\xd0\xcf\x11\xe0', 'an old Office document', 'other'],
  ['\x7fELF', 'a program', 'other'],
  ['MZ', 'a program', 'other'],
]

/** Tables for people and papers: texts that are not delimited, so that their lines would be cut at the wrong places. */
const FOREIGN_TABLES: readonly (readonly [text: RegExp, name: string])[] = [
  [/^[ \t]*Byte-by-byte Description/m, 'a machine-readable table of the AAS or CDS'],
  [
    /^[ \t]*\\(documentclass\b|begin\{(document|table|tabular|deluxetable|longtable|longtab)\*?\})/m,
    'a LaTeX document or table',
  ],
  // Lines of names, types, units and nulls between bars, then rows without any.
  [/^(?:\\.*\r?\n)*(?:\|[^\r\n]*\|[ \t]*\r?\n){1,4}[ ][^|\r\n]*(?:\r?\n|$)/, 'an IPAC table'],
  [/^\[EOD\][ \t]*\r?$/m, 'a TST table'],
  [/^# This TST file /m, 'a TST table'],
  [/^-+(?:\t-+)*\t-{4,}(?:\t-+)*\r?$/m, 'a TST table'],
  [/^\+-+(?:\+-+)*\+[ \t]*\r?$/m, 'a table drawn with lines'],
  [/^={2,}(?: +=+)+[ \t]*\r?$/m, 'a reStructuredText table'],
]

/**
 * The content of a file by its bytes, whatever it is called. A zip of a HATS catalog is a table.
 * @throws TableError empty, malformed, unsupported, unsafe_archive
 */
export async function detectContent({ path, fileName }: TableSource): Promise<Content> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    if (size === 0) throw new TableError('empty', 'The file is empty (0 bytes).')
    const head = Buffer.alloc(Math.min(HEAD_BYTES, size))
    await file.read(head, 0, head.length, 0)
    const tail = Buffer.alloc(Math.min(4, size))
    await file.read(tail, 0, tail.length, size - tail.length)
    const content = contentOf(head, tail)
    if (content.kind !== 'archive' || content.name !== 'zip') return content
    return (await holdsHats({ path, fileName })) ? table('hats') : content
  } finally {
    await file.close()
  }
}

/** Loaded for zips alone. */
async function holdsHats(source: TableSource): Promise<boolean> {
  const { memberNames } = await import('./archive/stored-members.ts')
  const { namesOfHats } = await import('./hats/zipped-hats.ts')
  return namesOfHats(await memberNames(source))
}

/**
 * The format of a table, by its bytes; the extension must agree.
 * @throws TableError not_a_table, extension_lies, empty, malformed; unsupported for an archive, which must be unpacked first
 */
export async function detectFormat(source: TableSource): Promise<TableFormat> {
  const content = await detectContent(source)
  const extension = extensionOf(source.fileName)
  const promised = EXTENSIONS[extension]
  if (content.kind === 'table') {
    if (promised && promised !== content.format) throw lies(source, extension, promised, FORMAT_NAMES[content.format])
    if (content.format === 'hats' ? extension !== 'zip' : ARCHIVE_EXTENSIONS.has(extension)) {
      throw new TableError(
        'extension_lies',
        content.format === 'hats'
          ? `${source.fileName} is a zip of a HATS catalog. Please let its name end in .zip.`
          : `${source.fileName} ends in .${extension}, as an archive does, but holds ${FORMAT_NAMES[content.format]}. Please rename it.`,
      )
    }
    return content.format
  }
  if (content.kind === 'archive') {
    if (promised) throw lies(source, extension, promised, `a ${content.name} archive`)
    throw new TableError('unsupported', `${source.fileName} is a ${content.name} archive; it must be unpacked first.`)
  }
  if (content.foreign) {
    throw new TableError(
      'unsupported',
      `${source.fileName} is ${content.name}, which we cannot read. Please save it as CSV or FITS, for example with astropy or TOPCAT.`,
    )
  }
  // A .txt file may be any text; every other extension promised something else.
  if (promised && extension !== 'txt') throw lies(source, extension, promised, content.name)
  throw new TableError(
    'not_a_table',
    `${source.fileName} is ${content.name}, not a table. Please provide CSV, FITS, HDF5, Parquet or VOTable.`,
  )
}

/** The last part of a file name after a dot, in small letters; empty when there is none. */
export function extensionOf(fileName: string): string {
  return /\.([^./\\]+)$/.exec(fileName)?.[1]?.toLowerCase() ?? ''
}

function lies(source: TableSource, extension: string, promised: TableFormat, content: string): TableError {
  return new TableError(
    'extension_lies',
    `${source.fileName} ends in .${extension}, which stands for ${FORMAT_NAMES[promised]}, but the file holds ${content}. ` +
      'Please give it the right extension.',
  )
}

function contentOf(head: Buffer, tail: Buffer): Content {
  const start = head.toString('latin1', 0, 4096)
  if (start.startsWith('PAR1') || start.startsWith('PARE')) {
    if (tail.toString('latin1') !== start.slice(0, 4)) {
      throw new TableError(
        'malformed',
        'The file begins like Parquet but does not end like it: it is cut off or damaged.',
      )
    }
    return table('parquet')
  }
  if (start.startsWith('SIMPLE  =')) return table('fits')
  // HDF5 may be preceded by a block of 512, 1024, … bytes of the user's own.
  for (let at = 0; at < head.length; at = at === 0 ? 512 : at * 2) {
    if (head.toString('latin1', at, at + 8) === '\x89HDF\r\n\x1a\n') return table('hdf5')
  }
  for (const [bytes, name, kind] of SIGNATURES) if (start.startsWith(bytes)) return { kind, name }
  if (head.toString('latin1', 257, 262) === 'ustar') return { kind: 'archive', name: 'tar' }
  if (isPickle(head)) return other('a Python pickle (which may run programs when it is opened)')
  const wide = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)
  if (!wide && isBinary(head)) return other('binary data of no format that we know')
  const content = textContent(wide ? wideText(head) : head.toString('utf8'))
  if (wide && content.kind === 'table' && content.format === 'votable') {
    throw new TableError('unsupported', 'The VOTable is encoded as UTF-16; please save it as UTF-8.')
  }
  return content
}

function wideText(head: Buffer): string {
  return new TextDecoder(head[0] === 0xff ? 'utf-16le' : 'utf-16be').decode(head)
}

function textContent(head: string): Content {
  const text = head.replace(/^\ufeff/, '').trimStart()
  if (text.startsWith('<')) {
    if (/<(?:[\w.-]+:)?VOTABLE[\s>]/.test(text)) return table('votable')
    if (/^<(!doctype\s+html|html|head|body|script|div|p)\b/i.test(text)) return other('an HTML page')
    if (/^<\?xml|^<!--|^<[A-Za-z][\w:.-]*[\s>/]/.test(text)) return other('an XML document without a VOTABLE element')
  }
  if (text.startsWith('{') && /^\{\s*("|\}|$)/.test(text)) {
    return other(/"(nbformat|cells)"\s*:/.test(text) ? 'a Jupyter notebook' : 'a JSON document')
  }
  if (/^\[\s*(\{|\[|")/.test(text)) return other('a JSON document')
  if (text.startsWith('#!')) return other('a script')
  if (text.startsWith('{\\rtf')) return other('an RTF document')
  // A text pickle (protocol 0) of an object begins with its module and class on lines of their own.
  if (/^(c[\w.]+\n\w+\n|\(dp0\n|\(lp0\n)/.test(text))
    return other('a Python pickle (which may run programs when it is opened)')
  const foreign = FOREIGN_TABLES.find(([pattern]) => pattern.test(text))
  if (foreign !== undefined) return { kind: 'other', name: foreign[1], foreign: true }
  return table('csv')
}

/** Pickle protocols 2 to 5: PROTO, the version, then an opcode that may follow. */
function isPickle(head: Buffer): boolean {
  return head[0] === 0x80 && head[1]! >= 2 && head[1]! <= 5
}

/**
 * Text has no NUL, and hardly any control characters but tabs and line ends: 1 in 100, in a small file up to three. The one
 * that ends a text of DOS does not count.
 */
function isBinary(head: Buffer): boolean {
  const bytes = head.at(-1) === 0x1a ? head.subarray(0, -1) : head
  let controls = 0
  for (const byte of bytes) {
    if (byte === 0) return true
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0x0c) controls++
  }
  return controls > Math.max(bytes.length / 100, Math.min(3, bytes.length / 8))
}

function table(format: TableFormat): Content {
  return { kind: 'table', format }
}

function other(name: string): Content {
  return { kind: 'other', name }
}
