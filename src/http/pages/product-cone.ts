import type { ConeView } from '../../../views/pages/product/model.ts'
import type { Request } from '../../application/command.ts'
import { coneSearch } from '../../application/cone-search.ts'
import type { AppContext } from '../../context.ts'
import { DomainError } from '../../domain/error.ts'
import { havePositions } from '../../domain/product/column-role.ts'
import { degreesOfParts } from '../../sky/sexagesimal.ts'
import type { Cell } from '../../tables/inspection.ts'
import { TableError } from '../../tables/table.ts'
import { coneAnswer, coneQuery } from '../api/cone.ts'
import type { ProductPageData } from './product-page.ts'

/** Rows and columns that the page shows; programs get them all. */
const MOST_ROWS = 50
const MOST_COLUMNS = 12
/** Arcsec, when nobody says. */
const USUAL_RADIUS = '10'
const ARCSEC_PER_DEGREE = 3600

/** Whether the page searches the product: one with positions, as it is. Of its past the files are not searched. */
export const isSearched = ({ columns, asOf }: Pick<ProductPageData, 'columns' | 'asOf'>): boolean =>
  asOf === null && havePositions(columns)

/**
 * The cone search of a product's page, with what was found when a position was asked for; null for a product that is
 * not searched.
 */
export async function coneView(
  context: AppContext,
  request: Request,
  data: ProductPageData,
  query: URLSearchParams,
): Promise<ConeView | null> {
  if (!isSearched(data)) return null
  const { listed, columns } = data
  const asked = (name: string) => query.get(name)?.trim() ?? null
  const [ra, dec, radius] = [asked('ra'), asked('dec'), asked('radius')]
  const view = { ra: ra ?? '', dec: dec ?? '', radius: radius ?? USUAL_RADIUS, problems: [], found: null }
  if (ra === null && dec === null && radius === null) return view
  try {
    const degrees = Number(radius) / ARCSEC_PER_DEGREE
    const given = {
      RA: degreesIn(ra, 'ra'),
      DEC: degreesIn(dec, 'dec'),
      SR: radius === null || radius === '' ? '' : String(degrees),
    }
    const asIs = coneQuery(new Map([...Object.entries(given), ['MAXREC', String(MOST_ROWS)]]))
    using _ = context.limits.enter('table', request.actor.userId)
    const roles = new Set(columns.flatMap(({ name, alias }) => (alias === null ? [] : [name])))
    return { ...view, found: await found(context, request, listed.product.id, asIs, { given, roles }) }
  } catch (error) {
    if (error instanceof TableError) return { ...view, problems: [{ text: error.message }] }
    if (!(error instanceof DomainError)) throw error
    return { ...view, problems: problemsOf(error, view.ra) }
  }
}

/** A coordinate as programs want it: people may also write it in hours or degrees, minutes and seconds. */
const degreesIn = (text: string | null, kind: 'ra' | 'dec'): string =>
  String(degreesOfParts(text ?? '', kind) ?? text ?? '')

/** In the words of the form, where the radius is in arcseconds. */
function problemsOf(error: DomainError, ra: string): ConeView['problems'] {
  const { RA, DEC, SR, ...others } = error.fields ?? {}
  const told = [
    ...(RA === undefined
      ? []
      : [{ field: 'ra', text: `"${ra.slice(0, 40)}" is not a right ascension: degrees, −180 to 360, or 10:00:28.6.` }]),
    ...(DEC === undefined ? [] : [{ field: 'dec', text: String(DEC) }]),
    ...(SR === undefined ? [] : [{ field: 'radius', text: 'Say a radius in arcseconds, 0 to 648,000 (180°).' }]),
    ...Object.values(others).map((text) => ({ text: String(text) })),
  ]
  return told.length > 0 ? told : [{ text: error.message }]
}

async function found(
  context: AppContext,
  request: Request,
  id: number,
  query: ReturnType<typeof coneQuery>,
  { given, roles }: { given: Readonly<Record<'RA' | 'DEC' | 'SR', string>>; roles: ReadonlySet<string> },
): Promise<NonNullable<ConeView['found']>> {
  const { columns, results, truncated } = coneAnswer(await coneSearch(context, request, id, query), query)
  const names = columns.toSorted((a, b) => Number(roles.has(b.name)) - Number(roles.has(a.name))).slice(0, MOST_COLUMNS)
  const address = (format: string) =>
    `/api/products/${id}/cone/?${new URLSearchParams({ ...given, ...(format === 'json' ? {} : { format }) })}`
  return {
    centre: { ra: query.ra, dec: query.dec, radius: query.radius * ARCSEC_PER_DEGREE },
    columns: names,
    totalColumns: columns.length,
    rows: results.map((row) => ({
      distance: Number(row._dist_arcsec),
      cells: names.map(({ name }): Cell => row[name] ?? null),
    })),
    isCut: truncated,
    jsonHref: address('json'),
    votableHref: address('votable'),
  }
}
