import type { Child } from 'hono/jsx'
import { Tabs } from '../../components/tabs.tsx'
import type { Frame } from '../../frame.ts'
import { Layout } from '../../layout.tsx'

const PAGES = [
  ['people', 'People and groups', '/admin'],
  ['releases', 'Releases', '/admin/releases'],
  ['official', 'Official products', '/admin/official'],
  ['deleted', 'Deleted products', '/admin/deleted'],
  ['read-models', 'Read models', '/admin/read-models'],
  ['integrity', 'Integrity', '/admin/integrity'],
  ['events', 'Events', '/admin/events'],
  ['security', 'Security', '/admin/security'],
  ['downloads', 'Downloads', '/admin/downloads'],
  ['transfer', 'Transfer', '/admin/transfer'],
] as const

export type AdminPageName = (typeof PAGES)[number][0]

/** The frame of the administrators' pages. `title` names the page of one thing among those of `current`. */
export const AdminShell = (props: { frame: Frame; current: AdminPageName; title?: string; children?: Child }) => (
  <Layout
    frame={props.frame}
    title={`${props.title ?? PAGES.find(([name]) => name === props.current)?.[1] ?? ''}, administration`}
  >
    <h1>Administration</h1>
    <Tabs
      label="Administration"
      current={props.current}
      tabs={PAGES.map(([name, label, href]) => ({ name, label, href }))}
    />
    {props.children}
  </Layout>
)
