import { Hono } from 'hono'
import { counted } from '../../../views/format.ts'
import {
  type TrainingSetForm,
  TrainingSetPage,
  type TrainingSetPageProps,
} from '../../../views/pages/pipeline/training-set.tsx'
import type { Request } from '../../application/command.ts'
import { checkRun, type RunInputFields, requestRun } from '../../application/runs.ts'
import type { AppContext } from '../../context.ts'
import { OUTPUT_FORMATS } from '../../pipelines/training-set/parameters.ts'
import { trainingSetPipeline } from '../../pipelines/training-set/pipeline.ts'
import { releasesWithCatalog } from '../../pipelines/training-set/release-catalogs.ts'
import { listReleases } from '../../projections/releases/queries.ts'
import type { ReleaseRow } from '../../projections/releases/tables.ts'
import type { RunRow } from '../../projections/runs/tables.ts'
import { readBody } from '../body.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import { earlierRun, type FormState, leftOut, problemsOf, publishedProducts, summaryOf } from './pipeline-form.ts'
import { refusal, textOf } from './product-form.ts'
import { EMPTY_FORM, formOf, objectsOf, parametersOf, presetOf } from './training-set-form.ts'
import { frameOf, type PageContext, requestOf } from './visit.ts'

const ADDRESS = `/pipelines/${trainingSetPipeline.name}`

/** The form of the *Training Set Maker*. */
export function trainingSetPages(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()

  router.get(ADDRESS, async (c) => {
    const request = requestOf(c)
    const from = await earlierRun(context, request, trainingSetPipeline, c.req.query('from'))
    return show(c, request, from === null ? EMPTY_FORM : presetOf(from), { from, isPreset: true })
  })

  router.post(ADDRESS, async (c) => {
    const request = requestOf(c)
    await using body = await readBody(c.req.raw)
    const form = formOf(body)
    const from = await earlierRun(context, request, trainingSetPipeline, textOf(body, 'from'))
    const fields: RunInputFields = {
      pipelineId: trainingSetPipeline.id,
      displayName: form.displayName,
      description: form.description,
      parameters: parametersOf(form),
      outputFormat: form.outputFormat === '' ? null : form.outputFormat,
      inputIds: form.inputs,
      ...objectsOf(form),
      rules: null,
    }
    try {
      if (textOf(body, 'intent') === 'check') {
        const { checked } = await checkRun(context, request, fields)
        return await show(c, request, form, { from, summary: summaryOf(checked) })
      }
      const { runId } = await requestRun(context, request, fields)
      return c.redirect(`/runs/${runId}`, 303)
    } catch (error) {
      return show(c, request, form, { from, problem: refusal(error) })
    }
  })

  async function show(c: PageContext, request: Request, form: TrainingSetForm, more: FormState) {
    const { displayName, description, acceptedTypes } = trainingSetPipeline
    const { from, isPreset = false, problem, summary = null } = more
    const catalogs = await publishedProducts(context, request, acceptedTypes)
    const releases = await listReleases(context.database.drizzle, request.actor, {})
    const objects = await objectChoices(request, releases)
    const props: TrainingSetPageProps = {
      frame: frameOf(context, c, 'pipelines'),
      pipeline: { displayName, description, action: ADDRESS },
      form,
      catalogs,
      objects,
      fluxes: offers(releases, ({ fluxes }) => fluxes),
      units: unitsOf(releases),
      dustMaps: offers(releases, ({ dereddening }) => dereddening),
      formats: OUTPUT_FORMATS,
      from: from === null ? null : { id: from.id, name: from.displayName },
      leftOut: isPreset && from !== null ? [...leftOut(from, catalogs), ...objectsLeftOut(from, form, objects)] : [],
      problems: problem === undefined ? [] : problemsOf(problem),
      summary,
    }
    return c.html(<TrainingSetPage {...props} />, problem === undefined ? 200 : 400)
  }

  /** Releases first; those without a catalog on this server cannot be chosen. */
  async function objectChoices(
    request: Request,
    releases: readonly ReleaseRow[],
  ): Promise<TrainingSetPageProps['objects']> {
    const root = context.config.objectCatalogs
    const known = root === null ? new Set<string>() : await releasesWithCatalog(root)
    const products = await publishedProducts(context, request, ['object_catalog'])
    return [
      ...releases.map(({ id, name, displayName }) => ({
        value: `release-${id}`,
        label: `Release ${displayName}${known.has(name) ? '' : ' (no catalog on this server)'}`,
        disabled: !known.has(name),
      })),
      ...products.map(({ id, displayName, internalName, rows }) => ({
        value: `product-${id}`,
        label: `${displayName} (${internalName}${rows === null ? '' : `, ${counted(rows, 'row')}`})`,
      })),
    ]
  }

  return router
}

/** The objects of a run when they can no longer be chosen, by name. */
function objectsLeftOut(
  { objects }: RunRow,
  form: TrainingSetForm,
  choices: TrainingSetPageProps['objects'],
): readonly string[] {
  if (objects === null || choices.some(({ value, disabled }) => value === form.objects && !disabled)) return []
  return [objects.kind === 'release' ? `The catalog of the release ${objects.releaseName}` : objects.displayName]
}

/** Which releases have catalogs of magnitudes or of fluxes alone, as their metadata say. */
function unitsOf(releases: readonly ReleaseRow[]): string[] {
  return releases
    .filter(({ hasMagHats, hasFluxHats }) => hasMagHats !== hasFluxHats)
    .map(({ displayName, hasMagHats }) => `${displayName}: ${hasMagHats ? 'magnitudes' : 'fluxes'} alone.`)
}

/** What each release has of something, in its own names. */
function offers(
  releases: readonly ReleaseRow[],
  choices: (release: ReleaseRow) => readonly { readonly name: string; readonly disabled?: boolean }[],
): string[] {
  return releases.flatMap((release) => {
    const names = choices(release).filter(({ disabled }) => !disabled)
    return names.length === 0 ? [] : [`${release.displayName}: ${names.map(({ name }) => name).join(', ')}.`]
  })
}
