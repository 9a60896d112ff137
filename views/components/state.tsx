import type { Child } from 'hono/jsx'
import type { Flash } from '../frame.ts'

/** Nothing here yet: says why, and what to do next. */
export const Empty = ({ title, children, actions }: { title: string; children?: Child; actions?: Child }) => (
  <div class="empty">
    <p class="empty-title">{title}</p>
    {children ? <div class="empty-text">{children}</div> : null}
    {actions ? <p class="actions">{actions}</p> : null}
  </div>
)

/** Something is being prepared; the page asks again by itself with scripts, and by a link without. */
export const Loading = ({ title, href, children }: { title: string; href: string; children?: Child }) => (
  <div
    class="empty"
    role="status"
    hx-get={href}
    hx-trigger="load delay:1s"
    hx-target="#content"
    hx-select="#content"
    hx-swap="outerHTML show:none"
  >
    <progress aria-label={title} />
    <p class="empty-title">{title}</p>
    {children ? <div class="empty-text">{children}</div> : null}
    <p class="actions">
      <a href={href}>Look again</a>
    </p>
  </div>
)

/** Something in the page could not be made: what, why, what to do. */
export const Problem = ({ title, children }: { title: string; children?: Child }) => (
  <div class="notice problem" role="alert">
    <p>
      <strong>{title}</strong>
    </p>
    {children}
  </div>
)

/** A remark inside a page. */
export const Notice = ({ kind = 'notice', children }: { kind?: Flash['kind']; children?: Child }) => (
  <div class={`notice ${kind}`}>{children}</div>
)

/** What just happened, on top of the page. */
export const Flashes = ({ flashes }: { flashes: readonly Flash[] }) => (
  <>
    {flashes.map((flash) => (
      <div class={`notice ${flash.kind}`} role={flash.kind === 'problem' ? 'alert' : 'status'}>
        <p>{flash.text}</p>
        {flash.details && flash.details.length > 0 ? (
          <ul>
            {flash.details.map((detail) => (
              <li>{detail}</li>
            ))}
          </ul>
        ) : null}
      </div>
    ))}
  </>
)
