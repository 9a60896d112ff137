import type { TaskFunction } from '../../../../src/tables/child/task.ts'
import { inspect } from '../../../../src/tables/inspect.ts'
import type { Inspection } from '../../../../src/tables/inspection.ts'
import type { TableSource } from '../../../../src/tables/table.ts'

/** `inspect`, for a child of the tests. */
export const run: TaskFunction<TableSource, Inspection> = (source) => inspect(source)
