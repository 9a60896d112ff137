import { combinePipeline } from './combine/pipeline.ts'
import type { Pipeline } from './pipeline.ts'
import { trainingSetPipeline } from './training-set/pipeline.ts'

/** Every pipeline of the program. */
export const PIPELINES: readonly Pipeline[] = [combinePipeline, trainingSetPipeline]

export const findPipeline = (name: string): Pipeline | undefined => PIPELINES.find((each) => each.name === name)
export const findPipelineById = (id: number): Pipeline | undefined => PIPELINES.find((each) => each.id === id)
