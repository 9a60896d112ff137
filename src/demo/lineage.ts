import { combinePipeline } from '../pipelines/combine/pipeline.ts'
import { trainingSetPipeline } from '../pipelines/training-set/pipeline.ts'
import type { OutputTable } from '../tables/writers/output-table.ts'
import { objectCatalog } from './catalogs.ts'
import { RULES } from './files.ts'
import type { DemoMaker } from './maker.ts'
import type { Galaxy } from './sky.ts'

type Person = ReturnType<DemoMaker['as']>

/** Products that were made earlier, by their numbers. */
interface Sources {
  readonly fiber: number
  readonly ecdfsSlits: number
  readonly edfsSlits: number
}

/**
 * Three generations: surveys, their combination, a training set from it. A run fails for want of rules and is asked for
 * again; the combination is replayed; a slip in its description is undone; and then one of the surveys gets a new release, so
 * that what was made of the old one is out of date.
 */
export async function tellOfRuns(
  maker: DemoMaker,
  { luc, mei }: { readonly luc: Person; readonly mei: Person },
  sources: Sources,
  later: { readonly objects: readonly Galaxy[]; readonly nextSlits: OutputTable },
): Promise<void> {
  const combination = {
    pipelineId: combinePipeline.id,
    displayName: 'Reference redshifts of DP1 fields',
    description: 'Slit and fiber redshifts together, with duplicates marked.',
    parameters: { combine_type: 'concatenate_and_mark_duplicates', insert_DP1_footprint_flag: true },
    inputIds: [sources.fiber, sources.ecdfsSlits, sources.edfsSlits],
  }
  await maker.run(luc, { ...combination, displayName: 'Reference redshifts, first attempt' })
  const rules = { fileName: 'demo_surveys.yaml', text: RULES }
  const combined = await maker.run(luc, { ...combination, rules })
  await maker.replay(combined.runId)

  const objects = await maker.product(
    luc,
    {
      displayName: 'Objects of the Extended Chandra Deep Field South',
      productType: 'object_catalog',
      description: 'Objects with i < 25, as a target for matching.',
    },
    {
      files: [
        { name: 'ecdfs_objects.parquet', content: objectCatalog(later.objects.filter(({ mags }) => mags.i < 25)) },
      ],
      roles: { objectId: 'ID', coord_ra: 'RA', coord_dec: 'Dec' },
    },
  )
  await maker.run(luc, {
    pipelineId: trainingSetPipeline.id,
    displayName: 'Training set ECDFS from reference redshifts',
    description: 'One row for each object with a redshift of its own.',
    parameters: {
      find: 'each_object',
      specz_selection: 'winners',
      dereddening: 'none',
      crossmatch: { radius_arcsec: 0.75 },
    },
    inputIds: [combined.productId],
    objectCatalogId: objects,
  })

  await maker.edit(luc, combined.productId, { description: 'TODO' })
  await maker.undoLast(luc, combined.productId)
  await maker.attach(mei, sources.ecdfsSlits, { name: 'ecdfs_slits_dr3.csv', content: later.nextSlits }, true)
  await maker.edit(mei, sources.ecdfsSlits, { displayName: 'ECDFS slit spectroscopy DR3' })
}
