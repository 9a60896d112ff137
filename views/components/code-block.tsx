/** Code or a log to read and to copy. `id` names it on the page; the button shows when scripts run. */
export const CodeBlock = ({ id, code, label, tall }: { id: string; code: string; label: string; tall?: boolean }) => (
  <div class={tall ? 'code tall' : 'code'}>
    <section tabindex={0} aria-label={label}>
      <pre>
        <code id={id}>{code}</code>
      </pre>
    </section>
    <CopyButton source={id} label={label} />
  </div>
)

/** Copies the text, or the value, of the element with the id `source`. */
export const CopyButton = ({ source, label }: { source: string; label: string }) => (
  <button class="btn quiet copy" type="button" data-copy={source} data-script-only="" hidden>
    Copy<span class="aloud"> {label}</span>
  </button>
)
