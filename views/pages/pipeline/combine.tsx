import { CheckboxField, RadioField, SelectField, TextArea, TextField } from '../../components/field.tsx'
import { Panel } from '../../components/panel.tsx'
import { counted } from '../../format.ts'
import { type InputChoice, InputTable, InvalidRowsField } from './inputs.tsx'
import { RequestForm, type RequestFormProps } from './request-form.tsx'

/** What the form holds: texts as they were typed. */
export interface CombineForm {
  readonly displayName: string
  readonly description: string
  readonly inputs: readonly number[]
  readonly combineType: string
  readonly flagCut: string
  readonly tieTreatment: string
  readonly priorities: string
  readonly radius: string
  readonly deltaZ: string
  readonly seed: string
  readonly restorePrior: boolean
  readonly removeStars: boolean
  readonly onInvalidRows: string
  readonly dp1: boolean
  readonly rubin: boolean
  readonly extraColumns: string
  readonly outputFormat: string
  /** `server`, `upload`, or the number of the run whose rules are used again. */
  readonly rules: string
}

export interface CombinePageProps extends RequestFormProps {
  readonly form: CombineForm
  readonly catalogs: readonly InputChoice[]
  readonly from: { readonly id: number; readonly name: string; readonly ownRules: boolean } | null
  readonly formats: readonly string[]
  /** What the server's own rules say, for the fields that may be left empty. */
  readonly defaults: { readonly radius: string; readonly deltaZ: string; readonly priorities: string }
}

const MODES = [
  {
    value: 'concatenate',
    label: 'Concatenate',
    help: 'All rows of all catalogs, with flags that can be compared. Duplicates are not looked for.',
  },
  {
    value: 'concatenate_and_mark_duplicates',
    label: 'Mark duplicates',
    help: 'All rows; tie_result says which is the best of its object (1), a duplicate (0), an undecided tie (2) or a star (3).',
  },
  {
    value: 'concatenate_and_remove_duplicates',
    label: 'Remove duplicates',
    help: 'One row for each object. Stars are left out.',
  },
]
const CUTS = [
  { value: '', label: 'No cut: keep every row' },
  { value: '1', label: '1 and better: any redshift' },
  { value: '2', label: '2 and better: more than 70 % sure' },
  { value: '3', label: '3 and better: more than 90 % sure' },
  { value: '4', label: '4 and better: more than 99 % sure' },
]
/** The cuts that are offered, with another one that was asked for through the API. */
const cutsWith = (asked: string) =>
  CUTS.some(({ value }) => value === asked)
    ? CUTS
    : [...CUTS, { value: asked, label: OTHER_CUTS[asked] ?? `${asked}: no cut` }]
const OTHER_CUTS: Readonly<Record<string, string>> = { '5': '5 and better: stars alone', '6': '6: stars alone' }

const TIES = [
  { value: 'remove_all', label: 'Remove all tied rows' },
  { value: 'keep_all', label: 'Keep all tied rows' },
  { value: 'draw_one', label: 'Draw one at random, with the seed below' },
]

/** `/pipelines/combine_redshift_dedup` */
export function CombinePage(props: CombinePageProps) {
  const { form, from } = props
  return (
    <RequestForm {...props} name={form.displayName} description={form.description} product="the catalog">
      <Panel
        title="Catalogs to combine"
        id="field-inputs"
        aside={counted(props.catalogs.length, 'redshift catalog')}
        flush
      >
        <InputTable choices={props.catalogs} chosen={form.inputs} />
      </Panel>
      <RadioField name="combine_type" label="What to make" value={form.combineType} choices={MODES} required />
      <SelectField
        name="z_flag_homogenized_value_to_cut"
        label="Least quality of a redshift"
        help="In homogenized flags. Stars (6) pass every cut."
        value={form.flagCut}
        choices={cutsWith(form.flagCut)}
      />
      <Duplicates {...props} />
      <Columns form={form} />
      <Rules form={form} from={from} />
      <SelectField
        name="output_format"
        label="Format of the result"
        value={form.outputFormat}
        choices={props.formats.map((format) => ({ value: format, label: format }))}
      />
    </RequestForm>
  )
}

const Duplicates = ({ form, defaults }: CombinePageProps) => (
  <Panel title="Duplicates" level={3}>
    <TextField
      name="crossmatch_radius_arcsec"
      label="Radius"
      help={`Rows closer than this are the same object. Empty: as the rules file says (the server's: ${defaults.radius}).`}
      type="number"
      min="0.001"
      max="60"
      step="any"
      unit="arcsec"
      value={form.radius}
    />
    <TextField
      name="delta_z_threshold"
      label="Redshifts that agree"
      help={`Tied rows whose redshifts differ by no more than this are one measurement; 0 turns it off. Empty: as the rules file says (${defaults.deltaZ}).`}
      type="number"
      min="0"
      max="100"
      step="any"
      value={form.deltaZ}
    />
    <TextField
      name="tiebreaking_priority"
      label="What decides between duplicates"
      help={`Columns, the most important first, separated by commas; higher wins, or lower with a minus before it, like -z_err; a name with commas in double quotes. Empty: as the rules file says (${defaults.priorities}).`}
      value={form.priorities}
      maxlength={1000}
    />
    <SelectField
      name="tie_treatment_option"
      label="Ties that cannot be decided"
      help="Only when duplicates are removed."
      value={form.tieTreatment}
      choices={TIES}
    />
    <TextField
      name="seed"
      label="Seed of the draw"
      help="The same seed draws the same rows."
      type="number"
      min="0"
      step={1}
      value={form.seed}
    />
    <CheckboxField
      name="restore_prior_tie_result"
      label="Rows of an earlier combination that have no neighbours keep their tie_result"
      checked={form.restorePrior}
    />
    <CheckboxField name="remove_stars" label="Leave out stars in every mode" checked={form.removeStars} />
  </Panel>
)

const Columns = ({ form }: { form: CombineForm }) => (
  <Panel title="Rows and columns" level={3}>
    <CheckboxField
      name="insert_rubin_footprint_flag"
      label="Add is_in_rubin_footprint"
      help="South of the footprint's northern limit."
      checked={form.rubin}
    />
    <CheckboxField
      name="insert_DP1_footprint_flag"
      label="Add is_in_DP1_fields"
      help="Within 2.5 degrees of one of the seven DP1 fields."
      checked={form.dp1}
    />
    <TextArea
      name="extra_columns"
      label="Columns to carry along"
      help="One in each line: name type, or name source type; types are str, float, int, bool; names with spaces in double quotes. Example: mag_i imag float"
      value={form.extraColumns}
      rows={3}
    />
    <InvalidRowsField what="Rows" value={form.onInvalidRows} />
  </Panel>
)

const Rules = ({ form, from }: Pick<CombinePageProps, 'form' | 'from'>) => (
  <Panel
    title="Rules for flags"
    level={3}
    aside={<a href="/pipelines/combine_redshift_dedup/rules.yaml">The server's rules</a>}
  >
    <RadioField
      name="rules"
      label="How the flags of surveys are translated"
      value={form.rules}
      choices={[
        { value: 'server', label: "The server's own rules" },
        ...(from?.ownRules ? [{ value: String(from.id), label: `The rules of the run ${from.name}` }] : []),
        { value: 'upload', label: 'My own rules file', help: 'It is checked before anything runs.' },
      ]}
    />
    <div class="field">
      <label for="field-flags_translation_file">Rules file (YAML)</label>
      <input id="field-flags_translation_file" type="file" name="flags_translation_file" accept=".yaml,.yml" />
    </div>
  </Panel>
)
