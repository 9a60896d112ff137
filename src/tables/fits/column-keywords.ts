import type { Header } from './header.ts'

const LETTER_A = 65

/** How the keywords of the columns of a binary table are named. */
export interface ColumnKeywords {
  readonly columns: number
  /** The keyword of the n-th column, e.g. `TFORM12`. @param n from 1 on */
  of(root: string, n: number): string
}

/**
 * The columns of a binary table, also of more than TFIELDS can count: STIL (TOPCAT, STILTS) says with XT_ICOL that the last
 * field holds further columns, and with XT_NCOL how many there are. Their keywords are `HIERARCH XT TFORM1000`, of older
 * versions `TFORMAAB` (SUN/252, "Wide FITS").
 */
export function columnKeywords(header: Header): ColumnKeywords {
  const fields = header.size('TFIELDS')
  const columns = header.size('XT_NCOL', fields)
  if (columns <= fields || header.size('XT_ICOL', 0) !== fields) return { columns: fields, of: (root, n) => root + n }
  const hierarch = header.text(`XT TFORM${fields}`) !== null
  return {
    columns,
    of(root, n) {
      if (n < fields) return root + n
      return hierarch ? `XT ${root}${n}` : root + letters(n - fields)
    },
  }
}

/** 0 is AAA, 1 is AAB. */
function letters(n: number): string {
  return String.fromCharCode(...[Math.floor(n / 676), Math.floor(n / 26) % 26, n % 26].map((digit) => LETTER_A + digit))
}
