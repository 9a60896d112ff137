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
 *
 * A name that an ending makes takes precedence over the same name in the catalog, whose column gets an ending in turn: of
 * `z` and `z_specz` beside an object's `z`, the first is `z_specz` and the second `z_specz_specz`, as in the reference.
 * @param added names of the columns that the pipeline adds
 */
export function columnNames(
  redshiftColumns: readonly string[],
  objectColumns: readonly string[],
  added: readonly string[],
): ColumnNames {
  const taken = new Set(added)
  const object = givenNames(objectColumns, '_object', taken)
  return { redshift: givenNames(redshiftColumns, '_specz', taken), object }
}

/** Adds the names to `taken`. */
function givenNames(columns: readonly string[], suffix: string, taken: Set<string>): Map<string, string> {
  const names = new Map<string, string>()
  // A name that was made may be that of a column seen before.
  for (let before = -1; before < names.size; ) {
    before = names.size
    for (const column of columns) {
      if (names.has(column) || !taken.has(column)) continue
      let name = column + suffix
      while (taken.has(name)) name += suffix
      names.set(column, name)
      taken.add(name)
    }
  }
  for (const column of columns) {
    if (names.has(column)) continue
    names.set(column, column)
    taken.add(column)
  }
  return names
}
