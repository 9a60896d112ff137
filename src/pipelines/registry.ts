import { combinePipeline } from './combine/pipeline.ts'
import type { Pipeline } from './pipeline.ts'

/** Every pipeline of the program. */
export const PIPELINES: readonly Pipeline[] = [combinePipeline]

export const findPipeline = (name: string): Pipeline | undefined => PIPELINES.find((each) => each.name === name)
export const findPipelineById = (id: number): Pipeline | undefined => PIPELINES.find((each) => each.id === id)
