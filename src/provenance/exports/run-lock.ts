import type { RunRow } from '../../projections/runs/tables.ts'
import type { ProductRecord, ReadInput } from './record.ts'

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
    inputs: inputs.map((input) => {
      const { role, product, releaseId, name, digest, version } = input
      return {
        role,
        ...(releaseId === null
          ? { product: product?.id ?? null, internal_name: product?.internalName ?? null, version }
          : { release: releaseId }),
        name,
        ...(releaseId === null ? { sha256: digest } : { digest }),
        ...columnsRead(row, input),
      }
    }),
    rules: row.rules === null ? null : { sha256: row.rules },
    outputs: row.outputs.map(({ role, name, sha256, size, rows }) => ({ role, name, sha256, size, rows })),
    requested: { at: row.createdAt, event: events[0]?.id ?? null, position: events[0]?.position ?? null },
  }
}

/** Which columns were read, as their roles were when the run was asked for: they may have moved since. */
function columnsRead({ inputs, objects }: RunRow, { role, product, name }: ReadInput): object {
  // Nobody is told of the columns of what is hidden from them.
  if (name === null) return {}
  if (role === 'objects' && objects?.kind === 'release') return { id_column: objects.idColumn ?? null }
  const read = role === 'objects' ? objects : inputs.find(({ productId }) => productId === product?.id)
  return read && 'columns' in read ? { columns: read.columns } : {}
}
