interface CodeBlockProps {
  /** Unique on the page. */
  readonly id: string
  readonly code: string
  /** What it is, for screen readers. */
  readonly label: string
  /** Long: scrolls in its own box. */
  readonly tall?: boolean
  /** False when the button stands elsewhere. */
  readonly copy?: boolean
}

/** Code or a log to read and to copy. The button shows when scripts run. */
export const CodeBlock = ({ id, code, label, tall, copy = true }: CodeBlockProps) => (
  <div class={tall ? 'code tall' : 'code'}>
    <section tabindex={0} aria-label={label}>
      <pre>
        <code id={id}>{code}</code>
      </pre>
    </section>
    {copy ? <CopyButton source={id} label={label} /> : null}
  </div>
)

/** Copies the text, or the value, of the element with the id `source`. */
export const CopyButton = ({ source, label }: { source: string; label: string }) => (
  <button class="btn quiet copy" type="button" data-copy={source} data-script-only="" hidden>
    Copy<span class="aloud"> {label}</span>
  </button>
)
