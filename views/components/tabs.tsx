import { count } from '../format.ts'

export interface Tab {
  readonly name: string
  readonly label: string
  readonly href: string
  /** How many things are behind it. */
  readonly count?: number | null
}

interface TabsProps {
  readonly tabs: readonly Tab[]
  readonly current: string
  readonly label: string
  /** They change a part of the page, which says which; ids keep the focus. */
  readonly boost?: boolean
}

/** Tabs are links: each is a page of its own, with its own address. */
export const Tabs = ({ tabs, current, label, boost }: TabsProps) => (
  <nav class="tabs" aria-label={label} hx-boost:inherited={boost ? 'true' : undefined}>
    <ul>
      {tabs.map((tab) => (
        <li>
          <a
            id={boost ? `tab-${tab.name}` : undefined}
            href={tab.href}
            aria-current={tab.name === current ? 'page' : undefined}
          >
            {tab.label}
            {tab.count === undefined || tab.count === null ? null : <span> {count(tab.count)}</span>}
          </a>
        </li>
      ))}
    </ul>
  </nav>
)
