import { Type } from '@sinclair/typebox'
import type { Request } from '../../application/command.ts'
import { mayChange } from '../../domain/product/permissions.ts'
import { isFinished } from '../../domain/run/run.ts'
import { findPipeline } from '../../pipelines/registry.ts'
import type { ListedProduct } from '../../projections/products/queries.ts'
import type { RunRow } from '../../projections/runs/tables.ts'
import { RUN_WORDS } from '../../projections/runs/words.ts'
import { productJson } from './product-json.ts'
import { Moment, NullableText, nullable, Product } from './schemas.ts'

/** What a list of runs needs to know besides the runs. */
export interface Surroundings {
  /** The products that runs read and, of runs that succeeded, made, as far as the person may see them. */
  readonly products: ReadonlyMap<number, ListedProduct>
  /** Display names of releases. */
  readonly releases: ReadonlyMap<number, string>
}

/** A run as the JSON API gives it: the keys of the reference server first, then ours. */
export function processJson(run: RunRow, request: Request, { products, releases }: Surroundings) {
  const release = run.objects?.kind === 'release' ? run.objects : null
  const changeable = mayChange(request.actor, run.ownerId)
  // Whoever is told of success takes the product at once: until it is published, the run goes on.
  const publishing = run.status === 'succeeded' && products.get(run.outputProductId)?.product.status === 'processing'
  return {
    id: run.id,
    release: release?.releaseId ?? null,
    object_catalog: run.objects?.kind === 'product' ? run.objects.productId : null,
    release_name: release === null ? null : (releases.get(release.releaseId) ?? release.releaseName),
    pipeline_name: run.pipeline,
    pipeline_version: run.pipelineVersion,
    owned_by: run.owner,
    is_owner: run.ownerId === request.actor.userId,
    provenance_inputs: run.inputs.flatMap(({ productId }) => {
      const product = products.get(productId)
      return product === undefined ? [] : [productJson(product, request)]
    }),
    used_config: { param: run.parameters, output_format: run.outputFormat },
    display_name: run.displayName,
    created_at: run.createdAt,
    started_at: run.startedAt,
    ended_at: run.endedAt,
    orchestration_process_id: null,
    status: RUN_WORDS[publishing ? 'running' : run.status],
    path: null,
    comment: run.comment,
    pipeline: findPipeline(run.pipeline)?.id ?? null,
    upload: run.outputProductId,
    inputs: run.inputs.map((input) => input.productId),
    pipeline_display_name: run.pipelineName,
    description: run.description,
    output_format: run.outputFormat,
    stage: run.stage,
    stage_label: run.stage === null ? null : (findPipeline(run.pipeline)?.stages[run.stage] ?? run.stage),
    fraction: run.fraction,
    attempts: run.attempts,
    worker: run.worker,
    error: run.errorCode === null ? null : { code: run.errorCode, reason: run.errorReason, problems: run.problems },
    outputs: run.outputs,
    metrics: run.metrics,
    replay: run.replay,
    software_version: run.softwareVersion,
    can_stop: changeable && !isFinished(run.status),
    can_delete: changeable && isFinished(run.status) && !publishing && !run.deleted,
    deleted: run.deleted,
    revision: run.revision,
    position: run.position,
  }
}

const Digest = Type.String({ description: 'SHA-256' })

export const Process = Type.Object(
  {
    id: Type.Integer(),
    release: nullable(Type.Integer()),
    release_name: NullableText,
    object_catalog: nullable(Type.Integer({ description: 'the product with the objects, when they are no release' })),
    pipeline_name: Type.String(),
    pipeline_version: Type.String(),
    owned_by: Type.String(),
    is_owner: Type.Boolean(),
    provenance_inputs: Type.Array(Product, { description: 'the inputs that you may see' }),
    used_config: Type.Object({}, { additionalProperties: true, description: 'complete, defaults filled in' }),
    display_name: Type.String(),
    created_at: Moment,
    started_at: nullable(Moment),
    ended_at: nullable(Moment),
    orchestration_process_id: NullableText,
    status: Type.String({ description: 'Pending, Running, Stopping, Stopped, Successful or Failed' }),
    path: NullableText,
    comment: NullableText,
    pipeline: nullable(Type.Integer()),
    upload: Type.Integer({ description: 'number of the product that the run makes' }),
    inputs: Type.Array(Type.Integer()),
    pipeline_display_name: Type.String(),
    description: NullableText,
    output_format: Type.String(),
    stage: NullableText,
    stage_label: NullableText,
    fraction: Type.Number({ description: 'of the whole run, 0 to 1' }),
    attempts: Type.Integer(),
    worker: NullableText,
    error: nullable(Type.Object({ code: Type.String(), reason: Type.String(), problems: Type.Array(Type.String()) })),
    outputs: Type.Array(Type.Object({ name: Type.String(), sha256: Digest, size: Type.Integer() })),
    metrics: Type.Object({}, { additionalProperties: true }),
    replay: nullable(Type.Object({ identical: Type.Boolean(), at: Moment })),
    software_version: Type.String(),
    can_stop: Type.Boolean(),
    can_delete: Type.Boolean(),
    deleted: Type.Boolean({ description: 'off the lists; found by its number all the same' }),
    revision: Type.Integer(),
    position: Type.String({ description: 'place of its last event in the log' }),
  },
  { $id: 'Process' },
)
