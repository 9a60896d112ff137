import type { Choice } from '../../../views/components/field.tsx'
import type { FileEntry } from '../../../views/components/file-list.tsx'
import { bytes } from '../../../views/format.ts'
import type { Flash } from '../../../views/frame.ts'
import type { FormErrors, MetadataForm, MetadataRules, RoleRow } from '../../../views/pages/product/form.tsx'
import type { Request } from '../../application/command.ts'
import type { RoleWish } from '../../application/drafts.ts'
import type { ProductInput } from '../../application/products.ts'
import type { AppContext } from '../../context.ts'
import { STANDARD_ROLES } from '../../domain/product/column-role.ts'
import { findProductType, PRODUCT_TYPES } from '../../domain/product/product-type.ts'
import { suggestRoles } from '../../domain/product/role-suggestion.ts'
import type { ColumnRow } from '../../projections/columns/tables.ts'
import type { FileRow } from '../../projections/files/tables.ts'
import type { ListedProduct } from '../../projections/products/queries.ts'
import { listReleases } from '../../projections/releases/queries.ts'
import type { ColumnProfile, Inspection } from '../../tables/inspection.ts'
import type { Body } from '../body.ts'
import { type Problem, problemOf } from '../problem.ts'

/** What the pages with which products are made and edited have in common: their fields, in both directions. */

/** More than any table has columns. */
export const MOST_FIELDS = 6_000

/** Most files of one upload. */
export const MOST_FILES = 50

/** What a form that was refused shows again. */
export interface Again {
  readonly problem: Problem
  readonly values?: MetadataForm
  readonly wishes?: readonly RoleWish[]
  /** Said on top instead of the problem's own words. */
  readonly flash?: Flash
}

export const ROLE_CHOICES: readonly Choice[] = STANDARD_ROLES.map(({ alias }) => ({ value: alias, label: alias }))

/** Longest and most of the first values that are shown of a column. */
const SAMPLES = 3

/** A text field as it came; several of the same name count as the last. */
export function textOf(body: Pick<Body, 'fields'>, name: string): string {
  const value = body.fields[name]
  const last: unknown = Array.isArray(value) ? value.at(-1) : value
  return typeof last === 'string' ? last : ''
}

export const NO_METADATA: MetadataForm = {
  displayName: '',
  type: '',
  release: null,
  pzCode: null,
  description: null,
  official: false,
}

export function metadataOf({ product }: ListedProduct): MetadataForm {
  return {
    displayName: product.displayName,
    type: product.productType,
    release: product.releaseId === null ? null : String(product.releaseId),
    pzCode: product.pzCode,
    description: product.description,
    official: product.official,
  }
}

/** What the person typed, as they typed it; fields that the form did not have stay as they were. */
export function typedMetadata(body: Body, before: MetadataForm): MetadataForm {
  const typed = (name: keyof MetadataForm, else_: string | null) =>
    body.fields[name] === undefined ? else_ : textOf(body, name)
  return {
    displayName: typed('displayName', before.displayName) ?? '',
    type: typed('type', before.type) ?? '',
    release: typed('release', before.release) || null,
    pzCode: typed('pzCode', before.pzCode),
    // Forms send line breaks as CR LF; we keep what was typed.
    description: typed('description', before.description)?.replaceAll('\r\n', '\n') ?? null,
    // A box that is not ticked is not sent, so only a form with a name in it can untick it.
    official: body.fields.displayName === undefined ? before.official : textOf(body, 'official') === 'true',
  }
}

/** The fields in the words of the application; those that did not change are left out. */
export function productInput(typed: MetadataForm, before: MetadataForm): ProductInput {
  const changed = (name: keyof MetadataForm) => (typed[name] ?? '') !== (before[name] ?? '')
  return {
    ...(changed('displayName') ? { displayName: typed.displayName } : {}),
    ...(changed('description') ? { description: typed.description } : {}),
    ...(changed('pzCode') ? { pzCode: typed.pzCode } : {}),
    ...(changed('type') ? { productType: typed.type } : {}),
    // What is no number of ours is looked for under 0, where there is none.
    ...(changed('release') ? { releaseId: typed.release === null ? null : releaseNumber(typed.release) } : {}),
  }
}

const releaseNumber = (text: string): number => (/^\d{1,9}$/.test(text) ? Number(text) : 0)

/** Which fields the person gets, and what they can choose from. `current` keeps a release that can no longer be chosen. */
export async function metadataRules(
  context: AppContext,
  request: Request,
  typeName: string | null,
  current: ListedProduct | null,
): Promise<MetadataRules> {
  const type = typeName === null ? undefined : findProductType(typeName)
  const rows = await listReleases(context.database.drizzle, request.actor, {})
  const releases = rows.map((release) => ({ value: String(release.id), label: release.displayName }))
  const own = current?.product.releaseId
  if (own && !rows.some((release) => release.id === own)) {
    releases.push({ value: String(own), label: current.release?.displayName ?? `Release ${own}` })
  }
  return {
    types: PRODUCT_TYPES.toSorted((a, b) => a.order - b.order).map(({ name, displayName, description }) => ({
      value: name,
      label: displayName,
      // The words of the API name the limit of the reference server.
      help: description.replace('200MB', bytes(context.config.uploadLimit)),
    })),
    releases,
    takesRelease: type?.mayHaveRelease ?? true,
    takesPzCode: type?.mayHavePzCode ?? true,
    mayMakeOfficial: request.actor.isAdmin,
    typeIsFixed: type !== undefined,
  }
}

const FIELDS: Readonly<Record<string, keyof MetadataForm>> = {
  display_name: 'displayName',
  product_type: 'type',
  release: 'release',
  pz_code: 'pzCode',
  description: 'description',
  official_product: 'official',
}

/** The messages of a refusal beside the fields that they are about. */
export function errorsOf(problem: Problem): FormErrors {
  const errors: Partial<Record<keyof MetadataForm, string>> = {}
  for (const [name, message] of Object.entries(problem.fields ?? {})) {
    const field = FIELDS[name]
    if (field !== undefined) errors[field] = typeof message === 'string' ? message : message.join(' ')
  }
  return errors
}

/** What is wrong with the roles, by the position of the column. */
export function roleErrors(problem: Problem, columns: readonly ColumnRow[]): ReadonlyMap<number, string> {
  return new Map(
    columns.flatMap(({ id, place }) => {
      const message = problem.fields?.[`role-${id}`]
      return message === undefined ? [] : [[place, String(message)] as const]
    }),
  )
}

/** The roles that the person chose: of each column that the form had a control for. */
export function roleWishes(body: Body, columns: readonly ColumnRow[]): RoleWish[] {
  return columns.flatMap(({ id, place, name }) =>
    body.fields[`role-${place}`] === undefined
      ? []
      : [{ columnId: id, name, alias: textOf(body, `role-${place}`).trim() }],
  )
}

/**
 * The columns of a main file with their roles, first values and suggestions.
 * @param wishes what the person chose in a form that was refused
 */
export function roleRows(
  inspection: Inspection | null,
  columns: readonly ColumnRow[],
  wishes: readonly RoleWish[] = [],
  errors: ReadonlyMap<number, string> = new Map(),
): RoleRow[] {
  if (inspection === null) return []
  const suggestions = suggestRoles(inspection.columns, inspection.rows)
  const wished = new Map(wishes.map(({ columnId, alias }) => [columnId, alias]))
  return columns.flatMap((column) => {
    const profile: ColumnProfile | undefined = inspection.columns[column.place]
    if (profile === undefined) return []
    return [
      {
        index: column.place,
        name: column.name,
        type: profile.type,
        unit: profile.unit,
        samples: inspection.preview.slice(0, SAMPLES).map((row) => row[column.place] ?? null),
        min: profile.min,
        max: profile.max,
        emptyShare: inspection.rows === 0 ? 0 : profile.nulls / inspection.rows,
        role: wished.get(column.id) ?? column.alias ?? '',
        suggestion: suggestions[column.place] ?? null,
        error: errors.get(column.place) ?? null,
      },
    ]
  })
}

export const fileEntry = (file: FileRow): FileEntry => ({
  id: file.id,
  name: file.name,
  role: file.role,
  size: file.size,
  href: `/api/product-files/${file.id}/download/`,
  sha256: file.sha256,
})

/** What an added file is to a product when nobody says: HTML describes it, everything else goes along. */
export const roleOfExtra = (fileName: string): 'description' | 'auxiliary' =>
  /\.html?$/i.test(fileName) ? 'description' : 'auxiliary'

const DELIMITERS: Readonly<Record<string, string>> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'vertical bars',
  ' ': 'spaces',
}
const FORMATS: Readonly<Record<string, string>> = {
  csv: 'CSV',
  fits: 'FITS',
  hdf5: 'HDF5',
  parquet: 'Parquet',
  votable: 'VOTable',
  hats: 'HATS',
}

/** "CSV, semicolons, with a header", "Parquet". */
export function formatInWords({ format, dialect }: Inspection): string {
  if (dialect === null) return FORMATS[format] ?? format
  return [
    'Text',
    DELIMITERS[dialect.delimiter] ?? dialect.delimiter,
    dialect.hasHeader ? 'with a header' : 'without a header',
    ...(dialect.decimalComma ? ['decimal commas'] : []),
    ...(dialect.encoding === 'utf-8' ? [] : [dialect.encoding]),
  ].join(', ')
}

/** The address of a product's page, or of something below it. Internal names may have letters of any script. */
export const productPath = (internalName: string, below = ''): string =>
  `/product/${encodeURIComponent(internalName)}${below}`

export const isTabular = (typeName: string): boolean => findProductType(typeName)?.tabular ?? false

/** A refusal that a person can act on. @throws the error itself when it is a defect of ours, or a store that is down */
export function refusal(error: unknown): Problem {
  const problem = problemOf(error)
  if (problem === null || problem.status >= 500) throw error
  return problem
}

/** The status of a form that is shown again. 406 of the JSON API says that roles are missing: a conflict, to a browser. */
export const statusOf = ({ status }: Problem): 400 | 403 | 409 | 412 | 413 | 422 => {
  if (status === 406) return 409
  return ([400, 403, 409, 412, 413, 422] as const).find((each) => each === status) ?? 400
}

/** What a person is told on top of the form. The reference server's words for missing roles are for its Python client. */
export const sentenceOf = ({ code, detail }: Problem): string =>
  code === 'roles_missing'
    ? `Columns lack the roles that this type of product needs: ${detail.split(': ').at(-1)?.replaceAll(',', ', ')}.`
    : // Names of fields that the page does not show.
      detail.replaceAll(/(^|\s)(role-\d+|file): /g, '$1')
