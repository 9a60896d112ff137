import type { Child } from 'hono/jsx'

interface MenuProps {
  /** Unique on the page. */
  readonly id: string
  readonly label: Child
  /** Opens towards the left, for buttons at the right edge. */
  readonly end?: boolean
  readonly look?: string
  readonly children?: Child
}

/**
 * A small menu that opens below its button. It is a popover: no script, closes with Escape and by a press elsewhere, and
 * is never cut off by a table that scrolls.
 */
export const Menu = ({ id, label, children, end, look = 'btn menu' }: MenuProps) => (
  <>
    <button class={look} type="button" popovertarget={id}>
      {label}
    </button>
    <div class={end ? 'menu-box end' : 'menu-box'} id={id} popover="auto">
      {children}
    </div>
  </>
)

interface ConfirmProps {
  /** Unique on the page. */
  readonly id: string
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
export const Confirm = ({ id, label, title, action, confirm, hidden = {}, danger, children }: ConfirmProps) => (
  <>
    <button class={danger ? 'btn danger' : 'btn'} type="button" popovertarget={id}>
      {label}
    </button>
    <form class="menu-box confirm" id={id} popover="auto" method="post" action={action}>
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
        <button class="btn" type="button" popovertarget={id} popovertargetaction="hide">
          Cancel
        </button>
      </p>
    </form>
  </>
)
