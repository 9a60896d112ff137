import type { Answer, Client } from '../support/app.ts'

export type Fields = Readonly<Record<string, string | readonly string[]>>

/** Posts a form as a browser without scripts does. */
export function post(
  who: Client,
  path: string,
  fields: Fields = {},
  headers: Record<string, string> = {},
): Promise<Answer> {
  const body = new URLSearchParams()
  for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) body.append(name, one)
  return who.send('POST', path, { headers: { Accept: 'text/html', ...headers }, body })
}

/** Posts a form with files, by their names. */
export function upload(
  who: Client,
  path: string,
  field: string,
  files: Readonly<Record<string, string>>,
  more: Fields = {},
): Promise<Answer> {
  const body = new FormData()
  for (const [name, value] of Object.entries(more)) body.append(name, String(value))
  for (const [name, content] of Object.entries(files)) body.append(field, new File([content], name))
  return who.send('POST', path, { headers: { Accept: 'text/html' }, body })
}

export const see = (who: Client, path: string): Promise<Answer> => who.get(path, { Accept: 'text/html' })

/** Where an answer leads; tells the answer when it leads nowhere. */
export const location = (answer: Answer): string =>
  answer.headers.get('location') ?? `no location: ${answer.status} ${answer.text.slice(0, 500)}`
