import type { Child } from 'hono/jsx'

/** A small menu that opens below its button: <details>, so that it works without scripts. */
export const Menu = ({ label, children, end, look = 'btn' }: MenuProps) => (
  <details class={end ? 'menu end' : 'menu'} data-menu="">
    <summary class={look}>{label}</summary>
    <div class="menu-box">{children}</div>
  </details>
)

interface MenuProps {
  readonly label: Child
  /** Opens towards the left, for buttons at the right edge. */
  readonly end?: boolean
  readonly look?: string
  readonly children?: Child
}

interface ConfirmProps {
  /** On the button: "Delete". */
  readonly label: Child
  readonly title: string
  readonly action: string
  readonly confirm: string
  /** Fields of the form besides those in the children. */
  readonly hidden?: Readonly<Record<string, string>>
  readonly danger?: boolean
  readonly children?: Child
}

/** Asks before it posts: what will happen, and the button that does it. */
export const Confirm = ({ label, title, action, confirm, hidden = {}, danger, children }: ConfirmProps) => (
  <details class="menu" data-menu="">
    <summary class={danger ? 'btn danger' : 'btn'}>{label}</summary>
    <form class="menu-box confirm" method="post" action={action}>
      <p>
        <strong>{title}</strong>
      </p>
      {children}
      {Object.entries(hidden).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <p class="actions">
        <button class={danger ? 'btn danger solid' : 'btn main'} type="submit">
          {confirm}
        </button>
        <button class="btn" type="button" data-close="" data-script-only="" hidden>
          Cancel
        </button>
      </p>
    </form>
  </details>
)
