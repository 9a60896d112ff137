import { tidyNames } from '../csv/column-names.ts'
import { TableError } from '../table.ts'
import { type FieldElement, fieldOf, type VotableField } from './fields.ts'
import { XmlTokens } from './xml.ts'

export type Serialization = 'none' | 'tabledata' | 'binary' | 'binary2'

/** What stands before the rows of the first table. */
export interface VotableHeader {
  readonly tableName: string | null
  readonly fields: readonly VotableField[]
  readonly serialization: Serialization
  /** Characters before the first row. */
  readonly length: number
  readonly notes: readonly string[]
}

/**
 * Reads a VOTable up to the rows of its first table.
 * @param whole the text is the whole file.
 * @returns null when more text is needed. @throws TableError
 */
export function readVotableHeader(text: string, whole: boolean): VotableHeader | null {
  const tokens = new XmlTokens(text)
  const path: string[] = []
  const elements: { attributes: ReadonlyMap<string, string>; description: string | null; nullValue: string | null }[] =
    []
  const notes: string[] = []
  let table: ReadonlyMap<string, string> | null = null
  let serialization: Serialization | null = null
  let words: string | null = null

  const finish = (found: Serialization): VotableHeader => {
    const { fields, notes: nameNotes } = fieldsOf(elements)
    return {
      tableName: table?.get('name') ?? table?.get('ID') ?? null,
      fields,
      serialization: found,
      length: tokens.position,
      notes: [...notes, ...nameNotes],
    }
  }

  for (;;) {
    const token = tokens.next()
    if (!token) {
      if (!whole) return null
      throw new TableError(
        'malformed',
        'The VOTable ends before its first table does: it is cut off or not well-formed.',
      )
    }
    if (token.type === 'text') {
      if (words !== null) words += token.text
      continue
    }
    if (token.type === 'close') {
      const open = path.pop()
      if (open !== token.name) {
        throw new TableError(
          'malformed',
          `The VOTable is not well-formed: </${token.name}> closes <${open ?? 'nothing'}>.`,
        )
      }
      if (token.name === 'DESCRIPTION' && path.at(-1) === 'FIELD' && elements.length > 0) {
        elements.at(-1)!.description = words
      }
      words = null
      if (token.name === 'INFO' || token.name === 'DESCRIPTION') continue
      if (token.name === 'TABLE' && table) return finish('none')
      if (token.name === 'VOTABLE') throw new TableError('not_a_table', 'The VOTable holds no table.')
      continue
    }
    const { name, attributes, empty } = token
    const parent = path.at(-1)
    if (!empty) path.push(name)
    else if (name === 'VOTABLE') throw new TableError('not_a_table', 'The VOTable holds no table.')
    if (name === 'TABLE') table ??= attributes
    else if (name === 'FIELD' && parent === 'TABLE') elements.push({ attributes, description: null, nullValue: null })
    else if (name === 'VALUES' && parent === 'FIELD') elements.at(-1)!.nullValue = attributes.get('null') ?? null
    else if (name === 'DESCRIPTION') words = ''
    else if (name === 'INFO') {
      const note = serviceNote(attributes)
      if (note !== null) notes.push(note)
    } else if (name === 'TABLEDATA') serialization = 'tabledata'
    else if (name === 'BINARY') serialization = 'binary'
    else if (name === 'BINARY2') serialization = 'binary2'
    else if ((name === 'FITS' || name === 'PARQUET') && parent === 'DATA') {
      // astropy writes PARQUET, which VOTable does not define.
      const format = name === 'FITS' ? 'FITS' : 'Parquet'
      throw new TableError(
        'unsupported',
        `The VOTable keeps its rows in a ${format} stream; please upload that ${format} file itself.`,
      )
    } else if (name === 'STREAM' && serialization) {
      if (attributes.has('href')) {
        throw new TableError(
          'unsupported',
          'The VOTable keeps its rows in another file (STREAM href); that is never fetched.',
        )
      }
      const encoding = attributes.get('encoding') ?? 'none'
      if (encoding !== 'base64') {
        throw new TableError(
          'unsupported',
          `The VOTable has a stream with the encoding "${encoding}"; only base64 is read.`,
        )
      }
      return finish(empty ? 'none' : serialization)
    }
    if (serialization === 'tabledata') return finish(empty ? 'none' : 'tabledata')
  }
}

/** What an INFO says of the query that the table answers, when it did not go well. */
export function serviceNote(attributes: ReadonlyMap<string, string>): string | null {
  const status = `${attributes.get('name')} ${attributes.get('value')}`
  if (/^QUERY_STATUS OVERFLOW$/i.test(status)) return 'The service that made this VOTable cut the table short.'
  if (/^QUERY_STATUS ERROR$/i.test(status)) return 'The service that made this VOTable reported an error.'
  return null
}

function fieldsOf(elements: readonly FieldElement[]): { fields: VotableField[]; notes: string[] } {
  const { names, notes } = tidyNames(
    elements.map(({ attributes }) => attributes.get('name') ?? attributes.get('ID') ?? ''),
  )
  return { fields: elements.map((element, index) => fieldOf(element, names[index]!)), notes }
}
