import { bibtex } from '../../application/citation.ts'
import type { ProductState } from '../../application/product-record.ts'
import { citationCff, dataciteJson } from '../../provenance/exports/citations.ts'
import { croissant } from '../../provenance/exports/croissant.ts'
import { provDocument } from '../../provenance/exports/prov.ts'
import { provJson } from '../../provenance/exports/prov-json.ts'
import { provN } from '../../provenance/exports/prov-n.ts'
import { mainFile, type ProductRecord } from '../../provenance/exports/record.ts'
import { roCrate } from '../../provenance/exports/ro-crate.ts'
import { runLock } from '../../provenance/exports/run-lock.ts'

/** A form in which the provenance of a product can be taken along. */
export interface ProvenanceFormat {
  readonly name: string
  readonly label: string
  readonly mediaType: string
  /** What tells tools which JSON it is. */
  readonly profile?: string
  readonly fileName: string
  /** Null when the product has nothing of the kind. */
  write(record: ProductRecord, state: ProductState): string | null
}

const json = (value: object | null): string | null => (value === null ? null : `${JSON.stringify(value, null, 2)}\n`)

export const PROVENANCE_FORMATS = [
  {
    name: 'prov-json',
    label: 'W3C PROV as JSON',
    mediaType: 'application/json',
    profile: 'http://www.w3.org/ns/prov#',
    fileName: 'prov.json',
    write: (record) => json(provJson(provDocument(record))),
  },
  {
    name: 'prov-n',
    label: 'W3C PROV in PROV-N',
    mediaType: 'text/provenance-notation',
    fileName: 'prov.provn',
    write: (record) => provN(provDocument(record)),
  },
  {
    name: 'ro-crate',
    label: 'RO-Crate (Process Run Crate)',
    mediaType: 'application/ld+json',
    profile: 'https://w3id.org/ro/crate/1.1',
    fileName: 'ro-crate-metadata.json',
    write: (record) => json(roCrate(record)),
  },
  {
    name: 'croissant',
    label: 'Croissant',
    mediaType: 'application/ld+json',
    profile: 'http://mlcommons.org/croissant/1.0',
    fileName: 'croissant.json',
    write: (record) => json(croissant(record)),
  },
  {
    name: 'cff',
    label: 'CITATION.cff',
    mediaType: 'application/yaml',
    fileName: 'CITATION.cff',
    write: citationCff,
  },
  {
    name: 'datacite',
    label: 'DataCite JSON',
    mediaType: 'application/vnd.datacite.datacite+json',
    fileName: 'datacite.json',
    write: (record) => json(dataciteJson(record)),
  },
  {
    name: 'bibtex',
    label: 'BibTeX',
    mediaType: 'application/x-bibtex',
    fileName: 'citation.bib',
    write: (record, { listed }) => bibtex(listed, mainFile(record), record.base, listed.product.updatedAt),
  },
  {
    name: 'run-lock',
    label: 'run.lock.json',
    mediaType: 'application/json',
    fileName: 'run.lock.json',
    write: (record) => json(runLock(record)),
  },
] as const satisfies readonly ProvenanceFormat[]

/** The media type with its profile, as HTTP writes it. */
export const contentType = ({ mediaType, profile }: ProvenanceFormat): string =>
  profile === undefined
    ? mediaType === 'application/json' || mediaType.includes('+json')
      ? mediaType
      : `${mediaType}; charset=utf-8`
    : `${mediaType}; profile="${profile}"`
