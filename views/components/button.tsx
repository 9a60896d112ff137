import type { Child } from 'hono/jsx'
import type { Action } from '../frame.ts'

type Look = 'plain' | 'main' | 'danger' | 'quiet'
const look = (kind: Look): string => (kind === 'plain' ? 'btn' : `btn ${kind}`)

interface ButtonProps {
  readonly kind?: Look
  readonly name?: string
  readonly value?: string
  /** Another address for the form that this button sends. */
  readonly action?: string
  /** A question that must be answered with yes first, when scripts run. */
  readonly confirm?: string
  readonly children?: Child
}

/** Sends its form. */
export const Button = ({ kind = 'plain', name, value, action, confirm, children }: ButtonProps) => (
  <button class={look(kind)} type="submit" name={name} value={value} formaction={action} data-confirm={confirm}>
    {children}
  </button>
)

/** A link that looks like a button: goes somewhere, changes nothing. */
export const ButtonLink = (props: { href: string; kind?: Look; download?: boolean; children?: Child }) => (
  <a class={look(props.kind ?? 'plain')} href={props.href} download={props.download || undefined}>
    {props.children}
  </a>
)

/** A link when it is allowed; else a dimmed button that keeps its place, can be focused, and gives the reason. */
export const ActionButton = ({ action, kind, children }: { action: Action; kind?: Look; children?: Child }) =>
  'href' in action ? (
    <ButtonLink href={action.href} {...(kind ? { kind } : {})}>
      {children}
    </ButtonLink>
  ) : (
    <button class="btn" type="button" aria-disabled="true" title={action.refused}>
      {children}
      <span class="aloud"> (not possible: {action.refused})</span>
    </button>
  )
