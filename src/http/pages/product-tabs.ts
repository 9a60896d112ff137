import { count, number } from '../../../views/format.ts'
import type {
  ImportedView,
  PreviewView,
  ProductColumn,
  ProductTab,
  RedshiftView,
  SkyView,
  TabContent,
} from '../../../views/pages/product/model.ts'
import type { SkyCell } from '../../../views/plots/sky-map.tsx'
import type { Request } from '../../application/command.ts'
import { type OriginalHistory, readOriginal } from '../../application/imported-history.ts'
import type { PixelCounts, SkyCounts } from '../../application/plots/sky-counts.ts'
import { pixelSize } from '../../application/plots/sky-counts.ts'
import { type RedshiftPlot, redshiftPlot, skyCounts, type TableFile } from '../../application/product-plots.ts'
import type { AppContext } from '../../context.ts'
import { isProductEvent } from '../../domain/product/events.ts'
import { pixelCentre, pixelCorners } from '../../sky/healpix.ts'
import { fieldName } from './field-name.ts'
import { askedHistory, filterForm, timelineOfEvents, toldEvents } from './history-view.ts'
import { coneView, isSearched } from './product-cone.ts'
import { addressAsOf, productBlame, timelineOf } from './product-history.tsx'
import { lineageDrawing } from './product-lineage.ts'
import type { ProductPageData } from './product-page.ts'
import { runTextFile, runTextTab } from './product-run-texts.ts'
import { fileHref, pathOfProduct } from './product-view.tsx'
import { isHtml, rawHref } from './raw.ts'
import { provenanceFormats } from './signposting.ts'

const TABS: readonly ProductTab[] = [
  'preview',
  'columns',
  'sky',
  'redshift',
  'description',
  'config',
  'logs',
  'provenance',
  'history',
]

/** The tab that the address asks for; the first one when there is none of that name. */
export const tabOf = (name: string | undefined): ProductTab => TABS.find((tab) => tab === name) ?? 'preview'

export function tabsOf(
  data: ProductPageData,
  table: TableFile | null,
): readonly { readonly name: ProductTab; readonly count?: number | null }[] {
  const documents = data.files.filter(isHtml).length
  return [
    { name: 'preview' },
    ...(table === null
      ? []
      : ([{ name: 'columns', count: table.columns.length }, { name: 'sky' }, { name: 'redshift' }] as const)),
    ...(documents > 0 ? [{ name: 'description', count: documents > 1 ? documents : null } as const] : []),
    ...(['config', 'logs'] as const).filter((name) => runTextFile(data, name) !== null).map((name) => ({ name })),
    { name: 'provenance' },
    { name: 'history', count: data.listed.product.revision + 1 },
  ]
}

/** How long (ms) a page waits for a plot that is drawn from the whole file. */
const PATIENCE = 1_500
/** The preview does not wait long: its plots are an addition. */
const PREVIEW_PATIENCE = 700

export async function tabContent(
  context: AppContext,
  data: ProductPageData,
  table: TableFile | null,
  tab: ProductTab,
  query: URLSearchParams,
  request: Request,
): Promise<TabContent> {
  const path = pathOfProduct(data.listed.product.internalName)
  const here = (more: Readonly<Record<string, string>>) => addressAsOf(path, data.asOf, more)
  switch (tab) {
    case 'preview':
      return previewTab(context, data, table, query, here)
    case 'columns':
      return { tab, columns: table === null ? [] : columnsOf(table), rows: table?.inspection.rows ?? 0 }
    case 'sky':
      return {
        ...(await skyTab(context, table, query.get('field'), here)),
        cone: await coneView(context, request, data, query),
      }
    case 'redshift':
      return redshiftTab(context, table, here)
    case 'description':
      return descriptionTab(context, data, path, query.get('file'), here)
    case 'config':
    case 'logs':
      return runTextTab(context, data, tab)
    case 'provenance':
      return { tab, ...lineageDrawing(data, path), exports: exportsOf(data), blame: productBlame(data, path) }
    case 'history':
      return historyTab(context, data, path, query)
  }
}

async function historyTab(
  context: AppContext,
  data: ProductPageData,
  path: string,
  query: URLSearchParams,
): Promise<TabContent> {
  const filter = askedHistory(query)
  const carried = [['tab', 'history'] as const, ...(data.asOf === null ? [] : [['as_of', data.asOf] as const])]
  const imported = data.events.filter(isProductEvent).find((event) => event.type === 'ProductImported')
  return {
    tab: 'history',
    entries: timelineOf(data, path, filter),
    filter: filterForm(data.history, filter, { path, carried }),
    later: data.events.length - data.history.length,
    feedHref: `/feeds?product=${data.listed.product.id}`,
    imported: imported?.type === 'ProductImported' ? importedView(await readOriginal(context, imported.data)) : null,
  }
}

/** Of the original history of an imported product; longer ones are in the API. */
const MOST_ORIGINAL = 500

const importedView = ({ from, events, problem }: OriginalHistory): ImportedView => ({
  server: from.server,
  stream: from.stream,
  signedBy: from.signedBy,
  signedAt: from.signedAt,
  problem,
  count: events.length,
  entries: timelineOfEvents(toldEvents(events.slice(-MOST_ORIGINAL)), { people: [], types: [] }).map(
    ({ id: _, ...entry }) => entry,
  ),
})

type Here = (more: Readonly<Record<string, string>>) => string

const NO_TABLE = 'The main file is not a table.'

/** The columns as the page shows them: statistics from the file, roles from people. */
function columnsOf({ inspection, columns }: TableFile): readonly ProductColumn[] {
  const roles = new Map(columns.map((column) => [column.name, column]))
  return inspection.columns.map((profile) => {
    const role = roles.get(profile.name)
    return { ...profile, role: role?.alias ?? null, ucd: role?.ucd ?? profile.ucd }
  })
}

/** So few that the plots below are in sight. */
const ROWS_PER_PAGE = 10
const COLUMNS_IN_SIGHT = 30
const MOST_COLUMNS = 1_500

async function previewTab(
  context: AppContext,
  data: ProductPageData,
  table: TableFile | null,
  query: URLSearchParams,
  here: Here,
): Promise<TabContent> {
  if (table === null) return { tab: 'preview', preview: null, why: whyNoTable(data) }
  const [sky, redshift] = await Promise.all([
    skyCounts(context, table, PREVIEW_PATIENCE),
    redshiftPlot(context, table, PREVIEW_PATIENCE),
  ])
  return {
    tab: 'preview',
    preview: previewOf(table, query, here, isSearched(data)),
    ...(sky.state === 'ready' && sky.value.rows > 0 ? { sky: cellsOf(sky.value.cells) } : {}),
    redshift: redshift.state === 'ready' ? histogramOf(redshift.value) : roughHistogram(table),
  }
}

/** What the inspection knows of the redshifts, until all rows have been counted. */
function roughHistogram({ columns, inspection }: TableFile) {
  const column = columns.find((each) => each.alias === 'z')?.name
  const histogram = inspection.columns.find((each) => each.name === column)?.histogram
  return column === undefined || !histogram ? null : { column, histogram }
}

function whyNoTable({ files, listed, asOf }: ProductPageData): string {
  const main = files.find((file) => file.role === 'main')
  if (main === undefined) {
    switch (listed.product.status) {
      case 'purged':
        return 'The files of this product were destroyed.'
      case 'registering':
        return asOf === null ? 'This draft has no main file yet.' : 'It was a draft then, without a main file.'
      case 'processing':
        return asOf === null ? 'Its run has made no file yet.' : 'Its run had made no file then.'
      case 'failed':
        return 'Its run made no file.'
      default:
        return 'This entry has no main file: its description says where the data are.'
    }
  }
  return main.inspectionError ?? NO_TABLE
}

function previewOf(table: TableFile, query: URLSearchParams, here: Here, isSearched: boolean): PreviewView {
  const { inspection } = table
  const all = columnsOf(table)
  const wide = query.get('columns') === 'all'
  const order = all
    .map((column, index) => ({ column, index }))
    .toSorted((a, b) => Number(b.column.role !== null) - Number(a.column.role !== null))
    .slice(0, wide ? MOST_COLUMNS : COLUMNS_IN_SIGHT)
  const rows = inspection.preview
  const asked = Math.floor(Number(query.get('row') ?? 1))
  const first = asked >= 1 && asked <= rows.length ? asked : 1
  const more: Readonly<Record<string, string>> = wide ? { columns: 'all' } : {}
  const rowHref = (row: number) => here(row <= 1 ? more : { ...more, row: String(row) })
  return {
    totalRows: inspection.rows,
    totalColumns: all.length,
    columns: order.map(({ column }) => column),
    rows: rows.slice(first - 1, first - 1 + ROWS_PER_PAGE).map((row) => order.map(({ index }) => row[index] ?? null)),
    firstRow: first,
    allColumnsHref: order.length < Math.min(all.length, MOST_COLUMNS) ? here({ columns: 'all' }) : null,
    previousHref: first > 1 ? rowHref(first - ROWS_PER_PAGE) : null,
    nextHref: first - 1 + ROWS_PER_PAGE < rows.length ? rowHref(first + ROWS_PER_PAGE) : null,
    coneHref: isSearched ? `${here({ tab: 'sky' })}#cone` : null,
    notes: inspection.notes,
  }
}

async function skyTab(
  context: AppContext,
  table: TableFile | null,
  field: string | null,
  here: Here,
): Promise<Omit<Extract<TabContent, { tab: 'sky' }>, 'cone'>> {
  if (table === null) return { tab: 'sky', sky: null, why: NO_TABLE }
  const result = await skyCounts(context, table, PATIENCE)
  switch (result.state) {
    case 'missing':
      return { tab: 'sky', sky: null, why: result.why }
    case 'impossible':
      return { tab: 'sky', sky: null, why: result.reason }
    case 'preparing':
      return { tab: 'sky', sky: null, again: here({ tab: 'sky' }) }
    case 'ready':
      return result.value.rows === 0
        ? { tab: 'sky', sky: null, why: 'No row has a position that can be (RA 0 to 360°, Dec −90 to 90°).' }
        : { tab: 'sky', sky: skyView(result.value, field, here) }
  }
}

function skyView({ cells, fields, fieldCount, without }: SkyCounts, wanted: string | null, here: Here): SkyView {
  // The fullest one is shown when nobody chose.
  const chosen = Math.max(0, Math.min(fields.length - 1, Math.floor(Number(wanted ?? 1)) - 1 || 0))
  const field = fields[chosen]
  const labelled = fields.map((each) => fieldName(each.ra, each.dec))
  return {
    cells: cellsOf(cells),
    without,
    fields: fields.map((each, index) => ({
      label: `${labelled[index]} · ${count(each.rows)} rows`,
      href: here({ tab: 'sky', field: String(index + 1) }),
      chosen: index === chosen,
    })),
    fieldCount,
    field: field === undefined ? null : { label: labelled[chosen] ?? '', cells: cellsOf(field.cells) },
  }
}

/** Pixels as the plots draw them. */
const cellsOf = ({ order, pixels, counts }: PixelCounts): readonly SkyCell[] =>
  pixels.map((pixel, index) => {
    const { ra, dec } = pixelCentre(pixel, order)
    return {
      raDeg: ra,
      decDeg: dec,
      sizeDeg: pixelSize(order),
      count: counts[index] ?? 0,
      corners: pixelCorners(pixel, order).map((corner) => ({ raDeg: corner.ra, decDeg: corner.dec })),
    }
  })

async function redshiftTab(context: AppContext, table: TableFile | null, here: Here): Promise<TabContent> {
  if (table === null) return { tab: 'redshift', redshift: null, why: NO_TABLE }
  const result = await redshiftPlot(context, table, PATIENCE)
  switch (result.state) {
    case 'missing':
      return { tab: 'redshift', redshift: null, why: result.why }
    case 'impossible':
      return { tab: 'redshift', redshift: null, why: result.reason }
    case 'preparing':
      return { tab: 'redshift', redshift: null, again: here({ tab: 'redshift' }) }
    case 'ready':
      return { tab: 'redshift', redshift: redshiftView(result.value) }
  }
}

const histogramOf = ({ column, bins, counts }: RedshiftPlot) => ({
  column,
  histogram: { low: bins.low, high: bins.high, counts: counts.counts, below: counts.below, above: counts.above },
})

function redshiftView(plot: RedshiftPlot): RedshiftView {
  const { counts, magnitude, flag, secure, bins, gridBins } = plot
  const { grid } = counts
  return {
    ...histogramOf(plot),
    secure:
      counts.secure === null || secure === null
        ? null
        : { label: `${flag} ${oneOf(secure.values)} (${secure.meaning})`, counts: counts.secure },
    against:
      magnitude === null || grid === null || grid.every((value) => value === 0)
        ? []
        : [
            {
              title: `Redshift against ${magnitude.column}`,
              grid: {
                x: {
                  label: magnitude.unit === null ? magnitude.column : `${magnitude.column} (${magnitude.unit})`,
                  low: magnitude.low,
                  high: magnitude.high,
                  bins: magnitude.bins,
                },
                y: { label: 'redshift', low: bins.low, high: bins.high, bins: gridBins },
                counts: grid,
              },
            },
          ],
    flags:
      flag === null || counts.flags === null || counts.flags.length === 0
        ? null
        : { column: flag, values: counts.flags.map((each) => ({ value: flagText(each.value), count: each.count })) },
  }
}

/** "3, 4 or 5" */
const oneOf = (values: readonly number[]): string => values.join(', ').replace(/, (?=[^,]*$)/, ' or ')

/** `4.0` is the flag 4. */
const flagText = (value: string): string => (/^-?\d+\.\d+$/.test(value) ? number(Number(value)) : value)

function descriptionTab(
  context: AppContext,
  data: ProductPageData,
  path: string,
  wanted: string | null,
  here: Here,
): TabContent {
  // Description files before other pages.
  const documents = data.files
    .filter((file) => isHtml(file) && !file.purged)
    .toSorted((a, b) => Number(b.role === 'description') - Number(a.role === 'description'))
  const chosen = documents.find((file) => String(file.id) === wanted) ?? documents[0]
  return {
    tab: 'description',
    files: documents.map((file) => ({
      name: file.name,
      href: here({ tab: 'description', file: String(file.id) }),
      chosen: file === chosen,
    })),
    src: chosen === undefined ? null : rawHref(context, data, chosen),
    downloadHref: chosen === undefined ? null : fileHref(path, chosen, data.asOf),
  }
}

const exportsOf = ({ listed, asOf }: ProductPageData) => {
  const api = `/api/products/${listed.product.id}/`
  return [
    ...provenanceFormats(listed).map(({ name, label }) => ({
      label,
      href: addressAsOf(`${api}provenance/`, asOf, { format: name }),
    })),
    { label: 'This product as JSON', href: addressAsOf(api, asOf) },
    { label: 'Its whole history as JSON', href: `${api}history/` },
    { label: 'Who set what, as JSON', href: addressAsOf(`${api}blame/`, asOf) },
    { label: 'Its files and history, for another server', href: `${api}export/` },
    { label: 'Its columns, with statistics, as JSON', href: `${api}columns/` },
  ]
}
