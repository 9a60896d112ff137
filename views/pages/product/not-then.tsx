import { ButtonLink } from '../../components/button.tsx'
import { excerpt, instant } from '../../format.ts'
import type { Frame } from '../../frame.ts'
import { Layout } from '../../layout.tsx'

interface NotThenProps {
  readonly frame: Frame
  readonly name: string
  /** Since when it can be seen. */
  readonly since: string
  readonly href: string
}

/** A product that is asked for as of a moment at which it was not there. */
export const NotThenPage = ({ frame, name, since, href }: NotThenProps) => (
  <Layout frame={frame} title="It was not here then">
    <h1>It was not here then</h1>
    <p class="lead">
      “{excerpt(name, 120)}” has been here since {instant(since)}. As of the moment that the address names, there was
      nothing of it to be seen.
    </p>
    <p class="actions">
      <ButtonLink href={href} kind="main">
        See it as it is today
      </ButtonLink>
      <ButtonLink href={`${href}?tab=history`}>Its history</ButtonLink>
    </p>
  </Layout>
)
