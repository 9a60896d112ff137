import type { Child } from 'hono/jsx'
import { Button } from '../../components/button.tsx'
import { Panel } from '../../components/panel.tsx'
import { Empty } from '../../components/state.tsx'
import type { Frame } from '../../frame.ts'
import { Layout } from '../../layout.tsx'
import { SideLinks } from './differences.tsx'
import type { Sides } from './model.ts'

/** A page on which two things are chosen and compared; `choose` says what for, until they are chosen. */
export const CompareShell = (props: {
  frame: Frame
  /** What is compared, e.g. "products". */
  what: string
  /** The list that these things stand in. */
  list: { readonly text: string; readonly href: string }
  action: string
  swapHref?: string | null
  left: Child
  right: Child
  choose: string
  comparison: (Sides & { readonly summary: string }) | null
  children?: Child
}) => {
  const { frame, what, list, action, swapHref = null, left, right, choose, comparison, children } = props
  return (
    <Layout
      frame={frame}
      title={comparison === null ? `Compare two ${what}` : `${comparison.left.label} and ${comparison.right.label}`}
      crumbs={[list, { text: 'Compare' }]}
    >
      <div class="stack">
        <h1>Compare two {what}</h1>
        {comparison === null ? null : <SideLinks comparison={comparison} />}
        <Panel title="Which" aside={swapHref === null ? null : <a href={swapHref}>Change places</a>}>
          <form class="stack" method="get" action={action}>
            <div class="columns">
              {left}
              {right}
            </div>
            <p class="actions">
              <Button kind="main">Compare</Button>
            </p>
          </form>
        </Panel>
        {comparison === null ? <Empty title={`Choose two ${what}`}>{choose}</Empty> : children}
      </div>
    </Layout>
  )
}
