import type { Child } from 'hono/jsx'
import type { Cell } from '../../../src/tables/inspection.ts'
import { DataTable } from '../../components/data-table.tsx'
import {
  CheckboxField,
  type Choice,
  Options,
  RadioField,
  SelectField,
  TextArea,
  TextField,
} from '../../components/field.tsx'
import { cell, count, excerpt, number, share } from '../../format.ts'

/** What a person may say about a product; the same fields when it is new and when it is edited. */
export interface MetadataForm {
  readonly displayName: string
  readonly type: string
  readonly release: string | null
  readonly pzCode: string | null
  readonly description: string | null
  readonly official: boolean
}

/** Which fields there are for this type of product and this person. */
export interface MetadataRules {
  readonly types: readonly Choice[]
  readonly releases: readonly Choice[]
  readonly takesRelease: boolean
  readonly takesPzCode: boolean
  readonly mayMakeOfficial: boolean
  /** Fixed after creation. */
  readonly typeIsFixed: boolean
}

export type FormErrors = Readonly<Partial<Record<keyof MetadataForm, string>>>

/** Name, type, release, code, description. */
export const MetadataFields = (props: { values: MetadataForm; rules: MetadataRules; errors: FormErrors }) => {
  const { values, rules, errors } = props
  return (
    <>
      <TextField
        name="displayName"
        label="Name"
        value={values.displayName}
        maxlength={255}
        required
        error={errors.displayName}
        help="What it is, in a few words. The internal name and the address are made from it, and stay when you rename it."
      />
      {rules.typeIsFixed ? null : (
        <RadioField name="type" label="Type" value={values.type} choices={rules.types} required error={errors.type} />
      )}
      {rules.takesRelease ? (
        <SelectField
          name="release"
          label="Release"
          value={values.release}
          choices={rules.releases}
          empty="None"
          error={errors.release}
          help={`The survey's data release that it belongs to. Who may see the release may see the product.${rules.typeIsFixed ? '' : ' Redshift catalogs belong to none.'}`}
        />
      ) : null}
      {rules.takesPzCode ? (
        <TextField
          name="pzCode"
          label="Photo-z code"
          value={values.pzCode}
          maxlength={255}
          error={errors.pzCode}
          help={`The algorithm and its version, e.g. BPZ 1.99.${rules.typeIsFixed ? '' : ' For estimates and their validation.'}`}
        />
      ) : null}
      <TextArea
        name="description"
        label="Description"
        value={values.description}
        rows={8}
        error={errors.description}
        help="How it was made, what it is good for, what to beware of. Markdown."
      />
      {rules.mayMakeOfficial ? (
        <CheckboxField
          name="official"
          label="Official product"
          checked={values.official}
          error={errors.official}
          help="In the list of official products, with a mark wherever it is named."
        />
      ) : null}
    </>
  )
}

/** A column of a file, and the role it has or could have. */
export interface RoleRow {
  /** Position in the file, from 0: the name of its control is `role-<index>`. */
  readonly index: number
  readonly name: string
  readonly type: string
  readonly unit: string | null
  readonly samples: readonly Cell[]
  readonly min: number | string | null
  readonly max: number | string | null
  /** Share of rows without a value, 0 to 1. */
  readonly emptyShare: number
  /** What the person chose; '' is none. */
  readonly role: string
  /** What the server suggests, and why: "RA: its name, and all values are between 0 and 360". */
  readonly suggestion: { readonly role: string; readonly reason: string } | null
  readonly error?: string | null
}

/** The roles of columns, each with what its values look like. Columns with a role or a suggestion come first. */
export const RoleTable = (props: {
  rows: readonly RoleRow[]
  roles: readonly Choice[]
  id: string
  /** Id of the form that the controls belong to, when it stands elsewhere on the page. */
  form?: string
}) => {
  const { rows, roles, id, form } = props
  const interesting = (row: RoleRow): boolean => row.role !== '' || row.suggestion !== null || Boolean(row.error)
  const ordered = [...rows.filter(interesting), ...rows.filter((row) => !interesting(row))]
  return (
    <>
      {rows.length > 20 ? (
        <div class="pad" data-script-only="" hidden>
          <div class="field">
            <label for={`${id}-filter`}>Find a column</label>
            <input id={`${id}-filter`} type="search" data-filter={id} autocomplete="off" />
          </div>
        </div>
      ) : null}
      <DataTable
        id={id}
        caption={`${count(rows.length)} columns; those with a role, or that look like one, first`}
        rows={ordered}
        columns={[
          {
            header: 'Column',
            rowHeader: true,
            cell: (row: RoleRow) => (
              <>
                <code class="long-name" title={row.name}>
                  {excerpt(row.name, 60)}
                </code>
                <small>
                  {row.type}
                  {row.unit ? ` · ${row.unit}` : ''}
                </small>
              </>
            ),
          },
          {
            header: 'Role',
            wide: true,
            cell: (row) => <RoleControl row={row} roles={roles} form={form} />,
          },
          {
            header: 'First values',
            mono: true,
            cell: (row) => firstValues(row.samples),
          },
          { header: 'Min', numeric: true, cell: (row) => bound(row.min) },
          { header: 'Max', numeric: true, cell: (row) => bound(row.max) },
          { header: 'Empty', numeric: true, cell: (row) => (row.emptyShare === 0 ? '0' : share(row.emptyShare)) },
        ]}
      />
    </>
  )
}

const bound = (value: number | string | null): string =>
  typeof value === 'number' ? number(value, 7) : excerpt(cell(value), 20)

const RoleControl = (props: { row: RoleRow; roles: readonly Choice[]; form: string | undefined }) => {
  const { row, roles } = props
  const id = `role-${row.index}`
  const custom = row.role !== '' && !roles.some((choice) => choice.value === row.role)
  const described = [row.suggestion ? `${id}-why` : '', row.error ? `${id}-error` : ''].filter(Boolean).join(' ')
  return (
    <>
      <select
        id={`field-${id}`}
        name={id}
        form={props.form}
        aria-label={`Role of ${row.name}`}
        aria-describedby={described || undefined}
        aria-invalid={row.error ? 'true' : undefined}
      >
        <Options
          value={row.role}
          empty="none"
          choices={custom ? [...roles, { value: row.role, label: row.role }] : roles}
        />
      </select>
      {row.suggestion ? (
        <small id={`${id}-why`}>
          {row.suggestion.role === row.role ? 'Suggested: ' : `Could be ${row.suggestion.role}: `}
          {row.suggestion.reason}
        </small>
      ) : null}
      {row.error ? (
        <p class="error" id={`${id}-error`}>
          {row.error}
        </p>
      ) : null}
    </>
  )
}

const VALUES_WIDTH = 44

/**
 * As many whole values as have room, since half an id is another id; of a long text its beginning. Each reads in its own
 * direction.
 */
function firstValues(samples: readonly Cell[]): Child {
  const shown: string[] = []
  let width = 0
  for (const text of samples.map((value) => excerpt(cell(value), VALUES_WIDTH))) {
    width += text.length + 2
    if (shown.length > 0 && width > VALUES_WIDTH) break
    shown.push(text)
  }
  return shown.map((text, index) => (
    <>
      {index > 0 ? '  ' : null}
      <bdi>{text}</bdi>
    </>
  ))
}
