import { type ColumnSpec, outputTableOf } from '../../tables/writers/output-table.ts'
import { writeOutput } from '../write-output.ts'
import { type Column, textColumn } from './columns.ts'
import type { CombineParameters } from './parameters.ts'
import type { CombinedTable } from './result.ts'

/** Units, UCDs and descriptions of the columns that the pipeline makes. */
const WORDS: Readonly<Record<string, Omit<ColumnSpec, 'name' | 'type'>>> = {
  CRD_ID: { ucd: 'meta.id;meta.main', description: 'CRD, number of the input product, row in its file' },
  id: { ucd: 'meta.id', description: 'Identifier in the input catalog' },
  ra: { unit: 'deg', ucd: 'pos.eq.ra;meta.main', description: 'Right ascension' },
  dec: { unit: 'deg', ucd: 'pos.eq.dec;meta.main', description: 'Declination' },
  z: { ucd: 'src.redshift', description: 'Redshift' },
  z_flag: { ucd: 'meta.code.qual', description: 'Quality flag, in the terms of its survey' },
  z_err: { ucd: 'stat.error;src.redshift', description: 'Error of the redshift' },
  instrument_type: { ucd: 'meta.code', description: 'Type of instrument, in the terms of the input catalog' },
  survey: { ucd: 'meta.curation', description: 'Survey' },
  source: { ucd: 'meta.record', description: 'Input product that the row comes from' },
  original_source: { ucd: 'meta.record', description: 'Where the row came from before an earlier combination' },
  tie_result: { ucd: 'meta.code', description: '1 best of its object or alone, 0 duplicate, 2 undecided tie, 3 star' },
  is_in_DP1_fields: { ucd: 'meta.code', description: '1 within 2.5 deg of a field of DP1' },
  is_in_rubin_footprint: { ucd: 'meta.code', description: '1 south of the northern limit of the Rubin footprint' },
  compared_to: { ucd: 'meta.id.cross', description: 'CRD_IDs of the direct neighbours' },
  z_flag_homogenized: {
    ucd: 'stat.rank',
    description: 'Quality: 0 none, 1 below 70 %, 2 70-90 %, 3 90-99 %, 4 above 99 % sure, 6 star',
  },
  instrument_type_homogenized: { ucd: 'meta.code', description: 's spectroscopic, g grism, p photometric' },
  group_id: { ucd: 'meta.id.assoc', description: 'Number of the group of rows that are the same object' },
}

/**
 * Truth values as the texts `true` and `false`, as FITS and HDF5 files of the reference have them: these formats have no
 * null among truth values.
 */
function withTruthsAsTexts({ rows, columns }: CombinedTable): CombinedTable {
  const textOf = (column: Column): Column =>
    column.kind === 'boolean'
      ? textColumn(Array.from(column.values, (value, row) => (column.nulls?.[row] ? null : String(value === 1))))
      : column
  return { rows, columns: columns.map((output) => ({ ...output, column: textOf(output.column) })) }
}

/**
 * Writes a combined catalog to a file in `folder`. The same table gives the same bytes.
 * @param dataOrigin see `dataOriginOf`
 * @throws TableWriteError
 */
export function writeResult(
  format: CombineParameters['outputFormat'],
  table: CombinedTable,
  folder: string,
  dataOrigin: Readonly<Record<string, string>>,
) {
  const written = format === 'fits' || format === 'hdf5' ? withTruthsAsTexts(table) : table
  return writeOutput(outputTableOf(written, { title: 'Combined redshift catalog', dataOrigin }, WORDS), {
    format,
    folder,
    name: 'crd',
    position: { ra: 'ra', dec: 'dec' },
    // The reference leaves columns without any value out of HDF5, which knows no nulls.
    dropEmptyColumns: format === 'hdf5',
  })
}
