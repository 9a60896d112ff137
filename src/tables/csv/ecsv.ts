import { parseDocument } from 'yaml'
import { type ColumnType, TableError } from '../table.ts'

/** A column as an ECSV header declares it. */
export interface DeclaredColumn {
  readonly name: string
  readonly type: ColumnType
  readonly nativeType: string
  readonly unit: string | null
  readonly description: string | null
  readonly ucd: string | null
}

export interface EcsvHeader {
  readonly delimiter: ',' | ' '
  readonly columns: readonly DeclaredColumn[]
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
 * The YAML header of an Enhanced CSV file (Astropy APE 6): types, units and descriptions.
 * @param text the beginning of the file, which starts with `# %ECSV`.
 * @throws TableError malformed
 */
export function readEcsvHeader(text: string): EcsvHeader {
  const yaml: string[] = []
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (!line.startsWith('#')) break
    if (!line.startsWith('# %ECSV')) yaml.push(line.replace(/^# ?/, ''))
  }
  const document = parseDocument(yaml.join('\n'), { logLevel: 'silent' })
  if (document.errors.length > 0) {
    throw new TableError('malformed', `The ECSV header is not valid YAML: ${document.errors[0]!.message}`)
  }
  const header: unknown = document.toJS({ maxAliasCount: 0 })
  const datatype = isRecord(header) ? header.datatype : null
  if (!isRecord(header) || !Array.isArray(datatype)) {
    throw new TableError('malformed', 'The ECSV header has no list "datatype" of columns.')
  }
  return { delimiter: header.delimiter === ',' ? ',' : ' ', columns: datatype.map(declaredColumn) }
}

function declaredColumn(column: unknown, index: number): DeclaredColumn {
  if (!isRecord(column) || typeof column.name !== 'string' || typeof column.datatype !== 'string') {
    throw new TableError('malformed', `Column ${index + 1} of the ECSV header lacks a name or a datatype.`)
  }
  const type = TYPES[column.datatype]
  if (!type) {
    throw new TableError(
      'unsupported',
      `Column ${column.name} has the ECSV datatype "${column.datatype}", which we do not read.`,
    )
  }
  const subtype = typeof column.subtype === 'string' ? column.subtype : null
  const nested = subtype !== null && type === 'string' && (subtype === 'json' || subtype.includes('['))
  const meta = isRecord(column.meta) ? column.meta : {}
  return {
    name: column.name,
    type: nested ? 'array' : type,
    nativeType: subtype ? `${column.datatype} (${subtype})` : column.datatype,
    unit: textOf(column.unit),
    description: textOf(column.description),
    ucd: textOf(meta.ucd),
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
