import { description, mainFile, momentOf, type ProductRecord, permalink, publicationDay, versionOf } from './record.ts'
import { yamlText } from './yaml.ts'

/** CITATION.cff 1.2.0, of a data set in exactly this state. */
export function citationCff(record: ProductRecord): string {
  const { product, ownerName, typeName } = record
  const main = mainFile(record)
  return yamlText({
    'cff-version': '1.2.0',
    message: 'If you use these data, please cite them as below.',
    type: 'dataset',
    title: product.displayName,
    version: String(versionOf(record)),
    'date-released': publicationDay(record),
    authors: [{ name: ownerName }],
    abstract: description(record),
    keywords: ['photometric redshifts', typeName],
    url: permalink(record),
    ...(main === null
      ? {}
      : { identifiers: [{ type: 'other', value: `sha256:${main.sha256}`, description: `Digest of ${main.name}` }] }),
  })
}

/** DataCite 4.5 as JSON, ready for a DOI to be minted. */
export function dataciteJson(record: ProductRecord): object {
  const { product, ownerName, typeName, files, run } = record
  const main = mainFile(record)
  // Inputs in the states in which they were read, which is when the run was asked for.
  const read = run?.events[0] === undefined ? '' : `?as_of=${momentOf(run.events[0])}`
  const inputs = run?.inputs.flatMap(({ product: input }) => (input === null ? [] : [input])) ?? []
  return {
    types: { resourceTypeGeneral: 'Dataset', resourceType: typeName },
    creators: [{ name: ownerName, nameType: 'Personal' }],
    titles: [{ title: product.displayName }],
    publisher: { name: 'Photo-z Server' },
    publicationYear: Number(publicationDay(record).slice(0, 4)),
    subjects: [{ subject: 'photometric redshifts' }],
    dates: [
      { date: product.createdAt, dateType: 'Created' },
      { date: product.updatedAt, dateType: 'Updated' },
      ...(product.publishedAt === null ? [] : [{ date: product.publishedAt, dateType: 'Available' }]),
    ],
    version: String(versionOf(record)),
    url: permalink(record),
    alternateIdentifiers: [
      { alternateIdentifier: product.internalName, alternateIdentifierType: 'Photo-z Server' },
      ...(main === null ? [] : [{ alternateIdentifier: main.sha256, alternateIdentifierType: 'SHA-256' }]),
    ],
    relatedIdentifiers: inputs.map((input) => ({
      relatedIdentifier: `${record.base}/product/${encodeURIComponent(input.internalName)}${read}`,
      relatedIdentifierType: 'URL',
      relationType: 'IsDerivedFrom',
    })),
    sizes: files.map(({ size }) => `${size} bytes`),
    formats: [...new Set(files.flatMap(({ format, mediaType }) => format ?? mediaType ?? []))],
    descriptions: [{ description: description(record), descriptionType: 'Abstract' }],
    schemaVersion: 'http://datacite.org/schema/kernel-4',
  }
}
