import { count } from '../format.ts'

export interface Tab {
  readonly name: string
  readonly label: string
  readonly href: string
  /** How many things are behind it. */
  readonly count?: number | null
}

/** Tabs are links: each is a page of its own, with its own address. */
export const Tabs = ({ tabs, current, label }: { tabs: readonly Tab[]; current: string; label: string }) => (
  <nav class="tabs" aria-label={label}>
    <ul>
      {tabs.map((tab) => (
        <li>
          <a href={tab.href} aria-current={tab.name === current ? 'page' : undefined}>
            {tab.label}
            {tab.count === undefined || tab.count === null ? null : <span> {count(tab.count)}</span>}
          </a>
        </li>
      ))}
    </ul>
  </nav>
)
