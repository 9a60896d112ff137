/** Files of the demonstration that are no tables. */

/** What a validation writes about itself: a page with a plot of its own, which is shown in a sandbox. */
export function validationReport(): string {
  const points = Array.from({ length: 60 }, (_, index) => {
    const x = 30 + index * 6
    const spread = 8 + index * 0.25
    return `<circle cx="${x}" cy="${(390 - x + Math.sin(index * 12.9) * spread).toFixed(1)}" r="2.2"/>`
  })
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Validation of BPZ on DP1</title>
<style>
  body { font: 16px/1.5 Georgia, serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; color: #1d2733; background: #fff; }
  table { border-collapse: collapse } td, th { padding: .2rem .8rem; border-bottom: 1px solid #ccd; text-align: right }
  th:first-child, td:first-child { text-align: left }
</style>
<h1>Validation of BPZ 1.99 on DP1</h1>
<p>Point estimates against spectroscopic redshifts of the Extended Chandra Deep Field South, i &lt; 24.</p>
<svg viewBox="0 0 420 420" width="420" role="img" aria-label="Estimated against true redshift, close to the diagonal">
  <path d="M30 390H400M30 390V20" stroke="#556" fill="none"/><path d="M30 360L390 0" stroke="#99a" stroke-dasharray="4 4"/>
  <g fill="#2b6cb0" fill-opacity=".7">${points.join('')}</g>
</svg>
<table>
  <tr><th>metric<th>value<th>requirement</tr>
  <tr><td>bias of Δz/(1+z)<td>0.0021<td>0.003</tr>
  <tr><td>σ<sub>MAD</sub><td>0.0284<td>0.02</tr>
  <tr><td>outliers beyond 0.15<td>3.6 %<td>10 %</tr>
</table>
</html>
`
}

export const METRICS_CSV = `z_low,z_high,n,bias,sigma_mad,outliers
0.0,0.3,412,0.0011,0.0196,0.012
0.3,0.6,1088,0.0016,0.0231,0.021
0.6,0.9,1240,0.0024,0.0288,0.034
0.9,1.2,801,0.0031,0.0342,0.047
1.2,2.0,366,-0.0042,0.0519,0.081
`

/** A pickle of protocol 0 that names a class of RAIL, as the output of its inform stage does. It is never opened here. */
export const ESTIMATOR_PICKLE = Buffer.from(
  '(dp0\nVmodel\np1\nccopy_reg\n_reconstructor\np2\n(crail.estimation.algos.k_nearneigh\nKNearNeighEstimator\np3\nc__builtin__\nobject\np4\nNtp5\nRp6\nsVbands\np7\n(lp8\nVu\naVg\naVr\naVi\naVz\naVy\nas.',
)

/** A catalog with mistakes that the upload page finds: a declination of 95°, and −99 for "no redshift". */
export function catalogWithMistakes(): string {
  const rows = Array.from({ length: 400 }, (_, index) => {
    const ra = (52.9 + (index % 20) * 0.02).toFixed(5)
    const dec = index === 117 ? '95.20000' : (-28.3 + Math.floor(index / 20) * 0.02).toFixed(5)
    const z = index % 29 === 8 ? '-99' : (0.2 + ((index * 37) % 100) / 90).toFixed(4)
    return `${index + 1},${ra},${dec},${z},${1 + (index % 4)}`
  })
  return `id,ra,dec,z_spec,quality\n${rows.join('\n')}\n`
}

export const NOTEBOOK = JSON.stringify(
  {
    cells: [
      {
        cell_type: 'markdown',
        metadata: {},
        source: ['# How the training set was made\n', 'Matched within 0.75 arcsec.'],
      },
      { cell_type: 'code', execution_count: null, metadata: {}, outputs: [], source: ['table.describe()'] },
    ],
    metadata: { language_info: { name: 'python' } },
    nbformat: 4,
    nbformat_minor: 5,
  },
  null,
  1,
)

/** What the flags of the demonstration's surveys mean, for *Combine Redshift Catalogs*. */
export const RULES = `# Flags of the surveys of the demonstration.
version: 1
tiebreaking_priority: [z_flag_homogenized, instrument_type_homogenized]
instrument_type_priority: { s: 3, g: 2, p: 1 }
delta_z_threshold: 0.001
crossmatch_radius_arcsec: 0.75

translation_rules:
  # ZWARN: 0 where the fit raised no warning.
  MAIN:
    z_flag_translation: &fiber { default: 1, 0: 4 }
    instrument_type_translation: &spectra { default: s }
  SV3:
    z_flag_translation: *fiber
    instrument_type_translation: *spectra
  # 4 certain, 3 secure, 2 likely, 1 a guess.
  SLIT:
    z_flag_translation: &slits { 1: 1, 2: 2, 3: 3, 4: 4 }
    instrument_type_translation: *spectra
  SLIT2:
    z_flag_translation: *slits
    instrument_type_translation: *spectra
`
