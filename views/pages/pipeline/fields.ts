/** What the fields of the forms of pipelines are called, by parameter: on the page, in what is wrong and in what will run. */
const LABELS = {
  display_name: 'Name',
  description: 'Description',
  inputs: 'Catalogs',
  output_format: 'Format of the result',
  on_invalid_rows: 'Rows without valid coordinates',
  // Combine Redshift Catalogs
  combine_type: 'What to make',
  z_flag_homogenized_value_to_cut: 'Least quality of a redshift',
  crossmatch_radius_arcsec: 'Radius',
  delta_z_threshold: 'Redshifts that agree',
  tiebreaking_priority: 'What decides between duplicates',
  tie_treatment_option: 'Ties that cannot be decided',
  seed: 'Seed of the draw',
  restore_prior_tie_result: 'Rows of an earlier combination that have no neighbours keep their tie_result',
  remove_stars: 'Leave out stars in every mode',
  insert_rubin_footprint_flag: 'Add is_in_rubin_footprint',
  insert_DP1_footprint_flag: 'Add is_in_DP1_fields',
  extra_columns: 'Columns to carry along',
  flags_translation_file: 'Rules file',
  // Training Set Maker
  release: 'Objects',
  radius_arcsec: 'Radius',
  find: 'What to find',
  n_neighbors: 'Objects of each redshift',
  specz_selection: 'Redshifts that take part',
  flux_type: 'Flux',
  convert_flux_to_mag: 'AB magnitudes instead of fluxes',
  dereddening: 'Dust map of the extinction that is taken off',
  selected_cols: 'Columns of the objects to keep',
  subsets: 'Subsets',
  train_fraction: 'Share for training, the rest is not',
  random_seed: 'Seed',
  rail_ready: 'Ready for RAIL',
} as const

export type FieldName = keyof typeof LABELS

export const isField = (name: string): name is FieldName => Object.hasOwn(LABELS, name)

export const labelOf = (name: FieldName): string => LABELS[name]

/** What is wrong with a request, without the label of the field. */
export interface FieldProblem {
  readonly field?: FieldName
  readonly text: string
}

/** What is wrong with one field; null when nothing is. */
export const errorIn = (problems: readonly FieldProblem[], name: FieldName): string | null =>
  problems
    .filter(({ field }) => field === name)
    .map(({ text }) => text)
    .join(' ') || null

/** What every field of a form has: its name, its label, and what is wrong with it. */
export const fieldsOf = (problems: readonly FieldProblem[]) => (name: FieldName) => ({
  name,
  label: LABELS[name],
  error: errorIn(problems, name),
})
