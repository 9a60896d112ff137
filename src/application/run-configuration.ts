import type { Run } from '../domain/run/run.ts'
import { findPipeline } from '../pipelines/registry.ts'
import { ROLES } from './runs.ts'

/**
 * What decided the outcome of a run, for people and for `config.yaml`. Without paths of the server, and in an order of its own:
 * databases keep JSON in theirs.
 */
export function runConfiguration(run: Pick<Run, 'pipeline' | 'parameters' | 'outputFormat' | 'inputs' | 'objects'>) {
  return {
    pipeline: run.pipeline.name,
    version: run.pipeline.version,
    param: inOrder(run.parameters, Object.keys(findPipeline(run.pipeline.name)?.defaults ?? {})),
    output_format: run.outputFormat,
    inputs: {
      specz: run.inputs.map(({ productId, internalName, fileName, sha256, columns }) => ({
        product: productId,
        internal_name: internalName,
        file: fileName,
        sha256,
        columns: inOrder(columns, ROLES),
      })),
      ...(run.objects === null ? {} : { dataset: run.objects }),
    },
  }
}

/** The members that are named first, then the others by name. */
function inOrder<T>(members: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  const place = (name: string) => (names.includes(name) ? names.indexOf(name) : names.length)
  return Object.fromEntries(Object.entries(members).toSorted(([a], [b]) => place(a) - place(b) || (a < b ? -1 : 1)))
}
