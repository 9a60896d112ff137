import { CheckboxField, FileField, RadioField, SelectField, TextArea, TextField } from '../../components/field.tsx'
import { Panel } from '../../components/panel.tsx'
import { counted } from '../../format.ts'
import { fieldsOf } from './fields.ts'
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
  const { form, problems } = props
  const field = fieldsOf(problems)
  return (
    <RequestForm {...props} name={form.displayName} description={form.description} product="the catalog">
      <Panel
        title="Catalogs to combine"
        id="field-inputs"
        aside={counted(props.catalogs.length, 'redshift catalog')}
        flush
      >
        <InputTable choices={props.catalogs} chosen={form.inputs} error={field('inputs').error} />
      </Panel>
      <RadioField {...field('combine_type')} value={form.combineType} choices={MODES} required />
      <SelectField
        {...field('z_flag_homogenized_value_to_cut')}
        help="In homogenized flags. Stars (6) pass every cut."
        value={form.flagCut}
        choices={cutsWith(form.flagCut)}
      />
      <Duplicates {...props} />
      <Columns {...props} />
      <Rules {...props} />
      <SelectField
        {...field('output_format')}
        value={form.outputFormat}
        choices={props.formats.map((format) => ({ value: format, label: format }))}
      />
    </RequestForm>
  )
}

const Duplicates = ({ form, defaults, problems }: CombinePageProps) => {
  const field = fieldsOf(problems)
  return (
    <Panel title="Duplicates" level={3}>
      <TextField
        {...field('crossmatch_radius_arcsec')}
        help={`Rows closer than this are the same object. Empty: as the rules file says (the server's: ${defaults.radius}).`}
        type="number"
        min="0.001"
        max="60"
        step="any"
        unit="arcsec"
        value={form.radius}
      />
      <TextField
        {...field('delta_z_threshold')}
        help={`Tied rows whose redshifts differ by no more than this are one measurement; 0 turns it off. Empty: as the rules file says (${defaults.deltaZ}).`}
        type="number"
        min="0"
        max="100"
        step="any"
        value={form.deltaZ}
      />
      <TextField
        {...field('tiebreaking_priority')}
        help={`Columns, the most important first, separated by commas; higher wins, or lower with a minus before it, like -z_err; a name with commas in double quotes. Empty: as the rules file says (${defaults.priorities}).`}
        value={form.priorities}
        maxlength={1000}
      />
      <SelectField
        {...field('tie_treatment_option')}
        help="Only when duplicates are removed."
        value={form.tieTreatment}
        choices={TIES}
      />
      <TextField
        {...field('seed')}
        help="The same seed draws the same rows."
        type="number"
        min="0"
        step={1}
        value={form.seed}
      />
      <CheckboxField {...field('restore_prior_tie_result')} checked={form.restorePrior} />
      <CheckboxField {...field('remove_stars')} checked={form.removeStars} />
    </Panel>
  )
}

const Columns = ({ form, problems }: CombinePageProps) => {
  const field = fieldsOf(problems)
  return (
    <Panel title="Rows and columns" level={3}>
      <CheckboxField
        {...field('insert_rubin_footprint_flag')}
        help="South of the footprint's northern limit."
        checked={form.rubin}
      />
      <CheckboxField
        {...field('insert_DP1_footprint_flag')}
        help="Within 2.5 degrees of one of the seven DP1 fields."
        checked={form.dp1}
      />
      <TextArea
        {...field('extra_columns')}
        help="One in each line: name type, or name source type; types are str, float, int, bool; names with spaces in double quotes. Example: mag_i imag float"
        value={form.extraColumns}
        rows={3}
      />
      <InvalidRowsField what="Rows" value={form.onInvalidRows} />
    </Panel>
  )
}

const Rules = ({ form, from, problems }: CombinePageProps) => {
  const { error } = fieldsOf(problems)('flags_translation_file')
  return (
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
      <FileField name="flags_translation_file" label="Rules file (YAML)" accept=".yaml,.yml" error={error} />
    </Panel>
  )
}
