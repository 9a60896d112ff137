import type { FileRow } from '../../projections/files/tables.ts'
import {
  description,
  fileUrl,
  mainFile,
  type ProductRecord,
  permalink,
  productUrl,
  publicationDay,
  versionOf,
} from './record.ts'

/** The context that the specification of Croissant 1.0 asks to be copied. */
const CONTEXT = {
  '@language': 'en',
  '@vocab': 'https://schema.org/',
  citeAs: 'cr:citeAs',
  column: 'cr:column',
  conformsTo: 'dct:conformsTo',
  cr: 'http://mlcommons.org/croissant/',
  rai: 'http://mlcommons.org/croissant/RAI/',
  data: { '@id': 'cr:data', '@type': '@json' },
  dataType: { '@id': 'cr:dataType', '@type': '@vocab' },
  dct: 'http://purl.org/dc/terms/',
  examples: { '@id': 'cr:examples', '@type': '@json' },
  extract: 'cr:extract',
  field: 'cr:field',
  fileProperty: 'cr:fileProperty',
  fileObject: 'cr:fileObject',
  fileSet: 'cr:fileSet',
  format: 'cr:format',
  includes: 'cr:includes',
  isLiveDataset: 'cr:isLiveDataset',
  jsonPath: 'cr:jsonPath',
  key: 'cr:key',
  md5: 'cr:md5',
  parentField: 'cr:parentField',
  path: 'cr:path',
  recordSet: 'cr:recordSet',
  references: 'cr:references',
  regex: 'cr:regex',
  repeated: 'cr:repeated',
  replace: 'cr:replace',
  sc: 'https://schema.org/',
  separator: 'cr:separator',
  source: 'cr:source',
  subField: 'cr:subField',
  transform: 'cr:transform',
} as const

/** Formats whose columns Croissant can name. */
const ENCODINGS: Readonly<Record<string, string>> = { csv: 'text/csv', parquet: 'application/x-parquet' }

/** Croissant 1.0: the files with their digests, and the columns of a CSV or Parquet main file. */
export function croissant(record: ProductRecord): object {
  const { product, ownerName, files, columns, typeName } = record
  const main = mainFile(record)
  const table = main !== null && main.format !== null && ENCODINGS[main.format] !== undefined ? main : null
  return {
    '@context': CONTEXT,
    '@type': 'sc:Dataset',
    conformsTo: 'http://mlcommons.org/croissant/1.0',
    name: product.internalName,
    alternateName: product.displayName,
    description: description(record),
    url: productUrl(record),
    identifier: permalink(record),
    version: `${versionOf(record)}.0.0`,
    datePublished: publicationDay(record),
    creator: { '@type': 'sc:Person', name: ownerName },
    keywords: ['photometric redshifts', typeName],
    citeAs: `${ownerName}, ${product.displayName}, version ${versionOf(record)}, Photo-z Server, ${permalink(record)}`,
    license: 'No licence stated: ask the creator before you use it.',
    distribution: files.map((file) => ({
      '@type': 'cr:FileObject',
      '@id': `file-${file.id}`,
      name: file.name,
      contentUrl: fileUrl(record, file),
      contentSize: `${file.size} B`,
      encodingFormat: encodingOf(file),
      sha256: file.sha256,
    })),
    ...(table === null || columns.length === 0
      ? {}
      : {
          recordSet: [
            {
              '@type': 'cr:RecordSet',
              '@id': 'rows',
              name: 'rows',
              description: `The rows of ${table.name}`,
              field: columns.map((column) => ({
                '@type': 'cr:Field',
                '@id': `rows/${column.name}`,
                name: column.name,
                description: [column.description, column.unit, column.ucd].filter(Boolean).join('; ') || column.name,
                dataType: dataType(column.type),
                source: { fileObject: { '@id': `file-${table.id}` }, extract: { column: column.name } },
              })),
            },
          ],
        }),
  }
}

const encodingOf = (file: FileRow): string =>
  ENCODINGS[file.format ?? ''] ?? file.mediaType ?? 'application/octet-stream'

function dataType(type: string): string {
  if (/^u?int/.test(type)) return 'sc:Integer'
  if (/^float|^double/.test(type)) return 'sc:Float'
  return /^bool/.test(type) ? 'sc:Boolean' : 'sc:Text'
}
