import { Type } from '@sinclair/typebox'
import { notFound } from '../../domain/error.ts'
import { endpoint } from './endpoint.ts'
import { cut, PAGING, pageOf } from './paging.ts'
import { idOf } from './products.ts'
import { ListOf, Pipeline } from './schemas.ts'

/** The pipelines, as the reference server describes them. Their runs are another story. */
export const PIPELINES = [
  {
    id: 1,
    name: 'combine_redshift_dedup',
    display_name: 'Combine Redshift Catalogs',
    version: '1.0.0',
    description: 'Merges redshift catalogs, finds the rows that are the same object by position, and resolves them.',
    created_at: '2026-11-22T00:00:00.000Z',
    system_config: {
      param: {
        combine_type: 'concatenate',
        extra_columns: {},
        z_flag_homogenized_value_to_cut: 3.0,
        flags_translation_file: 'default',
        insert_DP1_footprint_flag: false,
        insert_rubin_footprint_flag: true,
      },
    },
    output_product_type: 1,
    product_types_accepted: [1],
  },
  {
    id: 2,
    name: 'training_set_maker',
    display_name: 'Training Set Maker',
    version: '1.0.0',
    description: 'Cross-matches a redshift catalog with the objects of a release.',
    created_at: '2026-11-22T00:00:00.000Z',
    system_config: {
      param: {
        crossmatch: { radius_arcsec: 1.0, n_neighbors: 1 },
        use_absolute_lsdb_path: false,
        selected_cols: [],
        flux_type: 'auto',
        convert_flux_to_mag: true,
        dereddening: 'sfd',
        split_method: 'random',
        train_fraction: 0.7,
        random_seed: null,
      },
    },
    output_product_type: 2,
    product_types_accepted: [1],
  },
]

export const pipelineEndpoints = [
  endpoint({
    method: 'get',
    path: '/pipelines/',
    tag: 'Pipelines',
    summary: 'The pipelines',
    query: Type.Object({
      id: Type.Optional(Type.String()),
      name: Type.Optional(Type.String({ description: 'exact' })),
      ...PAGING,
    }),
    responses: { 200: { description: 'The pipelines', schema: ListOf(Pipeline) } },
    handle({ query, http }) {
      const found = PIPELINES.filter(
        (pipeline) =>
          (query.id === undefined || String(pipeline.id) === query.id) &&
          (query.name === undefined || pipeline.name === query.name),
      )
      return http.json(cut(found, pageOf(query)))
    },
  }),
  endpoint({
    method: 'get',
    path: '/pipelines/{id}/',
    tag: 'Pipelines',
    summary: 'A pipeline',
    responses: { 200: { description: 'The pipeline', schema: Pipeline } },
    handle({ params, http }) {
      const pipeline = PIPELINES.find((each) => each.id === idOf(params))
      if (pipeline === undefined) throw notFound()
      return http.json(pipeline)
    },
  }),
  endpoint({
    method: 'get',
    path: '/processes/',
    tag: 'Pipelines',
    summary: 'Runs of pipelines',
    query: Type.Object(PAGING),
    responses: { 200: { description: 'The runs', schema: ListOf(Type.Object({})) } },
    handle({ query, http }) {
      return http.json(cut([], pageOf(query)))
    },
  }),
]
