import type { PipelineWork } from './pipeline.ts'

/** An attribute of HDF5 has 64 kB at most. */
const MOST_NAMES = 100

/**
 * Where an output of a run comes from, in the names of "Data Origin in the VO" (IVOA Note 1.1). Only what the record of the run
 * says, neither a time nor a host: a replay makes the same bytes.
 */
export function dataOriginOf({
  pipeline,
  inputs,
  objects,
}: Pick<PipelineWork, 'pipeline' | 'inputs' | 'objects'>): Readonly<Record<string, string>> {
  const sources = inputs.map(({ input }) => input.internalName)
  if (objects !== null) {
    const { catalog } = objects
    sources.push(catalog.kind === 'product' ? catalog.internalName : catalog.releaseName)
  }
  const more = sources.length - MOST_NAMES
  return {
    server_software: `Photo-z Server, ${pipeline.displayName} ${pipeline.version}`,
    is_derived_from: sources.slice(0, MOST_NAMES).join(', ') + (more > 0 ? ` and ${more} more` : ''),
  }
}
