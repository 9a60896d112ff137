import type { Child } from 'hono/jsx'

interface FieldProps {
  readonly name: string
  readonly label: Child
  readonly help?: Child
  /** What is wrong with the value, and what to do. */
  readonly error?: string | null | undefined
  readonly required?: boolean
  readonly disabled?: boolean
  /** When the same name stands in several forms of a page. */
  readonly id?: string
}

interface TextFieldProps extends FieldProps {
  readonly value?: string | null
  readonly type?: 'text' | 'search' | 'password' | 'number' | 'email' | 'date' | 'url'
  readonly autocomplete?: string
  readonly placeholder?: string
  readonly maxlength?: number
  readonly min?: number | string
  readonly max?: number | string
  readonly step?: number | 'any'
  /** Unit, written after the box: "arcsec". */
  readonly unit?: string
  readonly autofocus?: boolean
}

const idOf = (field: FieldProps): string => field.id ?? `field-${field.name}`

/** The attributes that tie a control to its help and its error. */
const ties = (field: FieldProps) => {
  const id = idOf(field)
  const described = [field.help ? `${id}-help` : '', field.error ? `${id}-error` : ''].filter(Boolean).join(' ')
  return {
    id,
    name: field.name,
    required: field.required || undefined,
    disabled: field.disabled || undefined,
    'aria-invalid': field.error ? ('true' as const) : undefined,
    'aria-describedby': described || undefined,
  }
}

/** Label above, control, help and error below. */
const Field = ({ field, children }: { field: FieldProps; children?: Child }) => (
  <div class={field.error ? 'field wrong' : 'field'}>
    <label for={idOf(field)}>
      {field.label}
      {field.required ? <span class="required"> required</span> : null}
    </label>
    {children}
    {field.help ? (
      <p class="help" id={`${idOf(field)}-help`}>
        {field.help}
      </p>
    ) : null}
    <FieldError field={field} />
  </div>
)

const FieldError = ({ field }: { field: FieldProps }) =>
  field.error ? (
    <p class="error" id={`${idOf(field)}-error`}>
      {field.error}
    </p>
  ) : null

export const TextField = (field: TextFieldProps) => (
  <Field field={field}>
    <span class="control">
      <input
        {...ties(field)}
        type={field.type ?? 'text'}
        value={field.value ?? ''}
        autocomplete={field.autocomplete}
        placeholder={field.placeholder}
        maxlength={field.maxlength}
        min={field.min}
        max={field.max}
        step={field.step}
        autofocus={field.autofocus || undefined}
      />
      {field.unit ? <span class="unit">{field.unit}</span> : null}
    </span>
  </Field>
)

export const TextArea = (field: FieldProps & { value?: string | null; rows?: number; maxlength?: number }) => (
  <Field field={field}>
    <textarea {...ties(field)} rows={field.rows ?? 6} maxlength={field.maxlength}>
      {/* A text area loses its first line break: give it one to lose. */}
      {`\n${field.value ?? ''}`}
    </textarea>
  </Field>
)

export interface Choice {
  readonly value: string
  readonly label: string
  readonly help?: string
  readonly disabled?: boolean
}

export const SelectField = (
  field: FieldProps & { value?: string | null; choices: readonly Choice[]; empty?: string },
) => (
  <Field field={field}>
    <select {...ties(field)}>
      <Options {...field} />
    </select>
  </Field>
)

/** The options of a select. `empty` is the label of "nothing chosen". */
export const Options = (props: { value?: string | null; choices: readonly Choice[]; empty?: string }) => (
  <>
    {props.empty === undefined ? null : <option value="">{props.empty}</option>}
    {props.choices.map((choice) => (
      <option value={choice.value} selected={choice.value === props.value || undefined} disabled={choice.disabled}>
        {choice.label}
      </option>
    ))}
  </>
)

/** One choice of a few, all of them in sight. */
export const RadioField = ({ value, ...field }: ChoicesProps & { value?: string | null }) => (
  <Choices {...field} type="radio" chosen={value === undefined || value === null ? [] : [value]} />
)

/** Any of a few, all of them in sight. */
export const CheckboxGroup = (field: ChoicesProps & { chosen: readonly string[] }) => (
  <Choices {...field} type="checkbox" />
)

type ChoicesProps = FieldProps & { choices: readonly Choice[] }

const Choices = (field: ChoicesProps & { type: 'radio' | 'checkbox'; chosen: readonly string[] }) => (
  <fieldset
    id={idOf(field)}
    class={field.error ? 'field wrong' : 'field'}
    aria-describedby={field.error ? `${idOf(field)}-error` : undefined}
  >
    <legend>
      {field.label}
      {field.required ? <span class="required"> required</span> : null}
    </legend>
    {field.choices.map((choice) => (
      <label class="choice">
        <input
          type={field.type}
          name={field.name}
          value={choice.value}
          checked={field.chosen.includes(choice.value) || undefined}
          disabled={choice.disabled || undefined}
          required={(field.type === 'radio' && field.required) || undefined}
        />
        <span>
          {choice.label}
          {choice.help ? <small>{choice.help}</small> : null}
        </span>
      </label>
    ))}
    {field.help ? <p class="help">{field.help}</p> : null}
    <FieldError field={field} />
  </fieldset>
)

export const CheckboxField = (field: FieldProps & { checked?: boolean; value?: string }) => (
  <div class={field.error ? 'field wrong' : 'field'}>
    <label class="choice">
      <input {...ties(field)} type="checkbox" value={field.value ?? 'true'} checked={field.checked || undefined} />
      <span>{field.label}</span>
    </label>
    {field.help ? (
      <p class="help" id={`${idOf(field)}-help`}>
        {field.help}
      </p>
    ) : null}
    <FieldError field={field} />
  </div>
)

/** A plain file input. */
export const FileField = (field: FieldProps & { accept?: string }) => (
  <Field field={field}>
    <input {...ties(field)} type="file" accept={field.accept} />
  </Field>
)

/** A place to drop files on, or to press and choose them: a large label around a plain file input. */
export const DropField = (field: FieldProps & { multiple?: boolean; accept?: string }) => (
  <div class={field.error ? 'field wrong' : 'field'}>
    <label class="drop" data-drop="">
      <span class="drop-title">{field.label}</span>
      <input {...ties(field)} type="file" multiple={field.multiple || undefined} accept={field.accept} />
      {field.help ? (
        <span class="help" id={`${idOf(field)}-help`}>
          {field.help}
        </span>
      ) : null}
      <ul class="drop-names" data-drop-names="" />
    </label>
    <FieldError field={field} />
  </div>
)

/** Fields that are filled in together, in a row where there is room. */
export const SideBySide = ({ children }: { children: Child }) => <div class="side-by-side">{children}</div>

/** What the server refused, on top of its form, with links to the fields. Takes the focus when the page opens. */
export const FormProblems = (props: { problems: readonly { field?: string; text: string }[] }) =>
  props.problems.length === 0 ? null : (
    <div class="notice problem" role="alert" tabindex={-1} autofocus>
      <p>
        <strong>
          {props.problems.length === 1 ? 'One thing to correct' : `${props.problems.length} things to correct`}
        </strong>
      </p>
      <ul>
        {props.problems.map((problem) => (
          <li>{problem.field ? <a href={`#field-${problem.field}`}>{problem.text}</a> : problem.text}</li>
        ))}
      </ul>
    </div>
  )
