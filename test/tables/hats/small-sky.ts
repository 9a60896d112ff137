import type { OutputTable } from '../../../src/tables/writers/output-table.ts'

/** Positions spread evenly over the sky, always the same ones. */
export function smallSky(rows: number): OutputTable {
  let seed = 42
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
    return seed / 2 ** 31
  }
  const ra = new Float64Array(rows)
  const dec = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    ra[row] = random() * 360
    dec[row] = (Math.asin(2 * random() - 1) * 180) / Math.PI
  }
  return {
    rows,
    metadata: { title: 'A small sky' },
    columns: [
      {
        name: 'id',
        type: 'int64',
        values: BigInt64Array.from(ra, (_, i) => 2n ** 60n + BigInt(i)),
        ucd: 'meta.id;meta.main',
      },
      { name: 'ra', type: 'float64', values: ra, unit: 'deg' },
      { name: 'dec', type: 'float64', values: dec, unit: 'deg' },
      { name: 'name', type: 'string', values: Array.from(ra, (_, i) => (i % 3 === 0 ? null : `n${i}`)) },
    ],
  }
}
