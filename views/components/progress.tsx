import type { Child } from 'hono/jsx'

/** A bar, what is being done, and how to stop it. @param value between 0 and 1; null: nobody knows how long */
export const Progress = (props: { label: string; value: number | null; text?: Child; stop?: Child }) => (
  <div class="progress">
    <div class="progress-head">
      <span>{props.label}</span>
      <span class="n">{props.value === null ? null : `${Math.floor(props.value * 100)} %`}</span>
    </div>
    <progress value={props.value ?? undefined} max={1} aria-label={props.label} />
    {props.text || props.stop ? (
      <div class="progress-foot">
        <span>{props.text}</span>
        {props.stop}
      </div>
    ) : null}
  </div>
)

/** The progress of an upload form (`<form data-upload>`): filled by the script, hidden without it. */
export const UploadProgress = () => (
  <div class="progress" data-upload-progress="" hidden>
    <div class="progress-head">
      <span>Uploading</span>
    </div>
    <progress max={1} value={0} aria-label="Uploaded so far" />
    <div class="progress-foot">
      <span data-upload-text="" role="status" />
      <button class="btn" type="button" data-upload-stop="">
        Stop
      </button>
    </div>
  </div>
)
