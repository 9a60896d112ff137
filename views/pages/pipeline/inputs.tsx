import { Badge, StaleBadge } from '../../components/badge.tsx'
import { Scroll } from '../../components/data-table.tsx'
import { RadioField } from '../../components/field.tsx'
import { Empty } from '../../components/state.tsx'
import { count, day } from '../../format.ts'

/** A product that can be chosen as an input. */
export interface InputChoice {
  readonly id: number
  readonly internalName: string
  readonly displayName: string
  readonly owner: string
  readonly official: boolean
  /** What it was made from has changed since. */
  readonly stale?: boolean
  readonly rows: number | null
  readonly createdAt: string
  /** Which roles its columns have, for the eye. */
  readonly origin: string
}

interface InputTableProps {
  readonly choices: readonly InputChoice[]
  readonly chosen: readonly number[]
  /** One of them, or several. */
  readonly single?: boolean
  readonly name?: string
  /** What is wrong with the choice. */
  readonly error?: string | null
}

/** What becomes of rows that have no place in the sky. `what` they are: "Rows", "Redshifts". */
export const InvalidRowsField = ({ what, value }: { what: string; value: string }) => (
  <RadioField
    name="on_invalid_rows"
    label={`${what} without valid coordinates`}
    value={value}
    choices={[
      { value: 'fail', label: 'Stop, and say which they are' },
      { value: 'drop', label: 'Leave them out, and say how many' },
    ]}
  />
)

/** All products that can be chosen, the chosen ones first, with a box that narrows them while typing. What is chosen stays chosen. */
export const InputTable = ({ choices, chosen, single, name = 'inputs', error = null }: InputTableProps) =>
  choices.length === 0 ? (
    <Empty title="No catalogs yet" actions={<a href="/product/new">Upload one</a>}>
      Published redshift catalogs that you may see appear here.
    </Empty>
  ) : (
    <>
      {error === null ? null : <p class="pad error">{error}</p>}
      <p class="pad inline-form" data-script-only="" hidden>
        <label class="aloud" for={`filter-${name}`}>
          Narrow the list
        </label>
        <input id={`filter-${name}`} type="search" placeholder="Name, owner, origin…" data-filter={`choices-${name}`} />
      </p>
      <Scroll label="Catalogs">
        <table class="data">
          <caption class="aloud">Catalogs to choose from</caption>
          <thead>
            <tr>
              <th scope="col">
                <span class="aloud">Chosen</span>
              </th>
              <th scope="col">Name</th>
              <th scope="col">Owner</th>
              <th scope="col">Origin</th>
              <th scope="col" class="n">
                Rows
              </th>
              <th scope="col">Created</th>
            </tr>
          </thead>
          <tbody id={`choices-${name}`}>
            {sorted(choices, chosen).map((choice) => (
              <tr>
                <td>
                  <input
                    id={`${name}-${choice.id}`}
                    type={single ? 'radio' : 'checkbox'}
                    name={name}
                    value={String(choice.id)}
                    checked={chosen.includes(choice.id) || undefined}
                  />
                </td>
                <th scope="row" class="wide">
                  <label for={`${name}-${choice.id}`}>{choice.displayName}</label>{' '}
                  {choice.official ? <Badge tone="accent">Official</Badge> : null}{' '}
                  {choice.stale ? <StaleBadge /> : null}
                  <small>
                    <a href={`/product/${choice.internalName}`}>{choice.internalName}</a>
                  </small>
                </th>
                <td>{choice.owner}</td>
                <td>{choice.origin}</td>
                <td class="n">{count(choice.rows)}</td>
                <td>{day(choice.createdAt)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </>
  )

const sorted = (choices: readonly InputChoice[], chosen: readonly number[]): readonly InputChoice[] =>
  choices.toSorted((a, b) => Number(chosen.includes(b.id)) - Number(chosen.includes(a.id)))
