import type { FileEntry } from '../../../views/components/file-list.tsx'
import { counted, tick } from '../../../views/format.ts'
import type { Action } from '../../../views/frame.ts'
import type { ProductView } from '../../../views/pages/product/model.ts'
import { bibtex, ownerName, productUrl } from '../../application/citation.ts'
import { chainVerifiedAt } from '../../application/integrity.ts'
import { descriptionHtml } from '../../application/markdown.ts'
import { importsOf, isPickle, type TableFile } from '../../application/product-plots.ts'
import { snippetsFor } from '../../application/snippets.ts'
import type { AppContext } from '../../context.ts'
import { productType } from '../../domain/product/product-type.ts'
import type { FileRow } from '../../projections/files/tables.ts'
import { permalink } from '../../provenance/exports/record.ts'
import type { ColumnProfile } from '../../tables/inspection.ts'
import type { PickleImports } from '../../tables/pickle.ts'
import { addressAsOf, recentEvents } from './product-history.tsx'
import { lineageDrawing, usedBy } from './product-lineage.ts'
import type { ProductPageData } from './product-page.ts'
import { throughZero } from './right-ascension.ts'

const RECENT = 5
const CITATIONS = { cff: 'CITATION.cff', datacite: 'DataCite JSON' } as const
/** Products away that the small drawing shows. */
const RAIL_DEPTH = 1
/** How long (ms) the page waits for what a pickle imports. */
const PICKLE_PATIENCE = 150

export const pathOfProduct = (internalName: string): string => `/product/${encodeURIComponent(internalName)}`

/** The head and the rail of a product's page. */
export async function productView(
  context: AppContext,
  data: ProductPageData,
  table: TableFile | null,
  base: string,
): Promise<ProductView> {
  const { listed, files, asOf } = data
  const { product, release } = listed
  const type = productType(product.productType)
  const path = pathOfProduct(product.internalName)
  const main = files.find((file) => file.role === 'main') ?? null
  const lineage = lineageDrawing(data, path, RAIL_DEPTH)
  const downloads = asOf === null ? await context.audit.downloadCounts(product.id) : null
  return {
    id: product.id,
    internalName: product.internalName,
    displayName: product.displayName,
    typeName: type.displayName,
    typeHref: `/products?type=${type.name}`,
    release: release === null ? null : { name: release.displayName, href: `/releases/${product.releaseId}` },
    owner: { name: ownerName(listed), href: `/products?owner=${encodeURIComponent(product.owner)}` },
    official: product.official,
    status: product.status === 'purged' ? 'deleted' : product.status,
    statusReason: asOf === null ? statusReason(data) : null,
    failedRunHref: product.status === 'failed' && product.runId !== null ? `/runs/${product.runId}` : null,
    origin: { name: product.origin, ...(product.runId === null ? {} : { href: `${path}?tab=provenance` }) },
    pzCode: product.pzCode,
    createdAt: product.createdAt,
    updatedAt: product.updatedAt,
    version: Math.max(1, product.version),
    summary: table === null ? null : summaryOf(table),
    descriptionHtml: product.description === null ? null : descriptionHtml(product.description),
    files: await Promise.all(files.map((file) => fileEntry(context, file, path, asOf))),
    usedBy: usedBy(data, path),
    stale: data.lineage.stale(product.id).map(({ words }) => words),
    download: {
      main:
        main === null || main.purged
          ? null
          : { href: fileHref(path, main, asOf), format: formatName(main), size: main.size },
      zip: files.length === 0 ? null : { href: addressAsOf(`${path}/zip`, asOf), size: total(files) },
    },
    edit: changing(data, `${path}/edit`),
    remove: changing(data, `${path}/delete`),
    restore: data.changeable && asOf === null && product.status === 'deleted' ? { href: `${path}/restore` } : null,
    share: {
      url: productUrl(base, product.internalName),
      permalink: permalink({ base, product }),
      citations: (['cff', 'datacite'] as const).map((format) => ({
        label: CITATIONS[format],
        // Of this very state: what is downloaded a minute later cites the same.
        href: addressAsOf(`/api/products/${product.id}/provenance/`, product.position, { format }),
      })),
      bibtex: bibtex(listed, main, base, context.clock().toISOString()),
      snippets: snippetsFor({
        id: product.id,
        internalName: product.internalName,
        base,
        productType: product.productType,
        main:
          main === null ? null : { name: main.name, format: main.format, dialect: table?.inspection.dialect ?? null },
        columns: data.columns,
      }),
    },
    recent: recentEvents(data, RECENT),
    downloads: downloads && { ...downloads, href: data.changeable ? `${path}/downloads` : null },
    lineage: lineage.nodes.length > 2 ? lineage : { nodes: [], edges: [] },
    proof: {
      sha256: main?.sha256 ?? null,
      position: product.position.replace(/^0+(?=\d)/, ''),
      verifiedAt: chainVerifiedAt(context, product.position),
      href: '/help#proof',
    },
  }
}

function changing({ listed, changeable, asOf }: ProductPageData, href: string): Action {
  const { status, owner } = listed.product
  if (!changeable) return { refused: `Only ${owner} and administrators can change it` }
  if (asOf !== null) return { refused: 'This is the past; go back to today to change it' }
  if (status === 'purged') return { refused: 'Its files were destroyed for good' }
  if (status === 'deleted') return { refused: 'It is deleted; restore it first' }
  return { href }
}

/** What stands in the way of a product that is not published. */
function statusReason({ listed, files, columns }: ProductPageData): string | null {
  const { status, statusReason: reason, productType: typeName } = listed.product
  const type = productType(typeName)
  switch (status) {
    case 'registering': {
      const held = new Set(columns.map((column) => column.alias))
      const roles = type.mandatoryRoles.filter((role) => !held.has(role))
      const lacks = [
        ...(files.some((file) => file.role === 'main') || type.metadataOnly ? [] : ['a main file']),
        ...(roles.length > 0
          ? [
              `${roles.length === 1 ? 'a column' : 'columns'} with the ${roles.length === 1 ? 'role' : 'roles'} ${roles.join(', ')}`,
            ]
          : []),
      ]
      const state = 'This is a draft: only its owner and administrators see it.'
      return lacks.length === 0
        ? `${state} It is ready to be published.`
        : `${state} It still needs ${lacks.join(' and ')}.`
    }
    case 'processing':
      return 'A pipeline is making it; its files appear here when the run has ended.'
    case 'failed':
      return reason ?? 'The run that was to make it failed.'
    case 'deleted':
      return 'It was deleted: only its owner and administrators see it, and can restore it.'
    case 'purged':
      return 'It was deleted, and its files were destroyed for good. Its history stays.'
    case 'published':
      return null
  }
}

const FORMATS: Readonly<Record<string, string>> = {
  csv: 'text table',
  fits: 'FITS',
  hdf5: 'HDF5',
  parquet: 'Parquet',
  votable: 'VOTable',
}

const formatName = (file: FileRow): string =>
  FORMATS[file.format ?? ''] ?? (/\.([^.]+)$/.exec(file.name)?.[1]?.toUpperCase() || 'file')

export const fileHref = (path: string, file: FileRow, asOf: string | null): string =>
  addressAsOf(`${path}/files/${file.id}`, asOf)

const total = (files: readonly FileRow[]): number => files.reduce((sum, file) => sum + file.size, 0)

async function fileEntry(context: AppContext, file: FileRow, path: string, asOf: string | null): Promise<FileEntry> {
  const facts = [
    file.version !== null && file.version > 1 ? `version ${file.version}` : '',
    file.originalName === null ? '' : `taken out of ${file.originalName}`,
    file.inspectionError === null || isPickle(file) ? '' : file.inspectionError,
  ].filter(Boolean)
  const imports = isPickle(file) && !file.purged ? await importsOf(context, file, PICKLE_PATIENCE) : null
  const note = imports === null ? null : pickleNote(imports.state === 'ready' ? imports.value : null)
  return {
    id: file.id,
    name: file.name,
    role: file.role,
    size: file.size,
    href: fileHref(path, file, asOf),
    sha256: file.sha256,
    ...(facts.length > 0 || note !== null
      ? {
          note: (
            <>
              {facts.join(' · ')}
              {note}
            </>
          ),
        }
      : {}),
  }
}

/** A pickle is a program: people should know what it asks for before they load it. */
const pickleNote = (imports: PickleImports | null) => (
  <details class="pickle">
    <summary>
      Python pickle: loading it runs code
      {imports !== null && imports.suspicious.length > 0 ? <strong> that can do harm</strong> : null}
    </summary>
    {imports === null ? (
      <p>Load it only if you trust its owner.</p>
    ) : (
      <>
        <p>
          {imports.imports.length === 0
            ? 'It imports nothing.'
            : `It imports ${counted(imports.imports.length, 'name')}${imports.isComplete ? '' : ', and maybe more'}. A list like this is no proof: load it only if you trust its owner.`}
        </p>
        <ul class="plain-list">
          {imports.imports.slice(0, 50).map((name) => (
            <li>
              <code>{name}</code>
              {imports.suspicious.includes(name) ? ' (can run code, or reach files or the network)' : null}
            </li>
          ))}
        </ul>
      </>
    )}
  </details>
)

/** The facts of the data in a sentence: how much, where on the sky, which redshifts. */
export function summaryOf({ inspection, columns }: Pick<TableFile, 'inspection' | 'columns'>): string {
  const profile = (alias: string) => {
    const name = columns.find((column) => column.alias === alias)?.name
    return inspection.columns.find((column) => column.name === name)
  }
  const range = (alias: string): string | null => {
    const found = profile(alias)
    if (typeof found?.min !== 'number' || typeof found.max !== 'number') return null
    const [from, to] = [rounded(found.min, 2), rounded(found.max, 2)]
    return from === to ? from : `${from} to ${to}`
  }
  const ra = throughZero(profile('RA')?.histogram ?? null) ?? range('RA')
  const dec = range('Dec')
  const parts = [
    `${counted(inspection.rows, 'row')} of ${counted(inspection.columns.length, 'column')}`,
    ra === null || dec === null ? null : `right ascension ${ra}°, declination ${dec}°`,
    redshiftsOf(profile('z')),
  ]
  return `${parts.filter(Boolean).join('; ')}.`
}

/** The redshifts within the range of their plot: catalogs write -9 or 99 where they know none. */
function redshiftsOf(z: ColumnProfile | undefined): string | null {
  if (!z?.histogram) return null
  const { low, high, below, above } = z.histogram
  const [from, to] = [rounded(low, 3), rounded(high, 3)]
  return [
    from === to ? `redshift ${from}` : `redshifts ${from} to ${to}`,
    z.median === null || from === to ? null : `median ${rounded(z.median, 3)}`,
    below + above === 0 ? null : `${counted(below + above, 'row')} beyond`,
  ]
    .filter(Boolean)
    .join(', ')
}

const rounded = (value: number, decimals: number): string => tick(Number(value.toFixed(decimals)))
