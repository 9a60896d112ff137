import { listGroups, listMemberships } from '../accounts/groups.ts'
import { findUserByName } from '../accounts/users.ts'
import { accountsOf, createPerson } from '../application/people.ts'
import { defineRelease } from '../application/releases.ts'
import type { AppContext } from '../context.ts'
import {
  estimates,
  fiberSurvey,
  objectCatalog,
  observedAgain,
  slitSpectra,
  slitSurvey,
  trainingSet,
  wideRedshifts,
} from './catalogs.ts'
import type { DemoClock } from './clock.ts'
import { catalogWithMistakes, ESTIMATOR_PICKLE, METRICS_CSV, NOTEBOOK, validationReport } from './files.ts'
import { tellOfRuns } from './lineage.ts'
import { DemoMaker } from './maker.ts'
import { Random } from './random.ts'
import { deepField, FIELDS, wideSurvey } from './sky.ts'

/** The password of everybody in the demonstration. */
export const DEMO_PASSWORD = 'demo-password'

/** Who may see the release DP1. */
const INSIDERS = 'DP1 insiders'

export const DEMO_PEOPLE = [
  { username: 'ana', displayName: 'Ana Souza', groups: ['DESC'] },
  { username: 'luc', displayName: 'Luc Martin', groups: ['DESC', INSIDERS] },
  { username: 'mei', displayName: 'Mei Chen', groups: [] },
] as const

/**
 * Four months of a small collaboration: surveys that overlap on the sky, a release, products of every type, edits, a
 * replaced file, a deleted product, a draft with mistakes, runs of the pipelines. Everything is made by the application's own
 * functions; the runs need a worker.
 * @param size 1 is the demonstration; less makes smaller catalogs, for tests
 */
export async function tellStory(context: AppContext, clock: DemoClock, size = 1): Promise<void> {
  const random = new Random(20_260_314)
  const maker = new DemoMaker(context, clock)
  const account = await findUserByName(accountsOf(context), 'admin')
  if (account === null) throw new Error('The demonstration needs the account admin')
  const admin = maker.as(account)
  const [ana, luc, mei] = await people(context, maker, admin)
  const releases = await twoReleases(context, admin, clock)

  const ecdfs = deepField(random, FIELDS.ecdfs, Math.round(16_000 * size))
  const edfs = deepField(random, FIELDS.edfs, Math.round(9_000 * size))
  const ldf = deepField(random, FIELDS.ldf, Math.round(9_000 * size))
  const wide = wideSurvey(random, Math.round(20_000 * size))
  const deep = [...ecdfs, ...edfs, ...ldf]

  // ---- reference redshifts
  const strips = await maker.product(
    ana,
    {
      displayName: 'Wide redshift survey, final release',
      productType: 'redshift_catalog',
      description:
        'Redshifts of bright galaxies in **two strips** at the galactic caps, and random fields between.\n\n| quality | meaning |\n|---|---|\n| 3–5 | reliable |\n| 1–2 | not to be used |\n',
    },
    {
      files: [{ name: 'wide_redshift_survey.fits', content: wideRedshifts(random, wide) }],
      roles: { serial: 'ID', ra: 'RA', dec: 'Dec', z: 'z', quality: 'z_flag' },
    },
  )
  await maker.change(admin, strips, { type: 'MarkOfficial', official: true })

  const fiberRoles = {
    TARGETID: 'ID',
    TARGET_RA: 'RA',
    TARGET_DEC: 'Dec',
    Z: 'z',
    ZERR: 'z_err',
    ZWARN: 'z_flag',
    SURVEY: 'survey',
  }
  const fiber = await maker.product(
    luc,
    {
      displayName: 'DESI-like fiber redshifts in DP1 fields',
      productType: 'redshift_catalog',
      description: 'First version.',
    },
    {
      files: [{ name: 'fiber_redshifts.parquet', content: fiberSurvey(random, [...ldf, ...ecdfs]) }],
      roles: fiberRoles,
    },
  )
  await maker.edit(luc, fiber, {
    description:
      'Fiber spectra of galaxies brighter than r ≈ 22 in the fields of Data Preview 1.\n\nUse `ZWARN == 0` for secure redshifts. Version 2 adds the field **EDFS**; the old file is in the history.',
  })
  await maker.attach(luc, fiber, { name: 'fiber_redshifts_v2.parquet', content: fiberSurvey(random, deep) }, true)
  await maker.change(admin, fiber, { type: 'MarkOfficial', official: true })

  const slitRoles = { ID: 'ID', RAJ2000: 'RA', DEJ2000: 'Dec', zspec: 'z', zflag: 'z_flag', survey_name: 'survey' }
  const spectra = slitSpectra(random, ecdfs)
  const slits = await maker.product(
    mei,
    {
      displayName: 'ECDFS slit spectroscopy',
      productType: 'redshift_catalog',
      description: 'Deep slit spectra, `i < 24`. Flags 3 and 4 are right in 95 and 99 of 100 cases.',
    },
    { files: [{ name: 'ecdfs_slits.csv', content: slitSurvey(spectra, 'SLIT') }], roles: slitRoles },
  )
  await maker.edit(mei, slits, { displayName: 'ECDFS slit spectroscopy DR2' })
  const laterSlits = await maker.product(
    ana,
    {
      displayName: 'EDFS slit spectroscopy',
      productType: 'redshift_catalog',
      description: 'The same instrument, two years later.',
    },
    { files: [{ name: 'edfs_slits.hdf5', content: slitSurvey(slitSpectra(random, edfs), 'SLIT2') }], roles: slitRoles },
  )

  // ---- what is made of them
  const training = await maker.product(
    luc,
    {
      displayName: 'Training set DP1 ECDFS',
      productType: 'training_set',
      releaseId: releases.dp1,
      description: 'Secure redshifts matched to DP1 objects within 0.75″. Magnitudes are corrected for dust.',
    },
    {
      files: [
        { name: 'training_set.hdf5', content: trainingSet(random, ecdfs), group: 'photometry' },
        { name: 'how_it_was_made.ipynb', content: NOTEBOOK, role: 'auxiliary' },
      ],
      roles: { objectId: 'ID', coord_ra: 'RA', coord_dec: 'Dec', redshift: 'z' },
    },
  )
  await maker.product(
    luc,
    {
      displayName: 'k-NN estimator trained on DP1 ECDFS',
      productType: 'training_results',
      releaseId: releases.dp1,
      description: `Output of RAIL inform with \`k_nearneigh\`, trained on product ${training}.`,
    },
    { files: [{ name: 'estimator_knn.pkl', content: ESTIMATOR_PICKLE }] },
  )
  await maker.product(
    luc,
    {
      displayName: 'k-NN photo-z of DP1 ECDFS',
      productType: 'photoz_estimates',
      releaseId: releases.dp1,
      pzCode: 'RAIL k-NN 1.0',
      description: 'Point estimates; the PDFs are in the other entry.',
    },
    {
      files: [{ name: 'knn_estimates.parquet', content: estimates(random, ecdfs) }],
      roles: { objectId: 'ID', z_mode: 'z', z_err: 'z_err' },
    },
  )
  await maker.product(luc, {
    displayName: 'k-NN photo-z of DP1, all fields, with PDFs',
    productType: 'photoz_estimates',
    releaseId: releases.dp1,
    pzCode: 'RAIL k-NN 1.0',
    description:
      '41 GB: too large for this server. It lies at `/data/shared/pz/knn_dp1_qp` of the computing centre; ask Luc for access.',
  })
  const validation = await maker.product(
    mei,
    {
      displayName: 'Validation of BPZ on DP1',
      productType: 'validation_results',
      releaseId: releases.dp02,
      pzCode: 'BPZ 1.99',
      description: 'Metrics in bins of redshift, and a report.',
    },
    {
      files: [
        { name: 'metrics.csv', content: METRICS_CSV },
        { name: 'report.html', content: validationReport(), role: 'description' },
      ],
    },
  )
  await maker.change(admin, validation, { type: 'MarkOfficial', official: true })
  await maker.product(
    ana,
    {
      displayName: 'Objects of the low ecliptic latitude field',
      productType: 'object_catalog',
      releaseId: releases.dp02,
      description: 'All objects with i < 25.5.',
    },
    {
      files: [{ name: 'objects.xml', content: objectCatalog(ldf.slice(0, Math.round(4_000 * size))) }],
      roles: { objectId: 'ID', coord_ra: 'RA', coord_dec: 'Dec' },
    },
  )
  await maker.product(
    mei,
    {
      displayName: 'Throughputs used for the mock photometry',
      productType: 'other',
      description: 'One line per wavelength.',
    },
    { files: [{ name: 'throughputs.csv', content: throughputs() }] },
  )

  // ---- what did not stay
  const mistake = await maker.product(
    ana,
    { displayName: 'Test upload, please ignore', productType: 'other' },
    { files: [{ name: 'notes.txt', content: 'ra dec z\n10.0 -20.0 0.5\n' }] },
  )
  await maker.change(ana, mistake, { type: 'DeleteProduct' })
  await maker.product(
    ana,
    { displayName: 'Redshifts from the new spectrograph', productType: 'redshift_catalog' },
    {
      files: [{ name: 'new_spectrograph.csv', content: catalogWithMistakes() }],
      roles: { id: 'ID', ra: 'RA', dec: 'Dec', z_spec: 'z', quality: 'z_flag' },
      draft: true,
    },
  )
  const sources = { fiber, ecdfsSlits: slits, edfsSlits: laterSlits }
  await tellOfRuns(maker, { luc, mei }, sources, {
    objects: ecdfs,
    nextSlits: slitSurvey(observedAgain(random, spectra), 'SLIT'),
  })
  clock.live()
}

async function people(context: AppContext, maker: DemoMaker, admin: ReturnType<DemoMaker['as']>) {
  const [ana, luc, mei] = DEMO_PEOPLE
  const make = async ({ username, displayName, groups }: (typeof DEMO_PEOPLE)[number]) => {
    const user = await createPerson(context, admin, { username, displayName, password: DEMO_PASSWORD, groups })
    const memberships = await listMemberships(accountsOf(context))
    const own = memberships.filter(({ userId }) => userId === user.id)
    return maker.as(
      user,
      own.map(({ group }) => group.id),
    )
  }
  return [await make(ana), await make(luc), await make(mei)] as const
}

async function twoReleases(context: AppContext, admin: ReturnType<DemoMaker['as']>, clock: DemoClock) {
  clock.pass(5)
  const insiders = (await listGroups(accountsOf(context))).filter(({ name }) => name === INSIDERS)
  const dp02 = await defineRelease(context, admin, {
    name: 'dp02',
    displayName: 'LSST DP0.2',
    description: 'The simulated survey of the Data Preview 0.2.',
  })
  const dp1 = await defineRelease(context, admin, {
    name: 'dp1',
    displayName: 'Rubin DP1',
    description: 'Data Preview 1: commissioning data in seven fields.',
    isPublic: false,
    accessGroups: insiders.map(({ id }) => id),
  })
  return { dp02: dp02.id, dp1: dp1.id }
}

/** Smooth bands, as a table without any role. */
function throughputs(): string {
  const bands = { u: 365, g: 475, r: 622, i: 754, z: 869, y: 971 }
  const rows = Array.from({ length: 161 }, (_, index) => 300 + 5 * index).map((wavelength) => {
    const values = Object.values(bands).map((centre) => Math.exp(-(((wavelength - centre) / 62) ** 4)).toFixed(5))
    return [wavelength, ...values].join(',')
  })
  return `wavelength_nm,${Object.keys(bands).join(',')}\n${rows.join('\n')}\n`
}
