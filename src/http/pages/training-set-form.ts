import type { TrainingSetForm } from '../../../views/pages/pipeline/training-set.tsx'
import { type Body, listOf } from '../body.ts'
import { type AskedRun, given, numberOf, runFormOf } from './run-form.ts'
import { readTypedName, typedItems, typedName } from './typed-names.ts'

/** What the form of the *Training Set Maker* shows at first. */
export const EMPTY_FORM: TrainingSetForm = {
  displayName: '',
  description: '',
  inputs: [],
  objects: '',
  radius: '1',
  find: 'best',
  neighbours: '1',
  speczSelection: 'all',
  onInvalidRows: 'fail',
  fluxType: 'auto',
  convertFluxToMag: true,
  dereddening: 'sfd',
  selectedColumns: '',
  split: 'fraction',
  trainFraction: '0.7',
  train: '0.7',
  validation: '0.1',
  test: '0.2',
  seed: '0',
  railReady: false,
  outputFormat: '',
}

/** The form as it was sent. */
export function formOf(body: Body): TrainingSetForm {
  const { text, on, common } = runFormOf(body)
  return {
    ...common,
    objects: text('release'),
    radius: text('radius_arcsec'),
    find: text('find'),
    neighbours: text('n_neighbors'),
    speczSelection: text('specz_selection'),
    onInvalidRows: text('on_invalid_rows'),
    fluxType: text('flux_type'),
    convertFluxToMag: on('convert_flux_to_mag'),
    dereddening: text('dereddening'),
    selectedColumns: text('selected_cols'),
    split: text('split'),
    trainFraction: text('train_fraction'),
    train: text('subset_train'),
    validation: text('subset_validation'),
    test: text('subset_test'),
    seed: text('random_seed'),
    railReady: on('rail_ready'),
    outputFormat: text('output_format'),
  }
}

/** The catalog of objects that a form means: a release, or a product. */
export function objectsOf({ objects }: TrainingSetForm): { releaseId: number | null; objectCatalogId: number | null } {
  const [, kind, id] = /^(release|product)-(\d{1,9})$/.exec(objects) ?? []
  return {
    releaseId: kind === 'release' ? Number(id) : null,
    objectCatalogId: kind === 'product' ? Number(id) : null,
  }
}

/** The parameters that a form means, in the words of the API. What cannot be read is handed on for the pipeline to refuse. */
export function parametersOf(form: TrainingSetForm): Record<string, unknown> {
  const isBest = form.find === 'best' || form.find === ''
  const parameters = {
    crossmatch: given({
      radius_arcsec: numberOf(form.radius),
      // The box is there for `best` alone.
      n_neighbors: isBest ? numberOf(form.neighbours) : '',
    }),
    find: form.find,
    specz_selection: form.speczSelection,
    on_invalid_rows: form.onInvalidRows,
    flux_type: form.fluxType,
    convert_flux_to_mag: form.convertFluxToMag,
    dereddening: form.dereddening === '' ? 'none' : form.dereddening,
    selected_cols: typedItems(form.selectedColumns).map(readTypedName),
    split_method: form.split === 'none' ? 'none' : 'random',
    train_fraction: form.split === 'fraction' ? numberOf(form.trainFraction) : '',
    subsets:
      form.split === 'subsets'
        ? given({ train: numberOf(form.train), validation: numberOf(form.validation), test: numberOf(form.test) })
        : null,
    random_seed: form.seed === '' ? null : numberOf(form.seed),
    rail_ready: form.railReady,
  }
  return given(parameters)
}

/** The form that asks for what a run was asked for. */
export function presetOf(run: AskedRun): TrainingSetForm {
  const { parameters } = run
  const crossmatch = mappingOf(parameters.crossmatch)
  const subsets = parameters.subsets === null ? null : mappingOf(parameters.subsets)
  const text = (value: unknown) => (value === null || value === undefined ? '' : String(value))
  const { objects } = run
  return {
    displayName: run.displayName,
    description: run.description ?? '',
    inputs: run.inputs.map((input) => input.productId),
    objects:
      objects === null
        ? ''
        : objects.kind === 'release'
          ? `release-${objects.releaseId}`
          : `product-${objects.productId}`,
    radius: text(crossmatch.radius_arcsec),
    find: text(parameters.find),
    neighbours: text(crossmatch.n_neighbors),
    speczSelection: text(parameters.specz_selection),
    onInvalidRows: text(parameters.on_invalid_rows),
    fluxType: text(parameters.flux_type),
    convertFluxToMag: parameters.convert_flux_to_mag === true,
    dereddening: text(parameters.dereddening),
    selectedColumns: listOf(parameters.selected_cols)
      .map((name) => typedName(String(name)))
      .join('\n'),
    split: parameters.split_method === 'none' ? 'none' : subsets === null ? 'fraction' : 'subsets',
    trainFraction: text(parameters.train_fraction),
    train: subsets === null ? EMPTY_FORM.train : text(subsets.train),
    validation: subsets === null ? EMPTY_FORM.validation : text(subsets.validation),
    test: subsets === null ? EMPTY_FORM.test : text(subsets.test),
    seed: text(parameters.random_seed),
    railReady: parameters.rail_ready === true,
    // Runs of old have the format alone that it came to.
    outputFormat: parameters.output_format === null ? '' : run.outputFormat,
  }
}

const mappingOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
