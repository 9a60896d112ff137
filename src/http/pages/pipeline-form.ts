import { bytes, counted } from '../../../views/format.ts'
import { type FieldName, isField, labelOf } from '../../../views/pages/pipeline/fields.ts'
import type { InputChoice } from '../../../views/pages/pipeline/inputs.tsx'
import type { RequestFormProps } from '../../../views/pages/pipeline/request-form.tsx'
import type { Request } from '../../application/command.ts'
import { requireRun } from '../../application/runs.ts'
import type { AppContext } from '../../context.ts'
import { notFound } from '../../domain/error.ts'
import type { ProductTypeName } from '../../domain/product/product-type.ts'
import type { CheckedRequest, Pipeline } from '../../pipelines/pipeline.ts'
import { listProducts } from '../../projections/products/queries.ts'
import type { RunRow } from '../../projections/runs/tables.ts'
import type { Problem } from '../problem.ts'

/** The run that a form is filled from; null when it is one of another pipeline. @throws DomainError `not_found` */
export async function earlierRun(
  context: AppContext,
  request: Request,
  pipeline: Pick<Pipeline, 'name'>,
  id: string | undefined,
): Promise<RunRow | null> {
  if (id === undefined || id === '') return null
  if (!/^\d{1,9}$/.test(id)) throw notFound()
  const run = await requireRun(context, request, Number(id))
  return run.pipeline === pipeline.name ? run : null
}

/** The published products of some types that the person may see, by name. */
export async function publishedProducts(
  context: AppContext,
  { actor }: Request,
  productTypes: readonly ProductTypeName[],
): Promise<readonly InputChoice[]> {
  const { items } = await listProducts(
    context.database.drizzle,
    actor,
    { productTypes: [...productTypes], statuses: ['published'] },
    { by: 'display_name', descending: false },
    null,
  )
  return items.map(({ product, stale }) => ({ ...product, stale: stale === true }))
}

/** The inputs of a run that can no longer be chosen, by name. */
export function leftOut({ inputs }: RunRow, choices: readonly InputChoice[]): string[] {
  const offered = new Set(choices.map(({ id }) => id))
  return inputs.filter(({ productId }) => !offered.has(productId)).map(({ displayName }) => displayName)
}

/** Why a form is shown, and what is to be said of it. */
export interface FormState {
  /** The run that it was filled in from. */
  readonly from: RunRow | null
  /** It is as that run was, and nobody has changed it yet. */
  readonly isPreset?: boolean
  readonly problem?: Problem
  readonly summary?: readonly string[]
}

/** What is wrong with a request, each with its field of the form and without its name, which stands beside it. */
export function problemsOf({ detail, fields }: Problem): RequestFormProps['problems'] {
  const problems = Object.entries(fields ?? {}).flatMap(([name, told]) =>
    [told].flat().map((said) => {
      const text = String(said)
      const field = name === 'used_config' ? parameterIn(text) : fieldOf(name)
      return field === undefined ? { text } : { field, text: withoutName(text, field) }
    }),
  )
  return problems.length > 0 ? problems : [{ text: detail }]
}

/** Releases and products are chosen in one field. */
const fieldOf = (name: string): FieldName | undefined =>
  name === 'object_catalog' ? 'release' : isField(name) ? name : undefined

/** The parameter that a problem is of: it is named in it, also within another, like `crossmatch.radius_arcsec`. */
const parameterIn = (text: string): FieldName | undefined => text.match(/\w+/g)?.find(isField)

/** "crossmatch.radius_arcsec must be a number" is "Must be a number" beside the box of the radius. */
function withoutName(text: string, field: FieldName): string {
  const said = text.replace(new RegExp(`^(?:\\w+\\.)?${field} (?=must )`), '')
  return said === text ? text : said.replace('must', 'Must')
}

/** What would run, in words: what is not asked for is left out. */
export function summaryOf({ inputs, parameters, objects, outputFormat }: CheckedRequest): string[] {
  const size = inputs.reduce((sum, input) => sum + input.size, 0)
  const names = inputs.map((input) => input.displayName).join(', ')
  return [
    `${counted(inputs.length, 'catalog')} (${bytes(size)}): ${names}`,
    ...(objects === null ? [] : [`Objects: ${objects.kind === 'release' ? objects.path : objects.displayName}`]),
    ...Object.entries(parameters)
      .flatMap(([name, value]) => (name === 'crossmatch' ? Object.entries(value ?? {}) : [[name, value] as const]))
      .flatMap(([name, value]) => (name === 'output_format' ? [] : (inWords(name, value) ?? []))),
    `Result as ${outputFormat}`,
  ]
}

/** A parameter such as `radius_arcsec: 1` as "Radius: 1 arcsec", as the form calls it; null for one that asks for nothing. */
function inWords(name: string, value: unknown): string | null {
  const told = valueInWords(value)
  const [, words = name, unit] = /^(.*?)(?:_(arcsec))?$/.exec(name) ?? []
  const label = isField(name) ? labelOf(name) : words.replaceAll('_', ' ')
  if (told === null) return null
  return value === true ? label : `${label}: ${told}${unit === undefined ? '' : ` ${unit}`}`
}

function valueInWords(value: unknown): string | null {
  if (value === null || value === undefined || value === false || value === '') return null
  if (typeof value !== 'object') return String(value)
  const parts = Array.isArray(value)
    ? value.map(valueInWords)
    : Object.entries(value).map(([name, part]) => inWords(name, part))
  return parts.filter(Boolean).join(', ') || null
}
