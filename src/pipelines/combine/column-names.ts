/** The columns that every catalog has, once it is prepared, in their order; those without values are all null. */
export const MEASURED_COLUMNS = [
  'id',
  'ra',
  'dec',
  'z',
  'z_flag',
  'z_err',
  'instrument_type',
  'survey',
  'source',
] as const

/** What the flag and the instrument type of a survey mean in the words of all. */
export const HOMOGENIZED_COLUMNS = ['z_flag_homogenized', 'instrument_type_homogenized'] as const

/** Whether a row lies where Rubin looks. */
export const FOOTPRINT_COLUMNS = ['is_in_DP1_fields', 'is_in_rubin_footprint'] as const
