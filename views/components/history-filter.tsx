import { type Choice, Options } from './field.tsx'

export interface HistoryFilterProps {
  readonly path: string
  /** What the address says besides, and keeps. */
  readonly carried: readonly (readonly [name: string, value: string])[]
  /** Those who did something, with how often; and what was done. */
  readonly people: readonly Choice[]
  readonly kinds: readonly Choice[]
  readonly person: string
  readonly kind: string
}

/** Narrows a history to a person and to a kind of events. */
export const HistoryFilter = ({ path, carried, people, kinds, person, kind }: HistoryFilterProps) => (
  <form class="history-filter actions" method="get" action={path}>
    {carried.map(([name, value]) => (
      <input type="hidden" name={name} value={value} />
    ))}
    <label>
      by{' '}
      <select name="by">
        <Options choices={people} value={person} empty="everybody" />
      </select>
    </label>
    <label>
      about{' '}
      <select name="kind">
        <Options choices={kinds} value={kind} empty="everything" />
      </select>
    </label>
    <button class="btn" type="submit">
      Show
    </button>
  </form>
)
