/** The roles that pipelines and the Python client know, with the UCD that each stands for (IVOA UCD1+). */
export const STANDARD_ROLES = [
  { alias: 'ID', ucd: 'meta.id;meta.main' },
  { alias: 'RA', ucd: 'pos.eq.ra;meta.main' },
  { alias: 'Dec', ucd: 'pos.eq.dec;meta.main' },
  { alias: 'z', ucd: 'src.redshift' },
  { alias: 'z_err', ucd: 'stat.error;src.redshift' },
  { alias: 'z_flag', ucd: 'stat.rank' },
  { alias: 'survey', ucd: 'meta.curation' },
] as const

export type Alias = (typeof STANDARD_ROLES)[number]['alias']

const BY_LOWER_CASE: ReadonlyMap<string, (typeof STANDARD_ROLES)[number]> = new Map(
  STANDARD_ROLES.map((role) => [role.alias.toLowerCase(), role]),
)

/** What a column means to those who use the product: a standard role, or a name of the person's own. */
export interface ColumnRole {
  readonly alias: string | null
  readonly ucd: string | null
}

export const NO_ROLE: ColumnRole = { alias: null, ucd: null }

/** The standard role of an alias, whatever its case. */
export const standardRole = (alias: string): ColumnRole | undefined => BY_LOWER_CASE.get(alias.toLowerCase())

/** Whether a text can be a UCD: words of letters, digits, `-` and `_`, joined by dots, several of them joined by `;`. */
export const isUcd = (text: string): boolean =>
  text.length <= 255 && /^[\w-]+(\.[\w-]+)*(;[\w-]+(\.[\w-]+)*)*$/.test(text)

/** Whether the rows of a table with these columns lie on the sky. */
export const havePositions = (columns: readonly { readonly alias: string | null }[]): boolean =>
  ['RA', 'Dec'].every((role) => columns.some(({ alias }) => alias === role))
