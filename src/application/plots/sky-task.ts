import type { TaskFunction } from '../../tables/child/task.ts'
import { openTable } from '../../tables/open.ts'
import type { TableLimits, TableSource } from '../../tables/table.ts'
import { numbersOf } from './column-values.ts'
import { FieldCounter, SkyCounter, type SkyCounts } from './sky-counts.ts'

export interface SkyArguments {
  readonly source: TableSource
  readonly limits: TableLimits
  /** Names of the columns, and how many degrees one of their units is. */
  readonly ra: { readonly column: string; readonly degrees: number }
  readonly dec: { readonly column: string; readonly degrees: number }
}

/** Counts the rows of a file on the sky: once over the file for all of it, and once more for its fields. */
export const run: TaskFunction<SkyArguments, SkyCounts> = async ({ source, limits, ra, dec }, { progress }) => {
  const sky = new SkyCounter()
  await eachBatch(source, limits, ra, dec, (ras, decs) => sky.add(ras, decs))
  progress(0.5)
  const { fullest, count } = sky.fields()
  const fields = new FieldCounter(fullest)
  await eachBatch(source, limits, ra, dec, (ras, decs) => fields.add(ras, decs))
  return { cells: sky.cells(), fields: fields.counted(), fieldCount: count, rows: sky.rows, without: sky.without }
}

async function eachBatch(
  source: TableSource,
  limits: TableLimits,
  ra: SkyArguments['ra'],
  dec: SkyArguments['dec'],
  add: (ra: Float64Array, dec: Float64Array) => void,
): Promise<void> {
  const reader = await openTable(source, limits)
  try {
    for await (const batch of reader.batches({ columns: [ra.column, dec.column] })) {
      const [ras, decs] = batch.data.children
      if (ras === undefined || decs === undefined) throw new Error('The reader left out a column')
      add(scaled(numbersOf(ras), ra.degrees), scaled(numbersOf(decs), dec.degrees))
    }
  } finally {
    await reader.close()
  }
}

const scaled = (values: Float64Array, factor: number): Float64Array =>
  factor === 1 ? values : values.map((value) => value * factor)
