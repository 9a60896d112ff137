import { readFile } from 'node:fs/promises'
import { Hono } from 'hono'
import { type CombineForm, CombinePage, type CombinePageProps } from '../../../views/pages/pipeline/combine.tsx'
import { PipelinesPage } from '../../../views/pages/pipelines.tsx'
import type { Request } from '../../application/command.ts'
import { rulesText } from '../../application/run-config.ts'
import { checkRun, type RunInputFields, requestRun } from '../../application/runs.ts'
import type { AppContext } from '../../context.ts'
import { invalidField } from '../../domain/error.ts'
import { productType } from '../../domain/product/product-type.ts'
import { OUTPUT_FORMATS } from '../../pipelines/combine/parameters.ts'
import { combinePipeline } from '../../pipelines/combine/pipeline.ts'
import { DEFAULT_RULES_TEXT, readDefaultRules } from '../../pipelines/combine/rules/rules-file.ts'
import { PIPELINES } from '../../pipelines/registry.ts'
import type { RunRow } from '../../projections/runs/tables.ts'
import { readBody } from '../body.ts'
import type { HttpEnv } from '../middleware/environment.ts'
import { EMPTY_FORM, formOf, hasOwnRules, parametersOf, presetOf, prioritiesText } from './combine-form.ts'
import { earlierRun, type FormState, leftOut, problemsOf, publishedProducts, summaryOf } from './pipeline-form.ts'
import { refusal, textOf } from './product-form.ts'
import { frameOf, type PageContext, requestOf } from './visit.ts'

const RULES_LIMIT = 1_000_000
const COMBINE = `/pipelines/${combinePipeline.name}`

/** `/pipelines`, and the form of each pipeline. */
export function pipelinePages(context: AppContext): Hono<HttpEnv> {
  const router = new Hono<HttpEnv>()

  router.get('/pipelines', (c) => {
    requestOf(c)
    return c.html(
      <PipelinesPage
        frame={frameOf(context, c, 'pipelines')}
        pipelines={PIPELINES.map((pipeline) => ({
          name: pipeline.name,
          displayName: pipeline.displayName,
          version: pipeline.version,
          description: pipeline.description,
          accepts: pipeline.acceptedTypes.map((type) => productType(type).plural),
          makes: `a ${productType(pipeline.outputType).displayName}`,
          closed: null,
        }))}
      />,
    )
  })

  router.get(`${COMBINE}/rules.yaml`, (c) => {
    requestOf(c)
    return c.body(DEFAULT_RULES_TEXT, 200, { 'Content-Type': 'text/plain; charset=utf-8' })
  })

  router.get(COMBINE, async (c) => {
    const request = requestOf(c)
    const from = await earlierRun(context, request, combinePipeline, c.req.query('from'))
    return show(c, request, from === null ? EMPTY_FORM : presetOf(from), { from, isPreset: true })
  })

  router.post(COMBINE, async (c) => {
    const request = requestOf(c)
    await using body = await readBody(c.req.raw, { files: { store: context.blobs, limit: RULES_LIMIT, most: 1 } })
    const form = formOf(body)
    const from = await earlierRun(context, request, combinePipeline, textOf(body, 'from'))
    try {
      const [file] = body.files
      const uploaded = file === undefined ? null : { fileName: file.name, text: await readFile(file.blob.path, 'utf8') }
      const fields: RunInputFields = {
        pipelineId: combinePipeline.id,
        displayName: form.displayName,
        description: form.description,
        parameters: parametersOf(form),
        outputFormat: form.outputFormat,
        inputIds: form.inputs,
        releaseId: null,
        objectCatalogId: null,
        rules: await rulesOf(form, uploaded, from),
      }
      if (textOf(body, 'intent') === 'check') {
        const { checked } = await checkRun(context, request, fields)
        const again = uploaded === null ? [] : ['Your rules file was checked; choose it again before you run.']
        return await show(c, request, form, { from, summary: [...summaryOf(checked), ...again] })
      }
      const { runId } = await requestRun(context, request, fields)
      return c.redirect(`/runs/${runId}`, 303)
    } catch (error) {
      return show(c, request, form, { from, problem: refusal(error) })
    }
  })

  async function rulesOf(form: CombineForm, uploaded: RunInputFields['rules'], from: RunRow | null) {
    // A file that was chosen is meant, whatever button is on.
    if (uploaded !== null) return uploaded
    if (form.rules === 'upload') throw invalidField('flags_translation_file', 'Choose your rules file.')
    if (from === null || from.rules === null || form.rules !== String(from.id)) return null
    return { fileName: String(from.parameters.flags_translation_file), text: await rulesText(context, from.rules) }
  }

  async function show(c: PageContext, request: Request, form: CombineForm, more: FormState) {
    const { from, isPreset = false, problem } = more
    const catalogs = await publishedProducts(context, request, combinePipeline.acceptedTypes)
    const props: CombinePageProps = {
      frame: frameOf(context, c, 'pipelines'),
      pipeline: { displayName: combinePipeline.displayName, description: combinePipeline.description, action: COMBINE },
      form,
      catalogs,
      from: from === null ? null : { id: from.id, name: from.displayName, ownRules: hasOwnRules(from) },
      leftOut: isPreset && from !== null ? leftOut(from, catalogs) : [],
      formats: OUTPUT_FORMATS,
      defaults: serverDefaults(),
      problems: problem === undefined ? [] : problemsOf(problem),
      summary: more.summary ?? null,
    }
    return c.html(<CombinePage {...props} />, problem === undefined ? 200 : 400)
  }

  return router
}

function serverDefaults() {
  const rules = readDefaultRules()
  return {
    radius: String(rules.crossmatchRadiusArcsec),
    deltaZ: String(rules.deltaZThreshold),
    priorities: prioritiesText(rules.tiebreakingPriority),
  }
}
