/**
 * Rows of a small spectroscopic catalog around the Extended Chandra Deep Field South, with names that the
 * server knows, and identifiers that JavaScript's numbers cannot hold. At most 900 rows.
 */
export function spectroscopy(rows: number, shift = 0): string {
  const lines = Array.from({ length: rows }, (_, index) => {
    const ra = 52.5 + ((index * 37) % 1000) / 1000
    const dec = -28.4 + ((index * 61) % 900) / 1000
    const z = shift + 0.05 + ((index * 7) % 97) / 60
    return `2305843019946942${String(100 + index)},${ra.toFixed(6)},${dec.toFixed(6)},${z.toFixed(4)},${1 + (index % 4)},${(19 + (index % 50) / 10).toFixed(2)}`
  })
  return `objectId,RAJ2000,DEJ2000,zspec,zflag,imag\n${lines.join('\n')}\n`
}
