/** Columns that tell where a row lies in its HATS catalog: they mean nothing in another table, and HATS writes its own. */
export const PLACE_COLUMNS: ReadonlySet<string> = new Set(['_healpix_29', 'Norder', 'Dir', 'Npix'])
