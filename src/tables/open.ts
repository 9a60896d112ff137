import { openCsv, type TextOptions } from './csv/csv-reader.ts'
import { detectFormat } from './detect.ts'
import { DEFAULT_LIMITS, type TableLimits, type TableReader, type TableSource } from './table.ts'

/**
 * Opens a table of any format that we read, by its content; the extension must agree with it. Archives must be unpacked
 * before. The caller closes the reader.
 * @throws TableError
 */
export async function openTable(
  source: TableSource,
  limits: TableLimits = DEFAULT_LIMITS,
  options: TextOptions = {},
): Promise<TableReader> {
  const format = await detectFormat(source)
  // Each format is loaded when it is needed: two of them bring WebAssembly along.
  switch (format) {
    case 'csv':
      return openCsv(source, limits, options)
    case 'votable':
      return (await import('./votable/votable-reader.ts')).openVotable(source, limits)
    case 'fits':
      return (await import('./fits/fits-reader.ts')).openFits(source, limits)
    case 'hats':
      return (await import('./hats/zipped-hats.ts')).openZippedHats(source, limits)
    case 'hdf5':
      return (await import('./hdf5/hdf5-reader.ts')).openHdf5(source, limits)
    case 'parquet':
      return (await import('./parquet/parquet-reader.ts')).openParquet(source, limits)
  }
}
