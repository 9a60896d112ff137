/** What is said of a column besides its name and type. */
export interface ColumnWords {
  readonly unit: string | null
  readonly ucd: string | null
  readonly description: string | null
}

/** The names that the columns of both catalogs have in the training set. */
export interface ColumnNames {
  /** New name of each redshift column, by its own. */
  readonly redshift: ReadonlyMap<string, string>
  /** New name of each object column, by its own. */
  readonly object: ReadonlyMap<string, string>
}

export const DISTANCE = '_dist_arcsec'
export const IS_TRAINING_SET = 'is_training_set'
export const SUBSET = 'subset'

/**
 * Object columns keep their names; a redshift column whose name is taken gets `_specz` at its end. Names of the columns
 * that the pipeline adds are taken from the beginning (an earlier training set has them), so there an object column gets
 * `_object`.
 * @param added names of the columns that the pipeline adds
 */
export function columnNames(
  redshiftColumns: readonly string[],
  objectColumns: readonly string[],
  added: readonly string[],
): ColumnNames {
  const taken = new Set(added)
  const object = givenNames(objectColumns, '_object', taken, new Set(objectColumns))
  return { redshift: givenNames(redshiftColumns, '_specz', taken, new Set(redshiftColumns)), object }
}

/** @param own names of the same catalog, which a suffixed name must not take either */
function givenNames(
  columns: readonly string[],
  suffix: string,
  taken: Set<string>,
  own: ReadonlySet<string>,
): Map<string, string> {
  const names = new Map<string, string>()
  for (const column of columns) {
    let name = column
    while (taken.has(name) || (name !== column && own.has(name))) name += suffix
    names.set(column, name)
  }
  for (const name of names.values()) taken.add(name)
  return names
}
