import { ButtonLink } from '../components/button.tsx'
import { CodeBlock } from '../components/code-block.tsx'
import { bytes } from '../format.ts'
import type { Frame } from '../frame.ts'
import { Layout } from '../layout.tsx'

export interface ErrorProps {
  readonly frame: Frame
  readonly status: number
  /** What is wrong and what to do, when the error knows better than this page. */
  readonly detail?: string | null
  /** To quote to the people who run the server. */
  readonly requestId?: string | null
  /** For 413: most bytes of a file. */
  readonly limit?: number | null
}

interface Words {
  readonly title: string
  readonly text: string
}

/** Any error, as a page: what happened in plain words, and the way on. */
export const ErrorPage = ({ frame, status, detail, requestId, limit }: ErrorProps) => {
  const { title, text } = words(status, limit ?? null)
  return (
    <Layout frame={frame} title={title}>
      <h1>{title}</h1>
      <p class="lead">{detail ?? text}</p>
      <p class="actions">
        {frame.user === null && (status === 401 || status === 403 || status === 404) ? (
          <ButtonLink href={`/sign-in?next=${encodeURIComponent(frame.here)}`} kind="main">
            Sign in
          </ButtonLink>
        ) : null}
        {status >= 500 ? <ButtonLink href={frame.here}>Try again</ButtonLink> : null}
        <ButtonLink href="/products">Search the products</ButtonLink>
        <ButtonLink href="/help">Help</ButtonLink>
      </p>
      {requestId ? (
        <div class="form">
          <p class="muted">
            If it happens again, send this number to the people who run the server; it names this request in the logs.
          </p>
          <CodeBlock id="request-id" code={requestId} label="Request id" />
        </div>
      ) : null}
    </Layout>
  )
}

function words(status: number, limit: number | null): Words {
  switch (status) {
    case 202:
      return { title: 'Recorded', text: 'It is recorded, and will be shown in a moment.' }
    case 400:
    case 422:
      return { title: 'That cannot be understood', text: 'Something in the request is not as it should be.' }
    case 401:
      return { title: 'Please sign in', text: 'This page is for people with an account.' }
    case 403:
      return {
        title: 'Not allowed',
        text: 'You may not do this. Only the owner of a product, or an administrator, may change it.',
      }
    case 404:
      return {
        title: 'There is nothing here',
        text: 'No page or product has this address, or it is in a release that you have no access to.',
      }
    case 409:
    case 412:
      return {
        title: 'Somebody was faster',
        text: 'This was changed after you opened it. Open it again to see the change, then repeat yours.',
      }
    case 413:
      return {
        title: 'The file is too large',
        text: `${limit === null ? 'The file is larger than this server takes' : `This server takes files up to ${bytes(limit)}`}; nothing was stored. You can make an entry with the metadata alone, and say in the description where the data are.`,
      }
    case 429:
      return { title: 'Too many requests', text: 'Please wait a minute, and try again.' }
    case 503:
    case 507:
      return {
        title: 'The server is busy',
        text: 'It cannot do this now. Nothing was lost; please try again in a minute.',
      }
    default:
      return status >= 500
        ? {
            title: 'Something went wrong on our side',
            text: 'It has been written to the log. Nothing was half-stored.',
          }
        : { title: 'That did not work', text: 'The request could not be carried out.' }
  }
}
