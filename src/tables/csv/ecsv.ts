import { parse } from 'yaml'
import {
  type AstropyMetadata,
  astropyMetadata,
  type ColumnMetadata,
  maskNotes,
  NO_METADATA,
} from '../column-metadata.ts'
import { type ColumnType, TableError } from '../table.ts'

/** A column as an ECSV header declares it. */
export interface DeclaredColumn extends ColumnMetadata {
  readonly name: string
  readonly type: ColumnType
  readonly nativeType: string
}

export interface EcsvHeader {
  readonly delimiter: ',' | ' '
  readonly columns: readonly DeclaredColumn[]
  /** For the names of masked columns, those of the columns of truth values that say where they have no value. */
  readonly masks: ReadonlyMap<string, string>
  readonly notes: readonly string[]
}

const TYPES: Record<string, ColumnType> = {
  bool: 'bool',
  int8: 'int8',
  int16: 'int16',
  int32: 'int32',
  int64: 'int64',
  uint8: 'uint8',
  uint16: 'uint16',
  uint32: 'uint32',
  uint64: 'uint64',
  float16: 'float32',
  float32: 'float32',
  float64: 'float64',
  float128: 'float64',
  string: 'string',
}

/** Whether a file that begins with this text says that it is Enhanced CSV. */
export function isEcsv(text: string): boolean {
  return /^# %ECSV /.test(text)
}

/**
 * The YAML header of an Enhanced CSV file (Astropy APE 6): types, units, descriptions and masks.
 * @param text the beginning of the file, which starts with `# %ECSV`.
 * @throws TableError malformed
 */
export function readEcsvHeader(text: string): EcsvHeader {
  const yaml: string[] = []
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (!line.startsWith('#')) break
    if (!line.startsWith('# %ECSV')) yaml.push(line.replace(/^# ?/, ''))
  }
  const header = parsedHeader(yaml.join('\n'))
  const datatype = isRecord(header) ? header.datatype : null
  if (!isRecord(header) || !Array.isArray(datatype)) {
    throw new TableError('malformed', 'The ECSV header has no list "datatype" of columns.')
  }
  const astropy = astropyMetadata(yaml.join('\n'))
  const columns = datatype.map((column, index) => declaredColumn(column, index, astropy))
  const truths = new Set(columns.filter(({ type }) => type === 'bool').map(({ name }) => name))
  const unknown = columns.filter(({ nativeType }) => TYPES[nativeType.replace(/ .*/, '')] === undefined)
  return {
    delimiter: header.delimiter === ',' ? ',' : ' ',
    columns,
    masks: new Map([...astropy.masks].filter(([, mask]) => truths.has(mask))),
    notes: [
      ...unknown.map(
        ({ name, nativeType }) => `The values of "${name}" (${nativeType}) are shown as they are written.`,
      ),
      ...maskNotes(
        columns.filter(({ name }) => !truths.has(name)),
        astropy.masks,
      ),
    ],
  }
}

/** @throws TableError malformed */
function parsedHeader(yaml: string): unknown {
  try {
    return parse(yaml, { logLevel: 'silent', maxAliasCount: 100 })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new TableError('malformed', `The ECSV header is not valid YAML: ${reason}`)
  }
}

function declaredColumn(column: unknown, index: number, astropy: AstropyMetadata): DeclaredColumn {
  if (!isRecord(column) || typeof column.name !== 'string' || typeof column.datatype !== 'string') {
    throw new TableError('malformed', `Column ${index + 1} of the ECSV header lacks a name or a datatype.`)
  }
  // Complex numbers, and what a later ECSV may declare, are texts to us.
  const type = TYPES[column.datatype] ?? 'string'
  const subtype = typeof column.subtype === 'string' ? column.subtype : null
  const nested = subtype !== null && type === 'string' && (subtype === 'json' || subtype.includes('['))
  return {
    ...(astropy.columns.get(column.name.trim()) ?? NO_METADATA),
    name: column.name,
    type: nested ? 'array' : type,
    nativeType: subtype ? `${column.datatype} (${subtype})` : column.datatype,
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
