import {
  CheckboxField,
  type Choice,
  RadioField,
  SelectField,
  SideBySide,
  TextArea,
  TextField,
} from '../../components/field.tsx'
import { Panel } from '../../components/panel.tsx'
import { counted } from '../../format.ts'
import { errorIn, fieldsOf } from './fields.ts'
import { type InputChoice, InputTable, InvalidRowsField } from './inputs.tsx'
import { RequestForm, type RequestFormProps } from './request-form.tsx'

/** What the form holds: texts as they were typed. */
export interface TrainingSetForm {
  readonly displayName: string
  readonly description: string
  readonly inputs: readonly number[]
  /** `release-<number>` or `product-<number>`. */
  readonly objects: string
  readonly radius: string
  readonly find: string
  readonly neighbours: string
  readonly speczSelection: string
  readonly onInvalidRows: string
  readonly fluxType: string
  readonly convertFluxToMag: boolean
  readonly dereddening: string
  readonly selectedColumns: string
  /** `fraction`, `subsets` or `none`. */
  readonly split: string
  readonly trainFraction: string
  readonly train: string
  readonly validation: string
  readonly test: string
  readonly seed: string
  readonly railReady: boolean
  /** Empty: as the redshift catalog. */
  readonly outputFormat: string
}

export interface TrainingSetPageProps extends RequestFormProps {
  readonly form: TrainingSetForm
  readonly catalogs: readonly InputChoice[]
  /** Releases and products with objects. */
  readonly objects: readonly Choice[]
  /** What releases offer, e.g. "DR2: cModel, psf". */
  readonly fluxes: readonly string[]
  /** Which releases have magnitudes or fluxes alone. */
  readonly units: readonly string[]
  readonly dustMaps: readonly string[]
  readonly formats: readonly string[]
}

const FINDS = [
  { value: 'best', label: 'The nearest objects of each redshift', help: 'As many as the number below says.' },
  {
    value: 'each_object',
    label: 'The nearest redshift of each object',
    help: 'No object comes twice, however many redshifts it has.',
  },
  { value: 'all', label: 'Every pair', help: 'All redshifts with all objects within the radius.' },
]
const SELECTIONS = [
  { value: 'all', label: 'All rows' },
  { value: 'winners', label: 'The best of each object alone (tie_result 1)' },
  { value: 'winners_and_ties', label: 'The best, and undecided ties (tie_result 1 and 2)' },
]
const SPLITS = [
  { value: 'fraction', label: 'Training and the rest', help: 'The column is_training_set is 1 or 0.' },
  { value: 'subsets', label: 'Training, validation and test', help: 'The column subset has their names.' },
  { value: 'none', label: 'No split' },
]

/** `/pipelines/training_set_maker` */
export function TrainingSetPage(props: TrainingSetPageProps) {
  const { form, catalogs, objects, problems } = props
  const field = fieldsOf(problems)
  return (
    <RequestForm {...props} name={form.displayName} description={form.description} product="the training set">
      <Panel title="Redshifts" id="field-inputs" aside={counted(catalogs.length, 'redshift catalog')} flush>
        <InputTable choices={catalogs} chosen={form.inputs} error={field('inputs').error} single />
      </Panel>
      <SelectField
        {...field('release')}
        help="The catalog of a release, or a published Objects Catalog."
        value={form.objects}
        choices={objects}
        empty={objects.length === 0 ? 'There is none yet' : 'Choose'}
        required
      />
      <Matching {...props} />
      <Photometry {...props} />
      <Split {...props} />
      <CheckboxField
        {...field('rail_ready')}
        help="HDF5 with the group photometry, columns like mag_i_lsst, mag_err_i_lsst and redshift, and 99.0 for non-detections."
        checked={form.railReady}
      />
      <SelectField
        {...field('output_format')}
        help="RAIL needs HDF5."
        value={form.outputFormat}
        choices={props.formats.map((format) => ({ value: format, label: format }))}
        empty="As the redshift catalog"
      />
    </RequestForm>
  )
}

const Matching = ({ form, problems }: TrainingSetPageProps) => {
  const field = fieldsOf(problems)
  return (
    <Panel title="Matching" level={3}>
      <TextField
        {...field('radius_arcsec')}
        help="A redshift and an object closer than this may be a match."
        type="number"
        min="0.001"
        max="3600"
        step="any"
        unit="arcsec"
        value={form.radius}
        required
      />
      <RadioField {...field('find')} value={form.find} choices={FINDS} required />
      <TextField
        {...field('n_neighbors')}
        help="Only for the nearest objects of each redshift."
        type="number"
        min="1"
        max="1000"
        step={1}
        value={form.neighbours}
      />
      <SelectField
        {...field('specz_selection')}
        help="By tie_result, for a catalog whose duplicates were marked by Combine Redshift Catalogs."
        value={form.speczSelection}
        choices={SELECTIONS}
      />
      <InvalidRowsField what="Redshifts" value={form.onInvalidRows} />
    </Panel>
  )
}

const Photometry = ({ form, fluxes, units, dustMaps, problems }: TrainingSetPageProps) => {
  const field = fieldsOf(problems)
  return (
    <Panel title="Photometry" level={3}>
      <TextField
        {...field('flux_type')}
        help={['auto takes what the catalog offers; or cModel, psf, kron, gaap1p0 …', ...fluxes].join(' ')}
        value={form.fluxType}
        maxlength={64}
        required
      />
      <CheckboxField
        {...field('convert_flux_to_mag')}
        help={['-2.5 log10(flux / nJy) + 31.4; no value for fluxes that are not positive.', ...units].join(' ')}
        checked={form.convertFluxToMag}
      />
      <TextField
        {...field('dereddening')}
        help={['none leaves magnitudes as they were observed.', ...dustMaps].join(' ')}
        value={form.dereddening}
        maxlength={64}
      />
      <TextArea
        {...field('selected_cols')}
        help="Stored or computed ones, one in each line or separated by commas; names with commas in double quotes. Empty: all."
        value={form.selectedColumns}
        rows={3}
      />
    </Panel>
  )
}

const Split = ({ form, problems }: TrainingSetPageProps) => {
  const field = fieldsOf(problems)
  const subsetsError = errorIn(problems, 'subsets')
  const share = (named: { name: string; label: string }, value: string) => (
    <TextField {...named} type="number" min="0" max="1" step="any" value={value} />
  )
  return (
    <Panel title="Split" level={3} id="field-subsets">
      <RadioField name="split" label="Subsets" value={form.split} choices={SPLITS} required />
      {share(field('train_fraction'), form.trainFraction)}
      <SideBySide>
        {share({ name: 'subset_train', label: 'Training' }, form.train)}
        {share({ name: 'subset_validation', label: 'Validation' }, form.validation)}
        {share({ name: 'subset_test', label: 'Test' }, form.test)}
      </SideBySide>
      <p class="help">Training, validation and test add up to 1. All rows of an object fall into the same subset.</p>
      {subsetsError === null ? null : <p class="error">{subsetsError}</p>}
      <TextField
        {...field('random_seed')}
        help="The same seed splits the same way. Empty is 0."
        type="number"
        min="0"
        step={1}
        value={form.seed}
      />
    </Panel>
  )
}
