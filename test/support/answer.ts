/** JSON of an answer: a test may ask for any member, and none is promised. */
export type Json = ReturnType<typeof JSON.parse>

export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** Undefined when the body is no JSON. */
  readonly json: Json
  readonly text: string
  readonly bytes: Uint8Array
}

/** Reads the whole response. */
export async function answerOf(response: Response): Promise<Answer> {
  const bytes = new Uint8Array(await response.arrayBuffer())
  const text = new TextDecoder().decode(bytes)
  const isJson = /^application\/(?:[\w.-]+\+)?json/.test(response.headers.get('content-type') ?? '')
  return {
    status: response.status,
    headers: response.headers,
    json: isJson ? JSON.parse(text) : undefined,
    text,
    bytes,
  }
}

/**
 * A multipart body as the Python client writes it: fields first, then the file with its name in raw UTF-8 and without a
 * Content-Type.
 */
export function multipart(
  fields: Readonly<Record<string, unknown>>,
  file: { readonly name: string; readonly content: string | Uint8Array; readonly headers?: string } | null,
): { readonly headers: Record<string, string>; readonly body: Uint8Array<ArrayBuffer> } {
  const boundary = 'boundary-of-a-test'
  const parts: (string | Uint8Array)[] = []
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue
    parts.push(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${String(value)}\r\n`)
  }
  if (file !== null) {
    parts.push(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${file.name}"\r\n`)
    parts.push(`${file.headers ?? ''}\r\n`, file.content, '\r\n')
  }
  parts.push(`--${boundary}--\r\n`)
  const bytes = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
  const body = new Uint8Array(bytes.length)
  body.set(bytes)
  return { headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` }, body }
}
