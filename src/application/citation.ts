import { productType } from '../domain/product/product-type.ts'
import type { ColumnRow } from '../projections/columns/tables.ts'
import type { FileRow } from '../projections/files/tables.ts'
import type { ListedProduct } from '../projections/products/queries.ts'
import { permalink } from '../provenance/exports/record.ts'

/** Where the server is, without a slash at the end. */
export type BaseUrl = string

export const productUrl = (base: BaseUrl, internalName: string): string =>
  `${base}/product/${encodeURIComponent(internalName)}`

/** What the owner is called: by the name they chose, by first and last name, or else by the user name. */
export function ownerName({ product: { owner }, ownerName: name }: ListedProduct): string {
  // An account without a name is called by its user name.
  if (name?.display && name.display !== owner) return name.display
  return [name?.first, name?.last].filter(Boolean).join(' ') || owner
}

/**
 * A BibTeX entry for a product in exactly this state: with the digest that proves which data were used, and an address that
 * leads to this state, whatever happens later.
 */
export function bibtex(listed: ListedProduct, main: FileRow | null, base: BaseUrl, at: string): string {
  const { product, release } = listed
  const year = product.publishedAt ?? product.createdAt
  const fields = [
    ['author', `{${latex(ownerName(listed))}}`],
    ['title', `{${latex(product.displayName)}}`],
    ['year', year.slice(0, 4)],
    ['howpublished', `${productType(product.productType).displayName}, Photo-z Server`],
    ['version', String(Math.max(1, product.version))],
    ['url', permalink({ base, product })],
    ...(main === null ? [] : [['note', `sha-256 ${main.sha256}${release ? `; ${latex(release.displayName)}` : ''}`]]),
    ['urldate', at.slice(0, 10)],
  ]
  const key = `pzserver${product.id}v${Math.max(1, product.version)}`
  return `@misc{${key},\n${fields.map(([name, value]) => `  ${name} = {${value}}`).join(',\n')}\n}\n`
}

const LATEX: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
}

/** Text for BibTeX: characters with a meaning in LaTeX are escaped, braces dropped (they may not be balanced). */
const latex = (text: string): string =>
  text
    .replaceAll(/[{}]/g, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\~^]/g, (character) => LATEX[character] ?? '')
    .replaceAll(/[&%$#_]/g, (character) => `\\${character}`)

/** More columns than this would make the page heavy. */
const MOST_VARIABLES = 100

/**
 * The product as a schema.org Dataset, which search engines and browser extensions read from the page.
 * @param past it is as it was, so addresses lead to that state
 */
export function datasetJsonLd(
  listed: ListedProduct,
  files: readonly FileRow[],
  columns: readonly ColumnRow[],
  base: BaseUrl,
  past = false,
): object {
  const { product, release } = listed
  const type = productType(product.productType)
  const page = productUrl(base, product.internalName)
  const state = permalink({ base, product })
  const url = past ? state : page
  return {
    '@context': 'https://schema.org/',
    '@type': 'Dataset',
    '@id': url,
    url,
    identifier: product.internalName,
    name: product.displayName,
    description: product.description?.slice(0, 5_000) || type.description,
    creator: { '@type': 'Person', name: ownerName(listed), alternateName: product.owner },
    dateCreated: product.createdAt,
    dateModified: product.updatedAt,
    ...(product.publishedAt === null ? {} : { datePublished: product.publishedAt }),
    version: String(Math.max(1, product.version)),
    keywords: ['photometric redshifts', type.displayName, ...(release ? [release.displayName] : [])],
    ...(product.official ? { creativeWorkStatus: 'Official' } : {}),
    includedInDataCatalog: { '@type': 'DataCatalog', name: 'Photo-z Server', url: base },
    distribution: files.map((file) => ({
      '@type': 'DataDownload',
      name: file.name,
      contentUrl: `${page}/files/${file.id}${past ? new URL(state).search : ''}`,
      contentSize: String(file.size),
      sha256: file.sha256,
      ...(file.mediaType === null ? {} : { encodingFormat: file.mediaType }),
    })),
    variableMeasured: columns.slice(0, MOST_VARIABLES).map((column) => ({
      '@type': 'PropertyValue',
      name: column.name,
      ...(column.unit === null ? {} : { unitText: column.unit }),
      ...(column.description === null ? {} : { description: column.description }),
      ...((column.ucd ?? column.fileUcd) ? { propertyID: column.ucd ?? column.fileUcd } : {}),
    })),
  }
}
