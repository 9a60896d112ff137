import { inspect } from '../inspect.ts'
import type { Inspection } from '../inspection.ts'
import type { TableLimits, TableSource } from '../table.ts'
import type { ChildTask, TaskFunction } from './task.ts'

export interface InspectArguments {
  readonly source: TableSource
  readonly limits: TableLimits
}

/** `inspect`, for a child process. */
export const INSPECT: ChildTask<InspectArguments, Inspection> = { name: 'inspect', module: new URL(import.meta.url) }

export const run: TaskFunction<InspectArguments, Inspection> = ({ source, limits }, { progress }) =>
  inspect(source, limits, { onProgress: progress })
