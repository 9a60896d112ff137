import type { ColumnSpec, OutputType, TableMetadata } from './output-table.ts'

/** How a column is described in a VOTable. */
export interface VotableType {
  readonly datatype: 'boolean' | 'unsignedByte' | 'short' | 'int' | 'long' | 'float' | 'double' | 'char' | 'unicodeChar'
  readonly arraysize: string | null
}

const scalar = (datatype: VotableType['datatype']): VotableType => ({ datatype, arraysize: null })
const text = (datatype: VotableType['datatype']): VotableType => ({ datatype, arraysize: '*' })

/** VOTable has no signed bytes and no unsigned integers but bytes: they take the next wider type, 64 unsigned bits are text. */
export function votableType(type: OutputType, ascii = true): VotableType {
  switch (type) {
    case 'bool':
      return scalar('boolean')
    case 'uint8':
      return scalar('unsignedByte')
    case 'int8':
    case 'int16':
      return scalar('short')
    case 'uint16':
    case 'int32':
      return scalar('int')
    case 'uint32':
    case 'int64':
      return scalar('long')
    case 'float32':
      return scalar('float')
    case 'float64':
      return scalar('double')
    case 'uint64':
      return text('char')
    case 'string':
      return text(ascii ? 'char' : 'unicodeChar')
  }
}

/** A VOTable up to its data: what the table says about itself, and its FIELDs. `</TABLE>` and so on are the caller's. */
export function votableHead(
  columns: readonly ColumnSpec[],
  types: readonly VotableType[],
  metadata: TableMetadata,
  rows: number | null,
): string {
  const { title, description, dataOrigin = {} } = metadata
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    '<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">\n',
    '<RESOURCE type="results">\n',
    ...Object.entries(dataOrigin).map(
      ([name, value]) => `<INFO${attribute('name', name)}${attribute('value', value)}/>\n`,
    ),
    `<TABLE${attribute('name', title)}${attribute('nrows', rows === null ? null : String(rows))}>\n`,
    description ? `<DESCRIPTION>${escaped(description)}</DESCRIPTION>\n` : '',
    ...columns.map((column, i) => field(column, types[i]!)),
  ].join('')
}

/** What follows the data. */
export const VOTABLE_END = '</TABLE>\n</RESOURCE>\n</VOTABLE>\n'

function field({ name, unit, ucd, description }: ColumnSpec, { datatype, arraysize }: VotableType): string {
  const attributes = [
    attribute('name', name),
    attribute('datatype', datatype),
    attribute('arraysize', arraysize),
    attribute('unit', unit),
    attribute('ucd', ucd),
  ].join('')
  return description
    ? `<FIELD${attributes}>\n<DESCRIPTION>${escaped(description)}</DESCRIPTION>\n</FIELD>\n`
    : `<FIELD${attributes}/>\n`
}

function attribute(name: string, value: string | null | undefined): string {
  return value ? ` ${name}="${escaped(value).replaceAll('"', '&quot;')}"` : ''
}

/** Text as XML 1.0 can hold it: control characters become U+FFFD. */
function escaped(value: string): string {
  return value
    .replace(/[&<>]/g, (character) => (character === '&' ? '&amp;' : character === '<' ? '&lt;' : '&gt;'))
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(NOT_XML, '\ufffd')
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML does not allow
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g
