import type { ProductRecord } from './record.ts'

/** Everything that decided the outcome of a run, and what came out: enough to do it again and compare. Null for an upload. */
export function runLock({ run }: ProductRecord): object | null {
  if (run === null) return null
  const { row, events, inputs } = run
  return {
    format: 'photoz-run-lock',
    version: 1,
    run: row.id,
    status: row.status,
    pipeline: { name: row.pipeline, version: row.pipelineVersion },
    software: row.softwareVersion,
    parameters: row.parameters,
    output_format: row.outputFormat,
    inputs: inputs.map(({ role, product, releaseId, name, digest, version }) => ({
      role,
      ...(releaseId === null
        ? { product: product?.id ?? null, internal_name: product?.internalName ?? null, version }
        : { release: releaseId }),
      name,
      ...(releaseId === null ? { sha256: digest } : { digest }),
    })),
    rules: row.rules === null ? null : { sha256: row.rules },
    outputs: row.outputs.map(({ role, name, sha256, size, rows }) => ({ role, name, sha256, size, rows })),
    requested: { at: row.createdAt, event: events[0]?.id ?? null, position: events[0]?.position ?? null },
  }
}
